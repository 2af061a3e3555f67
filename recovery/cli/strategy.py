"""`python -m recovery strategy`: what is promised, what it comes to at worst, and whether it is kept."""

from __future__ import annotations

import json

import typer

from recovery.cli import strategy_page
from recovery.cli.console import console
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Day, Environment, Json, Primary, Recovery, today
from recovery.cli.strategy_report import Report
from strategy import load


def strategy(
    *, env: Environment = "prod", primary: Primary = None, recovery: Recovery = None, date: Day = None, as_json: Json = False
) -> None:
    """Show every promise against its worst case, the schedule that really runs, and what is left out.

    Reads only the strategy: nothing in AWS is asked or changed. Exit code 1 when a promise is broken; an accepted breach is
    a warning.
    """
    report = Report.of(load(env, primary=primary, recovery=recovery), date or today())
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=2))
    else:
        with console() as out:
            strategy_page.show(report, out)
    raise typer.Exit(ExitCode.DONE if report.kept else ExitCode.NOT_KEPT)
