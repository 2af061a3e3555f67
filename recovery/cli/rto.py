"""`python -m recovery rto`: how long the recovery of the region takes, step by step, beside the procedure by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from recovery.cli import rto_page, rto_picture
from recovery.cli.console import console
from recovery.cli.options import Environment, Json, Primary, Recovery, today
from recovery.cli.rto_report import RtoReport
from strategy import load
from strategy.cost import Prices
from strategy.model.field_types import parse_size
from strategy.model.strategy import Standby


def _size(text: str) -> int:
    try:
        return int(parse_size(text))
    except ValueError as error:
        raise typer.BadParameter(f"found {text!r}; {error}") from error


Size = Annotated[
    int | None,
    typer.Option(parser=_size, metavar="20GB", help="of the database; what the strategy expects in 12 months when absent"),
]
Asked = Annotated[
    Standby | None, typer.Option(help="how much of the recovery region runs beforehand; the strategy's own tier when absent")
]
Html = Annotated[Path | None, typer.Option(metavar="FILE", help="write the picture there as well, a page of its own")]


def rto(
    *,
    env: Environment = "prod",
    primary: Primary = None,
    recovery: Recovery = None,
    size: Size = None,
    tier: Asked = None,
    html: Html = None,
    as_json: Json = False,
) -> None:
    """Draw the recovery of the region as a timeline: critical path, RTO from the incident, the procedure by hand, the tiers.

    Reads only the strategy, whose upper figures it uses; nothing in AWS is asked, and nothing here was measured.
    """
    strategy = load(env, primary=primary, recovery=recovery)
    report = RtoReport.of(strategy, tier or strategy.standby, today(), Prices.load(), size)
    if html is not None:
        try:
            html.write_text(rto_picture.render(report), encoding="utf-8")
        except OSError as error:
            raise typer.BadParameter(f"--html {html}: {error.strerror}; give a file in a folder that exists") from error
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=2))
        return
    with console() as out:
        rto_page.show(report, out)
    if html is not None:
        typer.echo(f"wrote {html}", err=True)
