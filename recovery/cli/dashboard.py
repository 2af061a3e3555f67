"""`python -m recovery dashboard`: CloudWatch's dashboard of a region, on a page of one's own."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from recovery.aws import AwsTrouble
from recovery.cli.exit_codes import ExitCode
from recovery.cli.options import Environment, Json, Where
from recovery.cli.session import begin
from recovery.cli.times import Now
from recovery.dashboard.metric_data import read
from recovery.dashboard.page import Dashboard, render
from strategy.catalogue.dashboard import LONG, body

FORMAT = 1
_MOST = 455
"""Days for which CloudWatch keeps metrics."""

Html = Annotated[Path, typer.Option("--html", metavar="FILE", help="where the page goes; what is there is replaced")]
Days = Annotated[int, typer.Option("--days", metavar="N", min=1, max=_MOST, help="how far back it looks")]
_FILE = Path("build/dashboard.html")


def dashboard(
    *,
    env: Environment = "prod",
    region: Where = None,
    html: Html = _FILE,
    days: Days = LONG.days,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Write a region's dashboard, promise versus measured, as one HTML page that needs nothing else.

    It is the body that the stack gives to CloudWatch, read by GetMetricData and DescribeAlarms, and drawn here. Exit code 1 when
    a promise is broken or an alarm rings, 3 when nothing is, but not all could be read or was measured.
    """
    session = begin(env, region, now)
    end = session.now()
    start = end - timedelta(days=days)
    shown = tuple(read(body(session.strategy, session.region.name), session.region, start, end))
    made = Dashboard(session.strategy, session.region.name, start, end, shown, session.region.stand_in)
    try:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(render(made), encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"--html {html}: {error.strerror}; give a file that can be written to") from error
    if as_json:
        found = {"format": FORMAT, "region": made.region, "state": made.state, "broken": made.broken, "unknown": made.unknown}
        typer.echo(json.dumps(found | {"html": str(html)}, indent=2))
    else:
        typer.echo(f"{made.strategy.prefix}, {made.region}: {made.headline}")
        for each in (*made.broken, *made.unknown):
            typer.echo(f"- {each}")
        typer.echo(f"written: {html}")
    if made.broken:
        raise typer.Exit(ExitCode.NOT_KEPT)
    if made.unknown:
        raise AwsTrouble(f"{len(made.unknown)} not known in {made.region}, first {made.unknown[0]}")
