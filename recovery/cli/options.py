"""Options that several commands share, spelled alike in all of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

import typer

_FIRST, _LAST = date(1970, 1, 1), date(2198, 12, 31)
"""The years of AWS cron, and a year less: promises are judged for the 12 months ahead."""


def day(text: str) -> date:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise typer.BadParameter(f"found {text!r}; allowed: a day such as 2026-11-23") from error
    if not _FIRST <= day <= _LAST:
        raise typer.BadParameter(f"found {text!r}; allowed: {_FIRST} to {_LAST}")
    return day


def today() -> date:
    """The day in UTC, read here and nowhere deeper."""
    return datetime.now(UTC).date()


Environment = Annotated[str, typer.Option("--env", metavar="NAME", help="which environments/<NAME>.toml")]
Primary = Annotated[str | None, typer.Option(metavar="REGION", help="instead of the strategy's primary region")]
Recovery = Annotated[str | None, typer.Option(metavar="REGION", help="instead of the strategy's recovery region")]
Day = Annotated[
    date | None, typer.Option("--date", parser=day, metavar="YYYY-MM-DD", help="judge as of this day; today (UTC) when absent")
]
Json = Annotated[bool, typer.Option("--json", help="for machines: one JSON value on stdout, nothing else")]
Where = Annotated[str | None, typer.Option("--region", metavar="REGION", help="where the store is; the primary when absent")]
Yes = Annotated[bool, typer.Option("--yes", help="ask nothing: for scripts, and when it was shown before")]
PlanId = Annotated[str, typer.Argument(metavar="PLAN", help="the plan's id, such as r1a2b3c4d")]
