"""Measuring a MySQL server: its schema, and per table the rows and chunk checksums, from one consistent snapshot.

Only counts and checksums cross the network. A table is read in ranges of its primary key so that every statement is short;
the ranges' sums are then added up by chunk. Where the key cannot be walked, or there is none, the table is one range.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from recovery.mysql import engine, identifier, snapshot
from recovery.verify.content import Chunk, Content, Part
from recovery.verify.rows import UnsupportedColumn, chunk_number, row_hash, walkable_key
from recovery.verify.schema import Schema, read_schema

KIND = "mysql"
RANGE_ROWS = 50_000
ROWS_PER_CHUNK = 1_000
MOST_CHUNKS = 4_096


class MeasurementError(Exception):
    """The store could not be measured as a whole: there is no half measurement."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured, the moment of the snapshot it is true for, and the engine it was read from."""

    taken: datetime
    engine: str
    content: Content


def measure(connection: Connection[Cursor], *, chunks: Mapping[str, int] | None = None) -> Measurement:
    """Everything in the databases this user can see. `chunks` cuts parts as a manifest did. Raises MeasurementError."""
    try:
        with snapshot(connection) as cursor:
            taken = datetime.now(UTC)
            schema = read_schema(cursor)
            parts = {
                part_name(database, name): _measure_table(cursor, database, name, table, chunks or {})
                for database, name, table in _tables(schema)
            }
            if read_schema(cursor) != schema:
                raise MeasurementError("the schema was altered while it was being measured")
            return Measurement(taken, engine(cursor), Content(KIND, schema, parts))
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


def _measure_table(cursor: Cursor, database: str, name: str, table: Mapping[str, Any], chunks: Mapping[str, int]) -> Part:
    source = f"{identifier(database)}.{identifier(name)}"
    cursor.execute(f"SELECT COUNT(*) FROM {source}", ())  # noqa: S608 - names are quoted, values are parameters
    (rows,) = cursor.fetchone() or (0,)
    number = chunks.get(part_name(database, name)) or _chunks_for(rows)
    key = walkable_key(table)
    deal = chunk_number(table["columns"], key, number)
    totals = [Chunk(0, 0)] * number
    for condition, values in _ranges(cursor, source, key):
        cursor.execute(
            f"SELECT {deal}, COUNT(*), SUM({row_hash(table['columns'])}) "  # noqa: S608 - as above
            f"FROM {source} WHERE {condition} GROUP BY 1",
            values,
        )
        for chunk, count, checksum in cursor.fetchall():
            if checksum is None:
                raise MeasurementError(f"{part_name(database, name)}: the server could not hash a row")
            before = totals[int(chunk)]
            totals[int(chunk)] = Chunk(before.rows + int(count), before.checksum + int(checksum))
    part = Part(tuple(totals))
    if part.rows != rows:
        raise MeasurementError(f"{part_name(database, name)}: {rows} rows counted, but {part.rows} hashed")
    return part


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
