"""Values of the strategy inside a sentence.

`{stores[mysql].point_in_time}` is read as the loader's messages spell keys: `stores[mysql]` is the store of that name, and
`[*]` every one of them. A view after a bar says it otherwise: `{rules[daily-backup-rule]|when}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from strategy import Strategy
from strategy.checks.schedule import table
from strategy.model.field_types import duration_text
from strategy.model.strategy import Rule

PLACEHOLDER = re.compile(r"\{([^{}|]+)(?:\|(\w+))?\}")
_STEP = re.compile(r"(\w+)(?:\[([^\]]+)\])?")
_UNITS = {"d": "day", "h": "hour", "m": "minute", "s": "second"}
_DAYS = {
    "Mon": "Monday",
    "Tue": "Tuesday",
    "Wed": "Wednesday",
    "Thu": "Thursday",
    "Fri": "Friday",
    "Sat": "Saturday",
    "Sun": "Sunday",
}
_ANY_YEAR = date(2027, 1, 1)
"""`when` looks at the times and days of a rule, which are the same in every year."""


def fill(text: str, strategy: Strategy) -> str:
    """The sentence with its values; AttributeError or LookupError when the strategy has no such key."""

    def value(match: re.Match[str]) -> str:
        return _joined(list(dict.fromkeys(map(_VIEWS[match[2]], _read(strategy, match[1])))))

    return PLACEHOLDER.sub(value, text)


def _read(strategy: Strategy, path: str) -> list[Any]:
    found: list[Any] = [strategy]
    for step in path.split("."):
        match = _STEP.fullmatch(step)
        if match is None:
            raise LookupError(f"{path}: {step!r} is no key")
        key, name = match.groups()
        found = [getattr(each, key) for each in found]
        if name is not None:
            found = [each for many in found for each in many if name in {"*", each.name}]
    flat = [each for one in found for each in (one if isinstance(one, tuple) else (one,))]
    if not flat:
        raise LookupError(f"the strategy has no {path}")
    return flat


def _joined(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _said(value: Any) -> str:
    """As a person says it: a duration is `12 hours`."""
    if not isinstance(value, timedelta):
        return str(value)
    parts = [(part[:-1], _UNITS[part[-1]]) for part in duration_text(value).split()]
    return " ".join(f"{number} {unit}{'' if number == '1' else 's'}" for number, unit in parts)


def _when(rule: Rule) -> str:
    """`every day at 02:00 and 14:00 UTC`"""
    rows = table((rule,), _ANY_YEAR)
    days = {_DAYS[day] for row in rows for day in row.days}
    which = "day" if len(days) == len(_DAYS) else _joined([day for day in _DAYS.values() if day in days])
    return f"every {which} at {_joined([f'{row.at:%H:%M}' for row in rows])} UTC"


def _years(value: timedelta) -> str:
    """Whole years, leap days counted against it."""
    return f"{int(value.days // 365.25)} years"


_VIEWS: dict[str | None, Callable[[Any], str]] = {None: _said, "when": _when, "years": _years}
