"""`python -m recovery late-writes`: what a returned region had still taken, after the moment that came back in the other one.

The JSON is the record, a contract: see `recovery.late_writes.record`. Exit code 0 when nothing is stranded; 1 when something is,
or could not be counted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import typer
from rich.text import Text

from recovery.aws import Region, must
from recovery.cli.console import console
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Environment, Json, PlanId, Where
from recovery.cli.session import begin
from recovery.cli.times import Now
from recovery.late_writes.ask_region import NothingRecovered, asked, count
from recovery.restore.attempts import Journal
from recovery.restore.execution import looks
from recovery.restore.region_plan import RegionPlan


def late_writes(plan: PlanId, *, env: Environment = "prod", region: Where = None, now: Now = None, as_json: Json = False) -> None:
    """List the late writes that are stranded in the region that was lost: how many, in which tables, of which time.

    `--region` is where the plan ran; the other one must have come back. Nothing is changed there, and nothing is brought over:
    whether to take them over by hand is the bank's to decide, before the old stores are taken down.
    """
    session = begin(env, region, now, recovery=True)
    found = must(session.region.name, lambda: Journal(session.strategy, session.region).find(plan))
    if not isinstance(found.plan, RegionPlan) or found.newest is None:
        raise NothingRecovered(f"plan {plan} is no region's, or AWS knows none of its attempts any more")
    *_, end = looks(session.region, found.plan, found.newest.arn)
    old = Region(found.plan.lost_region)
    event = must(old.name, lambda: asked(session.strategy, old, end.record, by=session.made_by))
    record = must(old.name, lambda: count(session.strategy, old, event, now=session.begun))
    if as_json:
        typer.echo(json.dumps(record, indent=2))
    else:
        show(record)
    raise typer.Exit(ExitCode.DONE if record["outcome"] == "none" else ExitCode.NOT_KEPT)


def show(record: Mapping[str, Any]) -> None:
    with console() as out:
        out.print(
            Text(f"Late writes in {record['region']}, after what plan {record['plan_id']} brought back elsewhere", style="bold")
        )
        total = 0
        for store in record["stores"]:
            out.print(Text(f"{store['store']}  {store['resource']}, since {store['since']}"))
            for table in store["tables"]:
                total += table["count"] or 0
                out.print(Text(f"  {_line(table)}"))
        out.print(Text(f"{total} in all: {record['outcome'].replace('-', ' ')}", style="bold"))
        if total:
            out.print(
                Text(
                    "Nothing was changed. They are in the old stores alone: take over what must be, before those are taken down."
                )
            )


def _line(table: Mapping[str, Any]) -> str:
    if table["count"] is None:
        return f"{table['table']}  not counted: {table['because']}"
    span = f", from {table['first']} to {table['last']}" if table["count"] else ""
    besides = f" ({table['because']})" if table["because"] else ""
    return f"{table['table']}  {table['count']}{span}{besides}"
