"""`python -m recovery restore`: the plan, a question, the execution, and its end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from recovery.aws import must
from recovery.cli.confirmation import CannotAsk, confirm
from recovery.cli.exit_codes import ExitCode
from recovery.cli.follow_loop import follow_to_the_end
from recovery.cli.options import Environment, Json, Where, Yes
from recovery.cli.plan_options import REGION, Options, Way, plan_for, plan_from, taking_options
from recovery.cli.session import Session, begin
from recovery.cli.times import Now
from recovery.restore.attempts import Journal
from recovery.restore.region_plan import AnyPlan

DryRun = Annotated[bool, typer.Option("--dry-run", help="show the plan that the run would execute, and end")]
File = Annotated[Path | None, typer.Option("--plan", metavar="FILE", help="restore this plan, which `plan --json` wrote")]


@taking_options
def restore(
    route: Way,
    *,
    options: Options,
    plan: File = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    env: Environment = "prod",
    region: Where = None,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Restore a store beside the old one, verify it, and let the application use it; or recover a lost region.

    Nothing old is deleted. Shows the plan, asks for the name of the store (of the lost region) to be typed, starts the workflow,
    and follows it. The workflow needs nobody: Ctrl-C leaves it running, and `follow` looks again. Exit code 0 when it is
    recovered and verified, 1 when it is not.
    """
    if as_json and not (yes or dry_run):
        raise CannotAsk("--json asks nothing: add --yes, or --dry-run to see the plan")
    session = begin(env, region, now, recovery=route == REGION)
    looked = plan_from(session, route, plan, options) if plan else plan_for(session, route, options)
    if dry_run or not as_json or looked.problems:
        looked.show(session, as_json=as_json)
    if looked.problems:
        raise typer.Exit(ExitCode.NOT_KEPT)
    if dry_run:
        raise typer.Exit(ExitCode.DONE)
    if not yes:
        confirm(*looked.confirmed, instead="--yes (--dry-run shows the plan)")
    _start(session, looked.plan, as_json=as_json)


def _start(session: Session, plan: AnyPlan, *, as_json: bool) -> None:
    """The same plan twice is one restore: whoever comes second follows the first."""
    journal = Journal(session.strategy, session.region)
    arn = must(session.region.name, lambda: journal.start(plan, 1))
    if arn is None:
        newest = must(session.region.name, lambda: journal.find(plan.plan_id)).newest
        arn = newest.arn if newest else journal.start_next(plan, 1)
        typer.echo(f"recovery: plan {plan.plan_id} was started before; this is its newest attempt", err=True)
    if not as_json:
        typer.echo(f"Started plan {plan.plan_id}. To look again: {session.command('follow', plan.plan_id)}")
    follow_to_the_end(session, plan, arn, as_json=as_json)
