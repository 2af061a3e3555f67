"""`python -m recovery cleanup`: what restores have left behind, and taking away what a drill made.

The JSON is a contract: keys are added, never renamed or removed while `format` stays the same.

format    1
found     [{store, kind, name, plan_id, state, drill, live, running, kept_because: empty when it may be deleted}]
deleted   the names of what was deleted, and was then seen to be gone
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer
from rich.text import Text

from recovery.aws import must
from recovery.cli.confirmation import confirm
from recovery.cli.console import console, table
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Environment, Json, Where, Yes
from recovery.cli.session import Session, begin
from recovery.cli.times import Now
from recovery.restore.leftovers import Leftover, delete, leftovers

FORMAT = 1
Made = Annotated[
    str | None, typer.Argument(metavar="[PLAN]", help="delete what the drill of this plan made; only list when absent")
]


def cleanup(
    plan: Made = None,
    *,
    yes: Yes = False,
    env: Environment = "prod",
    region: Where = None,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """List what restores have left in a region; with PLAN, delete what that plan made, if it was a drill.

    Never deleted: what no drill made, what the application uses, and what a running plan works on. Exit code 1 when PLAN left
    something that is kept.
    """
    session = begin(env, region, now)
    found = must(session.region.name, lambda: leftovers(session.strategy, session.region))
    mine = tuple(each for each in found if plan in {None, each.plan_id})
    deletable = [each for each in mine if not each.kept_because] if plan else []
    if not as_json:
        _show(session, mine, plan)
    deleted = []
    for each in deletable:
        if not yes:
            confirm(f"Delete {each.name}", each.name, instead=f"--yes to: cleanup {plan}")
        must(session.region.name, partial(delete, session.strategy, session.region, each))
        deleted.append(each.name)
        if not as_json:
            typer.echo(f"Deleted {each.name}, and AWS no longer has it.")
    if as_json:
        listed = [asdict(each) | {"kept_because": each.kept_because} for each in mine]
        typer.echo(json.dumps({"format": FORMAT, "found": listed, "deleted": deleted}, indent=2))
    if plan and len(deletable) < len(mine):
        raise typer.Exit(ExitCode.NOT_KEPT)


def _show(session: Session, found: tuple[Leftover, ...], plan: str | None) -> None:
    with console() as out:
        if not found:
            of = f"plan {plan}" if plan else "restores"
            out.print(f"Nothing of {of} is left in {session.region.name}.", markup=False)
            return
        rows = table(out, "resource", "plan", "state", "made by", "may be deleted")
        for each in found:
            made_by = "a drill" if each.drill else "a restore"
            may = f"no: {each.kept_because}" if each.kept_because else f"yes: {session.command('cleanup', each.plan_id)}"
            rows.add_row(Text(each.name), each.plan_id, each.state, made_by, Text(may))
        out.print(rows)
