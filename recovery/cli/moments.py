"""Moments on the command line: ISO 8601 with a zone in, ISO 8601 in UTC and an age in words out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer


def moment(text: str) -> datetime:
    """A moment in UTC. A time without a zone is refused with its two readings: at 3 a.m. nobody should have to guess."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"found {text!r}; allowed: a moment such as 2026-11-23T03:00Z") from error
    if found.tzinfo is None:
        utc, here = found.replace(tzinfo=UTC), found.astimezone()
        readings = f"{utc.isoformat()} (UTC) or {here.isoformat()} (this machine's zone)"
        raise typer.BadParameter(f"found {text!r}, without a zone; say which: {readings}")
    return found.astimezone(UTC)


def now() -> datetime:
    """The moment, read here and nowhere deeper."""
    return datetime.now(UTC)


def moment_text(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def age_text(value: timedelta) -> str:
    """`5 minutes`, `3h 20m`, `2 days 4h`: two units, as one says it."""
    minutes = int(value.total_seconds()) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} day{'' if days == 1 else 's'}" + (f" {hours}h" if hours else "")
    if minutes >= 60:
        return f"{hours}h {minutes % 60}m"
    return f"{minutes} minute{'' if minutes == 1 else 's'}" if minutes else "under a minute"


Now = Annotated[
    datetime | None,
    typer.Option("--now", parser=moment, metavar="TIME", help="judge ages as of this moment, for rehearsals; now when absent"),
]
