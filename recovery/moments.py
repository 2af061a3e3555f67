"""Moments as text, one way each: read, and written. All are in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_DATED = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")


def leading_moment(text: str) -> datetime | None:
    """An item's own date, with whatever makes it unique after it (`…Z#000123`); None for what begins with no moment in a zone."""
    dated = _DATED.match(text)
    try:
        return datetime.fromisoformat(dated[0]).astimezone(UTC) if dated else None
    except ValueError:
        return None


def moment_of(text: str) -> datetime:
    """What was written by one of the two below, or by AWS."""
    return datetime.fromisoformat(text).astimezone(UTC)


def moment_text(moment: datetime) -> str:
    """To the second: `2026-11-23T03:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def exact_text(moment: datetime) -> str:
    """With the fraction of a second, where there is one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
