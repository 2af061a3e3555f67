"""`python -m recovery approve`: a second person's yes to a region's recovery, and to moving the traffic."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from recovery.aws import must
from recovery.cli.confirmation import CannotAsk, confirm
from recovery.cli.console import console
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Environment, Json, PlanId, Where, Yes
from recovery.cli.session import begin
from recovery.cli.times import Now
from recovery.region.approval import NothingToApprove
from recovery.region.approval import approve as give
from recovery.restore.attempts import Journal
from recovery.restore.region_plan import RegionPlan
from strategy.catalogue.region_steps import Approval

What = Annotated[
    Approval,
    typer.Option("--for", metavar="WHAT", help="what of it: `recover`, bring the region back; `cut-over`, move the traffic"),
]


def approve(
    plan: PlanId,
    *,
    what: What = Approval.RECOVER,
    yes: Yes = False,
    env: Environment = "prod",
    region: Where = None,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Say yes to a region plan that waits for it. Whoever made the plan may not: AWS says who you are.

    The first yes stands, and is not asked again when the plan is resumed. It is in the record, with your name.
    """
    if as_json and not yes:
        raise CannotAsk("--json asks nothing: add --yes")
    session = begin(env, region, now, recovery=True)
    found = must(session.region.name, lambda: Journal(session.strategy, session.region).find(plan)).plan
    if not isinstance(found, RegionPlan):
        raise NothingToApprove(f"plan {plan} is of one store: it waits for no approval")
    if not yes:
        confirm(f"Approve `{what}` of {found.title}, made by {found.made_by}", found.plan_id, instead="--yes")
    given = must(session.region.name, lambda: give(found, what, session.region.client, by=session.made_by, now=session.now()))
    if as_json:
        typer.echo(json.dumps({"format": 1, "plan_id": plan, "approved": what.value, **given}, indent=2))
    else:
        with console() as out:
            out.print(f"Plan {plan}: `{what}` approved by {given['by']} at {given['at']}")
    raise typer.Exit(ExitCode.DONE)
