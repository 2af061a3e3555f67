"""Moments on the command line: ISO 8601 with a zone or an age in, ISO 8601 in UTC and an age in words out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

_SUCH_AS = "a moment such as 2026-11-23T03:00Z"
_UNITS = "seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d"
_AGE, _AGE_PARTS = rf"\d+\s*(?:{_UNITS})", rf"(?i)(\d+)\s*({_UNITS})"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def moment(text: str) -> datetime:
    """A moment in UTC. A time without a zone is refused with its two readings: at 3 a.m. nobody should have to guess."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"found {text!r}; allowed: {_SUCH_AS}") from error
    if found.tzinfo is None:
        utc, here = found.replace(tzinfo=UTC), found.astimezone()
        readings = f"{utc.isoformat()} (UTC) or {here.isoformat()} (this machine's zone)"
        raise typer.BadParameter(f"found {text!r}, without a zone; say which: {readings}")
    return found.astimezone(UTC)


def moment_or_age(text: str, now: datetime) -> datetime:
    """As `moment`; or before `now`, as in `2h ago` and `1 day 4 hours ago`."""
    age = re.fullmatch(rf"((?:{_AGE}\s*)+)ago", text.strip(), flags=re.IGNORECASE)
    if age is None:
        try:
            return moment(text)
        except typer.BadParameter as error:
            raise typer.BadParameter(f"--at: {error.message.replace(_SUCH_AS, f'{_SUCH_AS}, or `2h ago`')}") from error
    parts = [(int(number), _SECONDS[unit[0].lower()]) for number, unit in re.findall(_AGE_PARTS, age[1])]
    try:
        return now.astimezone(UTC) - timedelta(seconds=sum(number * unit for number, unit in parts))
    except OverflowError as error:
        raise typer.BadParameter(f"--at: found {text!r}, which is before all calendars; allowed: {_SUCH_AS}") from error


def now() -> datetime:
    """The moment, read here and nowhere deeper."""
    return datetime.now(UTC)


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
    typer.Option("--now", parser=moment, metavar="TIME", help="as of this moment, for rehearsals; now when absent"),
]
