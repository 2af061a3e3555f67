"""From chunks that differ to the rows that do: two servers, one table, the keys of its rows and the names of their columns.

Only keys and hashes cross the network, and only those of some chunks that differ. For whoever stands before two copies of a bank;
a manifest holds no keys, so against one there is nothing to narrow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymysql.cursors import Cursor

from recovery.mysql import identifier
from recovery.verify import dynamodb
from recovery.verify.content import Part
from recovery.verify.rows import chunk_number, row_hash
from recovery.verify.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CHUNKS = 16
"""Looked into at most, of one table: damage of more is damage of the whole, and its first rows say enough."""
ROWS = 20
"""Named at most, of one table."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not the same in both. `columns` are those that differ; none when it is in one of them only."""

    part: str
    key: tuple[str, ...]
    what: str
    columns: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f" in {', '.join(self.columns)}" if self.columns else ""
        return f"{self.part} {', '.join(self.key) or 'a row without a key'}: {self.what}{where}"


def differing_rows(expected: Cursor, live: Cursor, table: Table, wanted: Part, found: Part) -> Iterator[Row]:
    """At most ROWS of a table that both have, in the order of their keys. The table's definition must be the same in both."""
    pairs = enumerate(zip(wanted.chunks, found.chunks, strict=True))
    chunks = [number for number, (was, is_now) in pairs if was != is_now][:CHUNKS]
    if not chunks:
        return
    was, is_now = (_rows(cursor, table, chunks, len(wanted.chunks)) for cursor in (expected, live))
    different = sorted({key for key, _ in (was - is_now) + (is_now - was)}, key=repr)
    had, has = ({key for key, _ in rows} for rows in (was, is_now))
    for key in different[:ROWS]:
        shown = tuple(map(_shown, key))
        if key in had and key in has:
            columns = _columns(expected, live, table, key) if key else ()
            yield Row(table.part, shown, "differs", columns)
        else:
            yield Row(table.part, shown, "is missing" if key in had else "is not there in the other")


def differing_items(client: DynamoDBClient, tables: tuple[str, str], wanted: Part, found: Part) -> Iterator[Row]:
    """At most ROWS items of two tables, as expected and as found, whose segments differ; both are read once more."""
    if len(wanted.chunks) != len(found.chunks) or wanted == found:
        return
    pairs = enumerate(zip(wanted.chunks, found.chunks, strict=True))
    segments = {number for number, (was, is_now) in pairs if was != is_now}
    try:
        had, has = (dict(dynamodb.hashed(client, table, len(wanted.chunks), segments)) for table in tables)
    except KeyError:
        return  # another key: nothing is the same item
    for key in sorted(key for key in had.keys() | has.keys() if had.get(key) != has.get(key))[:ROWS]:
        was, is_now = had.get(key), has.get(key)
        if was is None or is_now is None:
            yield Row(dynamodb.ITEMS, key, "is missing" if is_now is None else "is not there in the other")
        else:
            names = sorted(name for name in was.keys() | is_now.keys() if was.get(name) != is_now.get(name))
            yield Row(dynamodb.ITEMS, key, "differs", tuple(names))


def _rows(cursor: Cursor, table: Table, chunks: Sequence[int], number: int) -> Counter[tuple[tuple[Any, ...], int]]:
    """Key and hash of every row of some chunks; rows without a key may be there twice."""
    columns, key = table.described["columns"], table.key
    names = "".join(f"{identifier(name)}, " for name in key)
    cursor.execute(
        f"SELECT {names}{row_hash(columns)} FROM {table.source} "  # noqa: S608 - names are quoted, values are parameters
        f"WHERE {chunk_number(columns, key, number)} IN ({', '.join(['%s'] * len(chunks))})",
        chunks,
    )
    return Counter((tuple(row[:-1]), int(row[-1])) for row in cursor.fetchall())


def _columns(expected: Cursor, live: Cursor, table: Table, key: tuple[Any, ...]) -> tuple[str, ...]:
    columns = table.described["columns"]
    hashes = ", ".join(row_hash({name: column}) for name, column in columns.items())
    condition = " AND ".join(f"{identifier(name)} = %s" for name in table.key)
    answers = []
    for cursor in (expected, live):
        cursor.execute(f"SELECT {hashes} FROM {table.source} WHERE {condition}", key)  # noqa: S608
        answers.append(cursor.fetchone() or ())
    return tuple(name for name, was, is_now in zip(columns, *answers, strict=True) if was != is_now)


def _shown(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
