"""The bounds of a slice of a MySQL table: which of its rows belong to it.

They follow from the lowest and highest number the key begins with; a text is cut where a UUID's would be, and bytes as if any
were as likely. So all slices of a table that nobody writes to have bounds that fit each other: every row belongs to one of them,
though of other texts some slices may hold many and others none. The first has no lower bound and the last no upper one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymysql.cursors import Cursor

from recovery.mysql import identifier
from recovery.verify.rows import Spread
from recovery.verify.slices import Slice

Range = tuple[str, Sequence[Any]]
"""A condition, and its values."""


@dataclass(frozen=True, slots=True)
class Within:
    """Both bounds, where there are any."""

    lower: Range | None = None
    upper: Range | None = None

    @property
    def condition(self) -> Range:
        bounds = [bound for bound in (self.lower, self.upper) if bound]
        return " AND ".join(text for text, _ in bounds) or "TRUE", tuple(value for _, values in bounds for value in values)


ALL = Within()


def within(cursor: Cursor, source: str, key: str, among: Spread, one: Slice) -> Within:
    """Of a table, named by `source`, whose key begins with the column `key`, of such values."""
    name = identifier(key)
    if among is Spread.NUMBERS:
        cursor.execute(f"SELECT MIN({name}), MAX({name}) FROM {source}", ())  # noqa: S608 - names are quoted
        low, high = (int(each or 0) for each in cursor.fetchone() or (0, 0))
        begin, end = (low + (high - low + 1) * n // one.of for n in (one.number, one.number + 1))
    else:
        begin, end = (_PREFIX[among](2**16 * n // one.of) for n in (one.number, one.number + 1))
    return Within(
        None if one.number == 0 else (f"{name} >= %s", (begin,)),
        None if one.number == one.of - 1 else (f"{name} < %s", (end,)),
    )


_PREFIX: Mapping[Spread, Callable[[int], Any]] = {
    Spread.HEXADECIMAL: "{:04x}".format,
    Spread.BYTES: lambda number: min(number, 2**16 - 1).to_bytes(2),
}
