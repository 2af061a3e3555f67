"""SQL expressions that date rows inside the server, on MySQL 8.0 and MariaDB alike, by the columns the strategy names.

A row's date is the later of the two columns; where one is NULL, the other. A row without any is old.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from recovery.mysql import identifier
from recovery.verify.gap import Age, Gap
from strategy.contracts.dates import Columns

_DATES = frozenset({"datetime", "timestamp"})


def usable(table: Mapping[str, Any], key: Sequence[str], changes: Columns | None) -> bool:
    """Both columns are there and hold points in time: a DATE or a number is not guessed at.

    Without a key a changed row moves to another chunk, so such a table must be one whose rows never change.
    """
    if not changes or not (key or changes.created == changes.changed):
        return False
    return all(dateable(table, column) for column in (changes.created, changes.changed))


def dateable(table: Mapping[str, Any], column: str) -> bool:
    """Whether a column is there and holds points in time."""
    return table["columns"].get(column, {}).get("data_type", "").lower() in _DATES


def by_dates(changes: Columns, gap: Gap) -> tuple[str, str, tuple[str, ...]]:
    """A row's age (a `gap.Age`), the sums and the newest date of its group, and the values of both: all dates are UTC.

    The sums are `certain` and `possible` of a `gap.Tally` for rows that are not old, and how many are dated after the moment.
    """
    created, changed = identifier(changes.created), identifier(changes.changed)
    date = created
    if changed != created:
        # A DATETIME and a TIMESTAMP have a greatest of either type, or of text, as the server's version has it.
        date = f"CAST(GREATEST(COALESCE({changed}, {created}), COALESCE({created}, {changed})) AS DATETIME(6))"
    # Most rows are old: their case comes first, and is the only one that is evaluated for them.
    age = (
        f"CASE WHEN COALESCE({date} <= {_AT}, TRUE) THEN {Age.OLD:d} WHEN {date} <= {_AT} THEN {Age.BEFORE:d} "
        f"WHEN {date} <= {_AT} THEN {Age.AFTER:d} ELSE {Age.LATER:d} END"
    )
    measures = (
        f"SUM(CASE WHEN {created} <= {_AT} THEN 1 ELSE 0 END), "
        f"SUM(CASE WHEN {created} <= {_AT} OR {created} > {_AT} THEN 0 ELSE 1 END), "
        f"SUM(CASE WHEN {date} > {_AT} THEN 1 ELSE 0 END), MAX({date})"
    )
    old, before, after = gap.edges
    moments = (old, before, after, old, old, after, gap.end)
    return age, measures, tuple(map(_literal, moments))


def newest(value: object) -> datetime | None:
    """A date as the client read it; a zero date is none."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else None


_AT = "CAST(%s AS DATETIME(6))"


def _literal(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
