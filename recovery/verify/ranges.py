"""Ranges of a table's primary key, handed out to several connections: together they take every row once.

Sized by time: a range is made larger or smaller by how long the last one took, so that every statement is short, whatever the
server can do. Bounds live only here; they are never stored or printed.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from pymysql.cursors import Cursor

from recovery.mysql import identifier
from recovery.verify.rows import counts_up
from recovery.verify.slice_bounds import ALL, Range, Within

FIRST_ROWS = 50_000
MOST_ROWS = 2_000_000
SECONDS = 1.0
"""How long the statement over one range should take."""
SPARSE = 4
"""A key with more than so many numbers to a row is walked: its ranges could hold very different numbers of rows."""

LAST_SHARE = 6
"""Of what is left, how much a range may hold."""


class Ranges:
    """Of one table, named by `source`, or of what of it is `within` some bounds; `rows` is about how many that is.

    Safe to share between threads.
    """

    def __init__(
        self, cursor: Cursor, source: str, table: Mapping[str, Any], key: Sequence[str], *, rows: int, within: Within = ALL
    ) -> None:
        self._source, self._key, self._size = source, key, FIRST_ROWS
        self._taking = threading.Lock()
        self._upper = within.upper
        self._after: Range | None = within.lower or ("TRUE", ())
        self._numbers = _numbers(cursor, source, key[0], rows, within) if counts_up(table, key) else None

    def take(self, cursor: Cursor) -> Range | None:
        """The next one; None when there is none left."""
        with self._taking:
            if self._after is None:
                return None
            if not self._key:
                return self._last()
            return self._walk(cursor) if self._numbers is None else self._count(*self._numbers)

    def took(self, seconds: float) -> None:
        """How long the statement over a range ran."""
        with self._taking:
            self._size = max(1, min(MOST_ROWS, int(self._size * min(2.0, max(0.5, SECONDS / max(seconds, 0.001))))))

    def _last(self) -> Range:
        """What is left, without an upper bound but that of all: a row beyond what was expected is taken too."""
        rest, self._after = self._below(self._after or ("FALSE", ())), None
        return rest

    def _below(self, condition: Range) -> Range:
        """The condition, within the upper bound of all."""
        if self._upper is None:
            return condition
        (text, values), (upper, upper_values) = condition, self._upper
        return f"({text}) AND {upper}", (*values, *upper_values)

    def _count(self, low: int, high: int) -> Range:
        # Towards the end ever less: the connections should be done at about the same time.
        name, end = identifier(self._key[0]), low + min(self._size, max(FIRST_ROWS, (high - low) // LAST_SHARE))
        if end > high:
            return self._last()
        condition, values = self._after or ("FALSE", ())
        self._after, self._numbers = (f"{name} >= %s", (end,)), (end, high)
        return f"{condition} AND {name} < %s", (*values, end)

    def _walk(self, cursor: Cursor) -> Range:
        condition, values = self._below(self._after or ("FALSE", ()))
        columns = ", ".join(map(identifier, self._key))
        cursor.execute(
            f"SELECT {columns} FROM {self._source} WHERE {condition} ORDER BY {columns} LIMIT 1 OFFSET {self._size - 1}",  # noqa: S608
            values,
        )
        bound = cursor.fetchone()
        if bound is None:
            return self._last()
        beyond, beyond_values = _beyond(self._key, bound)
        self._after = (beyond, beyond_values)
        return f"({condition}) AND NOT ({beyond})", (*values, *beyond_values)


def _numbers(cursor: Cursor, source: str, name: str, rows: int, within: Within) -> tuple[int, int] | None:
    """The lowest and highest number of a key that is dense enough to be counted through."""
    condition, values = within.condition
    cursor.execute(
        f"SELECT MIN({identifier(name)}), MAX({identifier(name)}) FROM {source} WHERE {condition}",  # noqa: S608 - quoted
        values,
    )
    low, high = cursor.fetchone() or (None, None)
    return None if low is None or high - low > SPARSE * rows else (int(low), int(high))


def _beyond(key: Sequence[str], bound: Sequence[Any]) -> Range:
    """`(a, b) > (x, y)` spelled out, which both optimisers can answer from the key."""
    terms, values = [], list[Any]()
    for last in range(len(key)):
        equal = [f"{identifier(name)} = %s" for name in key[:last]]
        terms.append(" AND ".join([*equal, f"{identifier(key[last])} > %s"]))
        values.extend(bound[: last + 1])
    return " OR ".join(f"({term})" for term in terms), values
