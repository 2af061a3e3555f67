"""Values as people read them. No pydantic: Lambda functions say them too."""

from __future__ import annotations

from datetime import timedelta
from typing import overload


def duration_text(value: timedelta) -> str:
    """A duration as the strategy writes it: `7d`, `13h 26m`, `5m`, `1s`. Hours go past 24, as objectives are in hours."""
    seconds = int(value.total_seconds())
    if seconds and seconds % 86400 == 0 and seconds > 86400:
        return f"{seconds // 86400}d"
    hours, rest = divmod(seconds, 3600)
    parts = [(hours, "h"), (rest // 60, "m"), (rest % 60, "s")]
    return " ".join(f"{number}{unit}" for number, unit in parts if number) or "0m"


@overload
def whole_seconds(value: timedelta) -> int: ...
@overload
def whole_seconds(value: timedelta | None) -> int | None: ...
def whole_seconds(value: timedelta | None) -> int | None:
    """As JSON has a duration; what is unknown stays so."""
    return int(value.total_seconds()) if value is not None else None
