"""Measuring a MySQL server: its schema, and per table the rows and chunk checksums, from one consistent snapshot.

Only counts and checksums cross the network. A table is read in ranges of its primary key so that every statement is short;
the ranges' sums are then added up by chunk. Where the key cannot be walked, or there is none, the table is one range.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from recovery.mysql import engine, identifier, snapshot
from recovery.verify.content import Chunk, Content, Part
from recovery.verify.dates import by_dates, newest, usable
from recovery.verify.gap import Age, Dated, Gap, Tally
from recovery.verify.rows import UnsupportedColumn, chunk_number, row_hash, walkable_key
from recovery.verify.schema import Schema, read_schema

KIND = "mysql"
RANGE_ROWS = 50_000
ROWS_PER_CHUNK = 16
"""Small: in a chunk with a row that was changed since its manifest, the other rows are counted and no longer compared."""
MOST_CHUNKS = 4_096
_UNDATED = ("0", "0, 0, 0, NULL", ())
"""Every row is old, and none is late."""


class MeasurementError(Exception):
    """The store could not be measured as a whole: there is no half measurement."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured, the moment of the snapshot it is true for, and the engine it was read from."""

    taken: datetime
    engine: str
    content: Content
    dated: Mapping[str, Dated] = field(default_factory=dict)
    """Parts whose rows were also told apart by their dates."""


@dataclass(frozen=True, slots=True)
class Like:
    """How to measure a copy that is held against a manifest: cut as it was, and rows told apart by their dates in the gap.

    `changes` names the columns by table: `{"database.table": {"created": …, "changed": …}}`.
    """

    chunks: Mapping[str, int]
    gap: Gap | None = None
    changes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def measure(connection: Connection[Cursor], *, like: Like | None = None) -> Measurement:
    """Everything in the databases this user can see. Raises MeasurementError."""
    try:
        with snapshot(connection) as cursor:
            taken = datetime.now(UTC)
            schema = read_schema(cursor)
            tables = {
                part_name(database, name): _measure_table(cursor, database, name, table, like or Like({}))
                for database, name, table in _tables(schema)
            }
            if read_schema(cursor) != schema:
                raise MeasurementError("the schema was altered while it was being measured")
            content = Content(KIND, schema, {name: part for name, (part, _) in tables.items()})
            dated = {name: dates for name, (_, dates) in tables.items() if dates}
            return Measurement(taken, engine(cursor), content, dated)
    except (pymysql.err.MySQLError, OSError, UnsupportedColumn) as error:
        raise MeasurementError(f"the databases could not be read: {error}") from error


def part_name(database: str, table: str) -> str:
    """`database.table`, quoted only where a plain reading would be ambiguous."""
    return ".".join(name if re.fullmatch(r"\w+", name) else f"`{name.replace('`', '``')}`" for name in (database, table))


def _tables(schema: Schema) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for database, description in schema.items():
        for name, table in description["tables"].items():
            if table["kind"] != "VIEW":
                yield database, name, table


def _measure_table(cursor: Cursor, database: str, name: str, table: Mapping[str, Any], like: Like) -> tuple[Part, Dated | None]:
    """In one pass, dated or not."""
    part, source, columns = part_name(database, name), f"{identifier(database)}.{identifier(name)}", table["columns"]
    cursor.execute(f"SELECT COUNT(*) FROM {source}", ())  # noqa: S608 - names are quoted, values are parameters
    (rows,) = cursor.fetchone() or (0,)
    key, number, changes = walkable_key(table), like.chunks.get(part) or _chunks_for(rows), like.changes.get(part)
    dating = like.gap is not None and usable(table, key, changes)
    age, measures, moments = by_dates(changes, like.gap) if dating and changes and like.gap else _UNDATED
    tallies, late, latest = [Tally()] * number, 0, None
    for condition, values in _ranges(cursor, source, key):
        cursor.execute(
            f"SELECT {chunk_number(columns, key, number)}, {age}, COUNT(*), SUM({row_hash(columns)}), {measures} "  # noqa: S608
            f"FROM {source} WHERE {condition} GROUP BY 1, 2",
            [*moments, *values],
        )
        for chunk, aged, count, checksum, certain, possible, after, date in cursor.fetchall():
            if checksum is None:
                raise MeasurementError(f"{part}: the server could not hash a row")
            rows_here = Chunk(int(count), int(checksum))
            tallies[int(chunk)] = tallies[int(chunk)].plus(Age(aged), rows_here, certain=int(certain), possible=int(possible))
            late, latest = late + int(after), max(filter(None, (latest, newest(date))), default=None)
    whole = Part(tuple(tally.whole for tally in tallies))
    if whole.rows != rows:
        raise MeasurementError(f"{part}: {rows} rows counted, but {whole.rows} hashed")
    return whole, Dated(tuple(tallies), late, latest) if dating else None


def _chunks_for(rows: int) -> int:
    """A power of two that keeps chunks near ROWS_PER_CHUNK."""
    return min(MOST_CHUNKS, 1 << max(0, (rows // ROWS_PER_CHUNK).bit_length()))


def _ranges(cursor: Cursor, source: str, key: Sequence[str]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Conditions that together take every row once. Bounds live only here; they are never stored or printed."""
    if not key:
        yield "TRUE", ()
        return
    columns = ", ".join(map(identifier, key))
    after, after_values = "TRUE", list[Any]()
    while True:
        cursor.execute(
            f"SELECT {columns} FROM {source} WHERE {after} ORDER BY {columns} LIMIT 1 OFFSET {RANGE_ROWS - 1}",  # noqa: S608
            after_values,
        )
        last = cursor.fetchone()
        if last is None:
            yield after, after_values
            return
        beyond, beyond_values = _beyond(key, last)
        yield f"({after}) AND NOT ({beyond})", [*after_values, *beyond_values]
        after, after_values = beyond, beyond_values


def _beyond(key: Sequence[str], bound: Sequence[Any]) -> tuple[str, list[Any]]:
    """`(a, b) > (x, y)` spelled out, which both optimisers can answer from the key."""
    terms, values = [], list[Any]()
    for last in range(len(key)):
        equal = [f"{identifier(name)} = %s" for name in key[:last]]
        terms.append(" AND ".join([*equal, f"{identifier(key[last])} > %s"]))
        values.extend(bound[: last + 1])
    return " OR ".join(f"({term})" for term in terms), values
