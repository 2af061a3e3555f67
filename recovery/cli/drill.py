"""`python -m recovery drill`: exercise documented routes beside the live stores, and tear down what that made.

The JSON is a contract: keys are added, never renamed or removed while `format` stays the same.

format    1
environment, region
drills    [{route, store, plan_id, execution, record: as `recovery.drills.record` says, with its `key`; null when not followed}]
passed    whether every drill passed; null when they were not followed
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from recovery.aws import AwsTrouble, must
from recovery.cli.console import console, table
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Environment, Json
from recovery.cli.session import Session, begin
from recovery.cli.times import Now, age_text
from recovery.drills.client import RUNNING, Drill, looks, start
from recovery.drills.record import PASSED
from strategy.catalogue.route_names import listed, route_id
from strategy.contracts.requests.drills import drilled

FORMAT = 1
ALL = "all"
_LEAVING = "what runs goes on, and is torn down, without you"
Which = Annotated[str, typer.Option("--route", metavar="ROUTE", help=f"one documented route, or `{ALL}`: {', '.join(listed())}")]
Of = Annotated[str | None, typer.Option("--store", metavar="STORE", help="one store of the strategy; all when absent")]
Where = Annotated[str | None, typer.Option("--region", metavar="REGION", help="where to drill; the primary when absent")]
Follow = Annotated[bool, typer.Option("--follow/--no-follow", help="wait for the end, and tell it; or only start")]


def drill(
    *,
    route: Which = ALL,
    store: Of = None,
    follow: Follow = True,
    env: Environment = "prod",
    region: Where = None,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Restore beside the live store, in subnets that no service can reach; verify, time, tear down, and keep the record.

    In the recovery region: what a lost region's stores would come back from. The application is not touched, and nobody is asked.
    Ctrl-C leaves the drills running. Exit code 0 when every one passed and is gone, 1 when one did not.
    """
    session = begin(env, region, now)
    chosen = _chosen(session, route_id(route), store)
    started = [
        must(
            session.region.name,
            partial(start, session.strategy, session.region, each, name, by=session.made_by),
        )
        for each, name in chosen
    ]
    if not as_json:
        for each in started:
            typer.echo(f"Started: {each.route} of {each.store} in {session.region.name}, as plan {each.plan_id}")
    records = _followed(session, started, as_json=as_json) if follow else {}
    passed = all(records[each]["outcome"] == PASSED for each in started) if follow else None
    if as_json:
        typer.echo(json.dumps(_as_json(session, started, records, passed), indent=2))
    elif follow:
        with console() as out:
            _show([records[each] for each in started], out)
    else:
        typer.echo(f"{_LEAVING.capitalize()}. What they proved: {session.command('status')}")
    if passed is False:
        raise typer.Exit(ExitCode.NOT_KEPT)


def _chosen(session: Session, route: str, store: str | None) -> list[tuple[str, str]]:
    every = [(str(each), of.name) for of, each in drilled(session.strategy, session.region.name)]
    routes, stores = list(dict.fromkeys(each for each, _ in every)), list(dict.fromkeys(name for _, name in every))
    if route not in {ALL, *routes}:
        raise typer.BadParameter(f"--route: found {route!r}; drilled in {session.region.name}: {ALL}, {', '.join(routes)}")
    if store not in {None, *stores}:
        raise typer.BadParameter(f"--store: found {store!r}; allowed: {', '.join(stores)}")
    chosen = [(each, name) for each, name in every if route in {ALL, each} and store in {None, name}]
    if not chosen:
        raise typer.BadParameter(f"--route, --store: {route} is not a route of {store}")
    return chosen


def _followed(session: Session, started: list[Drill], *, as_json: bool) -> dict[Drill, dict[str, Any]]:
    records: dict[Drill, dict[str, Any]] = {}
    try:
        for look in looks(session.strategy, session.region, started):
            said = look.doing if look.status == RUNNING else f"{look.record['outcome']}. {look.record.get('problem', '')}"
            if look.status != RUNNING:
                records[look.drill] = look.record
            if not as_json and said:
                typer.echo(f"{look.drill.route} of {look.drill.store}: {said}".rstrip())
    except KeyboardInterrupt:
        typer.echo(f"recovery: you left; {_LEAVING}. What they proved: {session.command('status')}", err=True)
        raise typer.Exit(ExitCode.STOPPED) from None
    except AwsTrouble as trouble:
        raise AwsTrouble(f"{trouble}; {_LEAVING}. What they proved: {session.command('status')}") from trouble
    return records


def _show(records: list[dict[str, Any]], out: Console) -> None:
    rows = table(out, "route", "store", "outcome", "data is old", "verified after", "gone", "record")
    for each in records:
        torn = each.get("teardown") or {}
        gone = "yes" if torn.get("proven") else "NOT PROVEN"
        style = "green" if each["outcome"] == PASSED else "bold red"
        rows.add_row(
            each["route"],
            each["store"],
            Text(each["outcome"], style),
            _age(each.get("rpo_seconds")),
            _age(each.get("rto_seconds")),
            Text(gone, "green" if gone == "yes" else "bold red"),
            each.get("key", "-"),
        )
    out.print(rows)
    for each in records:
        if each["outcome"] != PASSED:
            out.print(Text(f"{each['route']} of {each['store']}: {each['problem']}", "bold red"))
            out.print(Text(str(each["next"])))


def _age(seconds: float | None) -> str:
    return age_text(timedelta(seconds=seconds)) if seconds is not None else "-"


def _as_json(session: Session, started: list[Drill], records: dict[Drill, dict[str, Any]], passed: bool | None) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "environment": session.strategy.environment,
        "region": session.region.name,
        "drills": [
            {
                "route": each.route,
                "store": each.store,
                "plan_id": each.plan_id,
                "execution": each.execution,
                "record": records.get(each),
            }
            for each in started
        ],
        "passed": passed,
    }
