"""Measuring a MySQL server: its schema, and per table the rows and chunk checksums, from one consistent snapshot.

Only counts and checksums cross the network. A table is read in ranges of its primary key, over one or several connections whose
snapshots are of one moment; the ranges' sums are then added up by chunk. Where the key cannot be walked, or there is none, the
table is one range.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from recovery.mysql import engine, identifier, snapshots
from recovery.verify import heartbeat
from recovery.verify.content import Content, Part
from recovery.verify.gap import Dated, Gap
from recovery.verify.measurement import Measured, total
from recovery.verify.mode import Mode
from recovery.verify.observer import SCHEMA_ALTERED, MeasurementError, Quiet, Watch
from recovery.verify.resume_file import Journal
from recovery.verify.rows import UnsupportedColumn, spread
from recovery.verify.schema import read_schema
from recovery.verify.slices import Slice
from recovery.verify.table import Table
from strategy.contracts.dates import Changes

__all__ = [
    "KIND",
    "Like",
    "Measurement",
    "MeasurementError",
    "lockable",
    "measure",
    "named_tables",
    "part_name",
    "read_slice",
    "unreadable",
]

KIND = "mysql"
ROWS_AT_ONCE = 50_000_000
"""Of a table, before a journal has them: read in about a minute."""


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
    """How to measure a copy that is compared with a manifest: cut as it was, and rows told apart by their dates in the gap.

    `changes` names the columns by table. `expected` spares work: a table
    whose rows add up to the same sum as all chunks there has the same chunks, and is not cut.
    """

    chunks: Mapping[str, int] = field(default_factory=dict)
    gap: Gap | None = None
    changes: Changes = field(default_factory=dict)
    expected: Mapping[str, Part] = field(default_factory=dict)
    mode: Mode = Mode.CRYPTOGRAPHIC


def measure(
    connection: Connection[Cursor],
    *,
    like: Like | None = None,
    beside: Sequence[Connection[Cursor]] = (),
    watch: Watch | None = None,
    journal: Journal | None = None,
) -> Measurement:
    """Everything in the databases this user can see. Raises MeasurementError.

    Of the connections `beside` the first, the last one holds the lock that aligns the snapshots, and all others work. What a
    `journal` holds is not read again; it must be of a store that nobody writes to.
    """
    like, watch = like or Like(), watch or Quiet()
    try:
        with snapshots(connection, beside, lockable) as cursors:
            taken = datetime.now(UTC)
            schema = read_schema(cursors[0])
            if journal is not None:
                journal.begin(schema)

            def read(table: Table, one: Slice) -> Measured:
                known = journal.known(one) if journal else None
                if known is None:
                    known = _measure(cursors, table, one, like, watch)
                    if journal is not None:
                        journal.add(one, known)
                return known

            tables = {
                name: total([read(table, one) for one in (_slices(table, name, like) if journal else [Slice(name)])])
                for name, table in named_tables(schema)
            }
            if read_schema(cursors[0]) != schema:
                raise MeasurementError(SCHEMA_ALTERED)
            parts, beat = {name: part for name, (part, _) in tables.items()}, heartbeat.read_row(cursors[0])
            content = Content(KIND, schema, parts, like.mode, beat)
            dated = {name: dates for name, (_, dates) in tables.items() if dates}
            return Measurement(taken, engine(cursors[0]), content, dated)
    except (pymysql.err.MySQLError, OSError, UnsupportedColumn) as error:
        raise unreadable(error) from error


def unreadable(error: Exception) -> MeasurementError:
    """For an error of the server, or a column that cannot be hashed."""
    return MeasurementError(f"the databases could not be read: {error}")


def part_name(database: str, table: str) -> str:
    """`database.table`, quoted only where a plain reading would be ambiguous."""
    return ".".join(name if re.fullmatch(r"\w+", name) else f"`{name.replace('`', '``')}`" for name in (database, table))


def named_tables(schema: Mapping[str, Any]) -> Iterator[tuple[str, Table]]:
    """Whatever holds rows, by the name of its part; a view holds none."""
    for source, database, name, table in _sources(schema):
        yield part_name(database, name), Table(part_name(database, name), source, table)


def _sources(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    for database, description in schema.items():
        for name, table in description["tables"].items():
            if table["kind"] != "VIEW":
                yield f"{identifier(database)}.{identifier(name)}", database, name, table


def lockable(cursor: Cursor) -> list[str]:
    """The tables, as SQL names them, whose writers wait while snapshots begin."""
    return [source for source, *_ in _sources(read_schema(cursor))]


def _slices(table: Table, name: str, like: Like) -> list[Slice]:
    """What of a table is read before it is written down, as many each time: the manifest's count does not change."""
    expected = like.expected.get(name)
    number = ceil(expected.rows / ROWS_AT_ONCE) if expected and spread(table.described, table.key) else 1
    return [Slice(name, n, max(1, number)) for n in range(max(1, number))]


def _measure(cursors: Sequence[Cursor], table: Table, one: Slice, like: Like, watch: Watch) -> Measured:
    expected = like.expected.get(one.part)
    if like.gap is None and expected is not None and one.of == 1:
        whole = table.whole(cursors, expected.rows, like.mode, watch)
        if whole == expected.whole:
            return expected, None
    return read_slice(cursors, table, one, like, watch)


def read_slice(cursors: Sequence[Cursor], table: Table, one: Slice, like: Like, watch: Watch) -> Measured:
    """Cut into chunks as the manifest's part is, and told apart by dates where there is a gap. Raises MeasurementError."""
    expected, changes = like.expected.get(one.part), like.changes.get(one.part)
    chunks = len(expected.chunks) if expected else like.chunks.get(one.part)
    return table.cut(cursors, chunks, like.mode, watch, gap=like.gap, changes=changes, bounds=table.within(cursors[0], one))
