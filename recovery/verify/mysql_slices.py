"""A MySQL server that is too large to be read in one go: how it is cut, one piece of it read, and all of it held together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from recovery.mysql import snapshots
from recovery.verify import heartbeat
from recovery.verify.content import Content
from recovery.verify.measurement import Measured
from recovery.verify.mysql import KIND, Like, lockable, named_tables, read_slice, unreadable
from recovery.verify.observer import SCHEMA_ALTERED, MeasurementError, Watch
from recovery.verify.pieces import Reading, Whole
from recovery.verify.rows import UnsupportedColumn, spread
from recovery.verify.schema import digest, read_schema
from recovery.verify.slices import Piece, Sizes, Slice, deal
from recovery.verify.table import Table

SIZES = Sizes(rows=100_000_000, size_bytes=10 * 2**30, most=10)
"""What two connections read in some minutes, from a volume too that AWS still loads from S3; and as many as the limit of running
threads leaves room for (`pace.MOST_RUNNING`)."""
_SIZE = "SELECT COALESCE(SUM(DATA_LENGTH), 0) FROM information_schema.TABLES WHERE TABLE_SCHEMA IN %s"


def cut(connection: Connection[Cursor], expected: Content, sizes: Sizes = SIZES) -> tuple[Piece, ...]:
    """The pieces of a store that should hold what is expected; none when it is read whole. Raises MeasurementError."""
    try:
        with connection.cursor() as cursor:
            schema = read_schema(cursor)
            tables = dict(named_tables(schema))
            cursor.execute(_SIZE, (tuple(schema) or ("",),))
            (size,) = cursor.fetchone() or (0,)
    except (pymysql.err.MySQLError, OSError) as error:
        raise unreadable(error) from error
    rows = {name: part.rows if (part := expected.parts.get(name)) else 0 for name in tables}
    number = sizes.pieces(sum(rows.values()), int(size))
    divisible = {name for name, table in tables.items() if spread(table.described, table.key)}
    return deal(rows, divisible, number) if number > 1 else ()


def read(
    connection: Connection[Cursor],
    piece: Piece,
    *,
    like: Like,
    beside: Sequence[Connection[Cursor]] = (),
    watch: Watch,
) -> Reading:
    """One piece, over the connections as `mysql.measure` uses them. Raises MeasurementError."""
    began, found = datetime.now(UTC), list[tuple[Slice, Measured]]()
    try:
        with snapshots(connection, beside, lockable) as cursors:
            schema = read_schema(cursors[0])
            tables = dict(named_tables(schema))
            found.extend((one, _slice(cursors, tables.get(one.part), one, like, watch)) for one in piece)
    except (pymysql.err.MySQLError, OSError, UnsupportedColumn) as error:
        raise unreadable(error) from error
    return Reading(began, datetime.now(UTC), digest(schema), tuple(found))


def content(connection: Connection[Cursor], whole: Whole, like: Like) -> Content:
    """The store that the pieces are of; its schema and heartbeat as they are now. Raises MeasurementError."""
    try:
        with snapshots(connection, (), lockable) as (cursor,):
            schema, beat = read_schema(cursor), heartbeat.read_row(cursor)
    except (pymysql.err.MySQLError, OSError) as error:
        raise unreadable(error) from error
    if digest(schema) != whole.schema:
        raise MeasurementError(SCHEMA_ALTERED)
    if left := {name for name, _ in named_tables(schema)} ^ whole.parts.keys():
        raise MeasurementError(f"{min(left)} was not measured with the others")
    return Content(KIND, schema, {name: part for name, (part, _) in whole.parts.items()}, like.mode, beat)


def _slice(cursors: Sequence[Cursor], table: Table | None, one: Slice, like: Like, watch: Watch) -> Measured:
    if table is None:
        raise MeasurementError(SCHEMA_ALTERED)
    return read_slice(cursors, table, one, like, watch)
