"""Is a replica the store that it followed, and how far had it come? Its schema, that nothing is empty, and its newest write.

A replica goes on where the newest manifest ends and never went through a backup, so its content is not compared with a manifest
of another moment. What tells a replica that stopped following from one that followed to the end is its newest write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from recovery.moments import moment_text
from recovery.mysql import identifier, snapshots
from recovery.verify import dynamodb, heartbeat
from recovery.verify.compare import level
from recovery.verify.compare_to_moment import schema
from recovery.verify.content import Content
from recovery.verify.dates import dateable, newest
from recovery.verify.mysql import KIND, MeasurementError, named_tables
from recovery.verify.result import Finding, Level, Verdict
from recovery.verify.schema import read_schema
from strategy.contracts.dates import Changes, Columns

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Replica:
    """As it is now. `rows` by part; `newest`: the latest date that a row of any part bears, None where none does."""

    kind: str
    schema: Mapping[str, Any]
    rows: Mapping[str, int]
    newest: datetime | None
    heartbeat: datetime | None = None
    """The newest one, which says since when writes are lost."""

    @property
    def counted(self) -> int:
        return sum(self.rows.values())


def levels(expected: Content, live: Replica, *, not_before: datetime) -> tuple[Level, ...]:
    """Levels schema, counts and freshness. `expected`: of the newest manifest. A newest write before `not_before` fails it."""
    return schema(expected, Content(live.kind, live.schema, {})), _counts(expected, live), _freshness(live, not_before)


def _counts(expected: Content, live: Replica) -> Level:
    if not expected.rows:
        return Level("counts", Verdict.NOT_CHECKED, "the manifest is of an empty store: nothing to compare with")
    empty = [
        Finding(name, f"{'is empty' if name in live.rows else 'is missing'}; the manifest has {part.rows} rows")
        for name, part in sorted(expected.parts.items())
        if part.rows and not live.rows.get(name)
    ]
    followed = (
        f"{live.counted} rows in {len(live.rows)} parts, {expected.rows} in the manifest; a replica's content is not compared"
    )
    return level("counts", empty, followed)


def _freshness(live: Replica, not_before: datetime) -> Level:
    if live.newest is None:
        return Level("freshness", Verdict.NOT_CHECKED, "no row bears a date: nothing tells how far the replica came")
    said = f"newest write {moment_text(live.newest)}"
    behind = [Finding("store", f"{said}, which is before {moment_text(not_before)}: it was left behind by more than is promised")]
    return level("freshness", behind if live.newest < not_before else [], said)


def _columns(dating: Columns | None) -> set[str]:
    return {dating.created, dating.changed} if dating else set()


def look_at_mysql(connection: Connection[Cursor], changes: Changes) -> Replica:
    """Everything this user can see, from one snapshot. Raises MeasurementError."""
    try:
        with snapshots(connection, (), lambda _: ()) as (cursor,):
            found = read_schema(cursor)
            rows, dates = dict[str, int](), list[datetime]()
            for name, table in named_tables(found):
                columns = [each for each in _columns(changes.get(name)) if dateable(table.described, each)]
                rows[name], seen = _read(cursor, table.source, columns)
                dates += seen
            return Replica(KIND, found, rows, max(dates, default=None), heartbeat.read_row(cursor))
    except (pymysql.err.MySQLError, OSError) as error:
        raise MeasurementError(f"the databases could not be read: {error}") from error


def _read(cursor: Cursor, source: str, columns: Sequence[str]) -> tuple[int, list[datetime]]:
    selected = ", ".join(["COUNT(*)", *(f"MAX({identifier(each)})" for each in columns)])
    cursor.execute(f"SELECT {selected} FROM {source}")  # noqa: S608  names of the schema, quoted
    (rows, *dates) = cursor.fetchone() or (0,)
    return int(rows), [moment for each in dates if (moment := newest(each)) is not None]


def look_at_table(client: DynamoDBClient, table: str, written_at: str | None) -> Replica:
    """Every item of the table, by a scan. Its time to live is put back and compared with the other settings."""
    settings = {name: each for name, each in dynamodb.table_settings(client, table).items() if name != dynamodb.TIME_TO_LIVE}
    count, latest, beat = dynamodb.count(client, table, written_at)
    return Replica(dynamodb.KIND, settings, {dynamodb.ITEMS: count}, latest, beat)
