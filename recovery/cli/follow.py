"""`python -m recovery follow` and `resume`: looking at a plan that was started, and going on with one that stopped."""

from __future__ import annotations

import typer

from recovery.aws import must
from recovery.cli.exit_codes import ExitCode
from recovery.cli.follow_loop import follow_to_the_end
from recovery.cli.options import Environment, Json, PlanId, Where
from recovery.cli.session import begin
from recovery.cli.times import Now
from recovery.restore.attempts import Journal, NoSuchPlan
from recovery.restore.execution import RUNNING


def follow(plan: PlanId, *, env: Environment = "prod", region: Where = None, now: Now = None, as_json: Json = False) -> None:
    """Show how a plan's newest attempt goes on, until it ends; or how it ended.

    Ctrl-C leaves it running. Exit code 0 when the store is recovered and verified, 1 when it is not.
    """
    session = begin(env, region, now)
    found = must(session.region.name, lambda: Journal(session.strategy, session.region).find(plan))
    if found.newest is None:
        raise NoSuchPlan(f"AWS no longer knows the attempts of plan {plan}; to try again: {session.command('resume', plan)}")
    follow_to_the_end(session, found.plan, found.newest.arn, as_json=as_json)


def resume(plan: PlanId, *, env: Environment = "prod", region: Where = None, now: Now = None, as_json: Json = False) -> None:
    """Go on with a plan whose attempt failed or was stopped: every step finds what it did before, and nothing is made twice.

    While an attempt runs, and after one that recovered the store, nothing is started. Exit codes as of `follow`.
    """
    session = begin(env, region, now)
    journal, name = Journal(session.strategy, session.region), session.region.name
    found = must(name, lambda: journal.find(plan))
    newest = found.newest
    if newest and newest.status == RUNNING:
        typer.echo(
            f"recovery: attempt {newest.number} of plan {plan} is running: nothing was started. "
            f"To look: {session.command('follow', plan)}",
            err=True,
        )
        raise typer.Exit(ExitCode.WRONG_INPUT)
    if newest and newest.status == "SUCCEEDED":
        if not as_json:
            typer.echo(f"Attempt {newest.number} of plan {plan} has recovered the store: there is nothing to resume.")
        follow_to_the_end(session, found.plan, newest.arn, as_json=as_json)
    arn = must(name, lambda: journal.start_next(found.plan, newest.number if newest else 0))
    if not as_json:
        typer.echo(f"Started attempt {arn.rpartition('-')[2]} of plan {plan}. To look again: {session.command('follow', plan)}")
    follow_to_the_end(session, found.plan, arn, as_json=as_json)
