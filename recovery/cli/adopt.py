"""`python -m recovery adopt`: what remains after a restore that the application uses, so that the next deployment knows it.

The JSON is a contract: keys are added, never renamed or removed while `format` stays the same.

format, plan_id, store, resource, file, line   the line, and the file where it goes under the store's `[[stores]]`
written       whether it stands there; exit code 1 when the application does not use the restored store
in_use        the store that the application uses now
commands, checks   to be typed in this order
"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from recovery import endpoint
from recovery.aws import must
from recovery.cli.console import console
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Environment, Json, PlanId, Where
from recovery.cli.session import Session, begin
from recovery.cli.times import Now
from recovery.restore.adoption import Adoption, CannotAdopt, adoption, write
from recovery.restore.attempts import Journal
from recovery.restore.region_plan import RegionPlan
from strategy import load
from strategy.catalogue.store_arns import physical_name
from strategy.model.loader import ENVIRONMENTS

FORMAT = 1
Write = Annotated[bool, typer.Option("--write", help="put the line into environments/<NAME>.toml, and load it to prove it")]


def adopt(
    plan: PlanId,
    *,
    write_: Write = False,
    env: Environment = "prod",
    region: Where = None,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Show how a restored store becomes the stack's own: one line in the strategy, and one deployment, which imports it.

    Changes nothing in AWS, and no file without `--write`. Until it is done the store is not in the backup plan.
    """
    session = begin(env, region, now)
    found = must(session.region.name, lambda: Journal(session.strategy, session.region).find(plan)).plan
    if isinstance(found, RegionPlan):
        raise CannotAdopt(f"plan {plan} is a region's: adopt its stores by their own plans, which its record names")
    store = session.strategy.store(found.store)
    prefix, named = session.strategy.prefix, physical_name(session.strategy, store)
    in_use = must(session.region.name, lambda: endpoint.in_use(session.region.client("ssm"), prefix, store.name, otherwise=named))
    what = adoption(session.strategy, found)
    used = in_use == found.target.name
    if used and write_ and not what.done:
        write(what)
        what = adoption(load(env), found)
    if as_json:
        typer.echo(json.dumps(_as_json(what, in_use), indent=2))
    else:
        _show(session, what, in_use)
    if not used:
        raise typer.Exit(ExitCode.NOT_KEPT)


def _as_json(what: Adoption, in_use: str) -> dict[str, object]:
    return {
        "format": FORMAT,
        "plan_id": what.plan.plan_id,
        "store": what.plan.store,
        "resource": what.plan.target.name,
        "file": f"environments/{what.plan.environment}.toml",
        "line": what.line,
        "written": what.done,
        "in_use": in_use,
        "commands": what.commands,
        "checks": what.checks,
    }


def _show(session: Session, what: Adoption, in_use: str) -> None:
    plan = what.plan
    with console() as out:
        if in_use != plan.target.name:
            out.print(f"The application uses {in_use}, not {plan.target.name}: there is nothing to adopt.", markup=False)
            return
        file = f"{ENVIRONMENTS.name}/{plan.environment}.toml"
        there = "It is there." if what.done else f"{session.command('adopt', plan.plan_id, '--write')} puts it there."
        out.print(f"1. In {file}, in the [[stores]] table named {plan.store}:", markup=False)
        out.print(f"     {what.line}", markup=False)
        out.print(f"   {there}", markup=False)
        if what.commands:
            out.print(
                "2. Read what will change, then import it. Nothing is restored, restarted or deleted by this: the stack takes"
            )
            out.print("   the restored store as it is, and lets go of the old one, which is kept.")
        else:
            out.print("2. The store belongs to somebody else's code: have it imported there, under its new name.")
        for command in what.commands:
            out.print(f"     {command}", markup=False)
        out.print("3. Check that the stack has it, and that nothing is left to be fixed:")
        for command in what.checks:
            out.print(f"     {command}", markup=False)
