"""`python -m recovery report`: what was promised in a quarter beside what was measured, for the auditor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from recovery.aws import AwsTrouble, Region, caller
from recovery.cli import times
from recovery.cli.console import console
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Environment, Json
from recovery.cli.times import Now
from recovery.report import page
from recovery.report.quarter import NoQuarter, Quarter
from recovery.report.report import Audit
from recovery.report.sources import gather
from recovery.report.tables import tables
from strategy import Strategy, load


def _quarter(text: str) -> Quarter:
    try:
        return Quarter.parse(text)
    except NoQuarter as error:
        raise typer.BadParameter(str(error)) from error


Which = Annotated[
    Quarter | None, typer.Option("--quarter", parser=_quarter, metavar="2026Q4", help="the quarter; this one when absent")
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="folder for the page, its JSON and its tables")]
Asked = Annotated[
    str | None, typer.Option("--region", metavar="REGION", help="the region that is asked first; the primary when absent")
]
_OUT = Path("build/report")


def report(
    *,
    env: Environment = "prod",
    quarter: Which = None,
    out: Out = _OUT,
    region: Asked = None,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Write the report of a quarter: one HTML page that needs nothing else, its JSON, and CSV tables.

    Reads the evidence, jobs and alarms of both regions; a region that does not answer is named, and the other's replica is read.
    Exit code 1 when something failed, is open, overdue or unproved; 3 when nothing is, but not all could be read.
    """
    strategy, moment = load(env), now or times.now()
    first = _first(strategy, region)
    asked = quarter or Quarter.of(moment)
    if asked.start > moment:
        raise typer.BadParameter(f"--quarter: found {asked}, which has not begun")
    gathered = gather(strategy, (first, Region(strategy.regions.other(first.name))), asked, moment)
    if not gathered.chains:
        raise AwsTrouble(f"no region's evidence could be read: {gathered.missing[0]}")
    audit = Audit.of(strategy, asked, moment, gathered)
    written = _write(audit, out)
    if as_json:
        typer.echo(json.dumps(audit.as_json(), indent=2))
        typer.echo(f"wrote {written}", err=True)
    else:
        with console() as there:
            style = {"good": "bold green", "bad": "bold red"}.get(audit.state, "bold yellow")
            there.print(Text(f"{strategy.prefix}, {asked}: {audit.headline}", style=style))
            for each in (*audit.problems, *(f"not read: {text}" for text in gathered.missing)):
                there.print(Text(each))
            there.print(Text(f"written: {written}"))
    if audit.state == "bad" or audit.unproved:
        raise typer.Exit(ExitCode.NOT_KEPT)
    if gathered.missing:
        raise AwsTrouble(f"not all could be read, first {gathered.missing[0]}")
    if audit.state != "good":
        raise typer.Exit(ExitCode.NOT_KEPT)


def _first(strategy: Strategy, region: str | None) -> Region:
    """The account is made sure of where an answer comes from: the region asked for may be the one that is gone."""
    regions = strategy.regions
    name = region or regions.primary
    if name not in {regions.primary, regions.recovery}:
        raise typer.BadParameter(f"--region: found {name!r}; allowed: {regions.primary} or {regions.recovery}")
    first = Region(name)
    try:
        caller(first, strategy.account, strategy.environment)
    except AwsTrouble:
        other = Region(regions.other(name))
        caller(other, strategy.account, strategy.environment)
        return other
    return first


def _write(audit: Audit, out: Path) -> Path:
    """The page's path. What is written replaces what was there under the same names."""
    name = f"{audit.strategy.prefix}-{audit.quarter}"
    files = {f"{name}.html": page.render(audit), f"{name}.json": json.dumps(audit.as_json(), indent=2) + "\n"}
    files |= {f"{name}-{table}.csv": text for table, text in tables(audit).items()}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for file, text in files.items():
            (out / file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"--out {out}: {error.strerror}; give a folder that can be written to") from error
    return out / f"{name}.html"
