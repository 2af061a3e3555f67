"""Counting what bears a date after a moment, in the old stores, without reading any of it: numbers and moments leave the store.

A row's date is the later of the two columns that the strategy names; an item's is its attribute. What bears none is not
countable, and is said to be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from recovery.moments import leading_moment
from recovery.mysql import identifier
from strategy.catalogue import names
from strategy.contracts.dates import Changes, Dates, RowDates
from strategy.contracts.late_writes import OldStore

_SYSTEM = ("information_schema", "mysql", "performance_schema", "sys", names.HEARTBEAT_DATABASE)


Clients = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Late:
    """`count` None: not countable, `because` says why. `first` and `last`: ISO 8601, UTC; empty where nothing is late."""

    table: str
    count: int | None
    first: str = ""
    last: str = ""
    because: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def late(
    asked: OldStore, dates: Dates, connect: Callable[[OldStore], AbstractContextManager[Connection[Cursor]]], client: Clients
) -> Iterator[Late]:
    """Of one store."""
    since = datetime.fromisoformat(asked.since)
    if isinstance(dates, RowDates):
        with connect(asked) as connection:
            yield from rows(connection, dates.changes, since)
    elif not dates.written_at:
        yield Late(asked.resource, None, because="the strategy names no attribute that dates its items")
    else:
        yield items(client("dynamodb"), asked.resource, dates.written_at, since)


def rows(connection: Connection[Cursor], changes: Changes, since: datetime) -> Iterator[Late]:
    """Of every table of the server that is neither MySQL's own nor the heartbeat's, by its name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_type = 'BASE TABLE' AND table_schema NOT IN (%s, %s, %s, %s, %s) ORDER BY 1, 2",
            _SYSTEM,
        )
        tables = [f"{schema}.{name}" for schema, name in cursor.fetchall()]
        for table in tables:
            dated = changes.get(table)
            if dated is None:
                yield Late(table, None, because="the strategy names no columns that date its rows")
                continue
            created, changed = identifier(dated.created), identifier(dated.changed)
            date = f"GREATEST(COALESCE({changed}, {created}), COALESCE({created}, {changed}))"
            place = ".".join(identifier(part) for part in table.split(".", 1))
            cursor.execute(
                f"SELECT COUNT(*), MIN({date}), MAX({date}) FROM {place} WHERE {date} > %s",  # noqa: S608  quoted identifiers
                (since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"),),
            )
            count, first, last = cursor.fetchone() or (0, None, None)
            yield Late(table, int(count), _text_or_empty(first), _text_or_empty(last))
    connection.rollback()


def items(dynamodb: Any, table: str, written_at: str, since: datetime) -> Late:
    """Of a table whose items are dated by an attribute in ISO 8601."""
    late: list[datetime] = []
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        ConsistentRead=True,
        ProjectionExpression="#at, #beat",
        ExpressionAttributeNames={"#at": written_at, "#beat": names.HEARTBEAT_ATTRIBUTE},
    )
    undated = 0
    for page in pages:
        for item in page["Items"]:
            if names.HEARTBEAT_ATTRIBUTE in item:  # ours, and written each minute
                continue
            found = leading_moment(item.get(written_at, {}).get("S", ""))
            undated += found is None
            late += [found] if found is not None and found > since else []
    because = f"{undated} items bear no date" if undated else ""
    first, last = (min(late), max(late)) if late else (None, None)
    return Late(table, len(late), _text_or_empty(first), _text_or_empty(last), because)


def _text_or_empty(found: Any) -> str:
    if not isinstance(found, datetime):
        return ""
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat()
