"""`python -m recovery strategy`: what is promised, what it comes to at worst, and whether it is kept; or the strategy itself.

The JSON of `--resolved` is a contract: keys are added, never renamed or removed while `format` stays the same.

format, environment
files       the environment's own file, and base.toml where it extends it
strategy    every value as the files spell it; days as YYYY-MM-DD
"""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from recovery.cli import strategy_page
from recovery.cli.console import console
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Day, Environment, Json, Primary, Recovery, today
from recovery.cli.strategy_report import Report
from strategy import load
from strategy.model.document import Document
from strategy.model.loader import document
from strategy.model.resolved import as_toml

FORMAT = 1
Resolved = Annotated[bool, typer.Option("--resolved", help="print the strategy itself, as TOML, and judge nothing")]


def strategy(
    *,
    env: Environment = "prod",
    primary: Primary = None,
    recovery: Recovery = None,
    date: Day = None,
    resolved: Resolved = False,
    as_json: Json = False,
) -> None:
    """Show every promise against its worst case, the schedule that really runs, and what is left out.

    Reads only the strategy: nothing in AWS is asked or changed. Exit code 1 when a promise is broken; an accepted breach is
    a warning.
    """
    found = load(env, primary=primary, recovery=recovery)
    if resolved:
        _print(document(env, primary=primary, recovery=recovery), as_json=as_json)
        return
    report = Report.of(found, date or today())
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=2))
    else:
        with console() as out:
            strategy_page.show(report, out)
    raise typer.Exit(ExitCode.DONE if report.kept else ExitCode.NOT_KEPT)


def _print(whole: Document, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_as_json(whole), indent=2, default=str))
    else:
        typer.echo(as_toml(whole), nl=False)


def _as_json(whole: Document) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "environment": whole.values["environment"],
        "files": whole.files(()),
        "strategy": whole.values,
    }
