"""The heartbeat of a store: written each minute, so that the newest one that came back says since when writes are lost.

In MySQL one row in a database of its own; in DynamoDB one item under a reserved key of the store's own table. It changes each
minute, so it is no part of the content that is compared: it is read beside it, and judged by its moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pymysql
from pymysql.constants import ER
from pymysql.cursors import Cursor

from recovery.moments import moment_text
from recovery.verify.gap import Gap
from recovery.verify.result import Level, Verdict
from strategy.catalogue import names

TABLE = "heartbeats"
WRITE = (
    f"INSERT INTO {names.HEARTBEAT_DATABASE}.{TABLE} (id, beat_at) VALUES (1, %s) "  # noqa: S608  names of ours
    "ON DUPLICATE KEY UPDATE beat_at = %s"
)
"""Takes the moment twice: MySQL 8 is about to forget VALUES(), and MariaDB does not know its successor."""
_READ = f"SELECT beat_at FROM {names.HEARTBEAT_DATABASE}.{TABLE} WHERE id = 1"  # noqa: S608
_NONE = frozenset({ER.NO_SUCH_TABLE, ER.BAD_DB_ERROR, ER.TABLEACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR})
_RESERVED = ({"S": names.HEARTBEAT_KEY}, {"N": names.HEARTBEAT_NUMBER})
_TOGETHER = timedelta(seconds=5)
"""How far apart the items of a restored table may be (see `dynamodb.ITEM_SKEW`), and the clocks of who writes and who asks."""


def read_row(cursor: Cursor) -> datetime | None:
    """In whichever snapshot the cursor sees; None where no heartbeat is written, or the user may not read it."""
    try:
        cursor.execute(_READ)
    except pymysql.err.MySQLError as error:
        if error.args[0] in _NONE:
            return None
        raise
    row = cursor.fetchone()
    return row[0].replace(tzinfo=UTC) if row and isinstance(row[0], datetime) else None


def item(keys: Mapping[str, str], moment: datetime) -> dict[str, Any]:
    """The item, for a table with these key attributes and their types (`S` or `N`); ValueError for another type."""
    reserved = {"S": names.HEARTBEAT_KEY, "N": names.HEARTBEAT_NUMBER}
    if other := {kind for kind in keys.values() if kind not in reserved}:
        raise ValueError(f"a table with a key of type {', '.join(sorted(other))} can hold no heartbeat; allowed: S and N")
    own = {name: {kind: reserved[kind]} for name, kind in keys.items()}
    return own | {names.HEARTBEAT_ATTRIBUTE: {"S": moment.astimezone(UTC).isoformat()}}


def reserved(key: Mapping[str, Any]) -> bool:
    """Whether this is the heartbeat's key."""
    return all(value in _RESERVED for value in key.values())


def of_item(item: Mapping[str, Any]) -> datetime | None:
    """The moment, if this is a heartbeat; None for an item of the application, whatever its attributes."""
    written = item.get(names.HEARTBEAT_ATTRIBUTE, {}).get("S")
    if written is None or not any(value in _RESERVED for value in item.values()):
        return None
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None


class Beats:
    """Takes the heartbeats out of a scan: what is left is the application's."""

    def __init__(self) -> None:
        self.newest: datetime | None = None

    def beside(self, items: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for each in items:
            beat = of_item(each)
            if beat is None:
                yield each
            else:
                self.newest = max(filter(None, (self.newest, beat)))


def freshness(expected: datetime | None, found: datetime | None, gap: Gap | None) -> tuple[Level, ...]:
    """The level `freshness`; none where neither the manifest nor the copy knows a heartbeat, since nobody writes one there."""
    if found is None:
        if expected is None:
            return ()
        was = f"the manifest has the heartbeat of {moment_text(expected)}, this copy has none"
        return (Level("freshness", Verdict.FAILED, was),)
    if gap and found > gap.end + _TOGETHER:
        return (_failed(f"newest heartbeat {moment_text(found)}: this is not the data of {moment_text(gap.moment)}"),)
    after_manifest = gap is None or gap.until <= gap.moment
    if expected and after_manifest and found < expected - _TOGETHER:
        return (_failed(f"newest heartbeat {moment_text(found)}, older than the manifest's own of {moment_text(expected)}"),)
    return (Level("freshness", Verdict.PASSED, f"newest heartbeat {moment_text(found)}: what was written later is lost"),)


def _failed(detail: str) -> Level:
    return Level("freshness", Verdict.FAILED, detail)
