"""Verifies a restored MySQL store against its manifest.

Event: `{"store", "host", "port", "bucket", "manifest_key"}`, and with a `moment` (see `verification`) the columns that date rows,
`"changes": {"database.table": {"created", "changed"}}`; environment: `DATABASE_USER`, `DATABASE_CA_BUNDLE`,
`INVARIANTS` (see `recovery.verify.invariants`), `PIECE_ROWS` (see `pieces`). Answer:
`{"store", "verdict", "summary", "rows", "counted", "newest", "report_key", "levels"}`. A store that takes longer than the
function may run is *not checked*, and the report says what to do. DatabaseUnreachable is worth a retry; any other error is a
crash, and a crash is never a pass.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from recovery.handlers.pieces import sizes
from recovery.handlers.verification import Live, handle
from recovery.mysql import connect_several
from recovery.verify import invariants, mysql, mysql_slices, replica
from recovery.verify.content import Content
from recovery.verify.gap import Gap
from recovery.verify.pace import Pace
from recovery.verify.pieces import Reading, Whole
from recovery.verify.result import Level
from recovery.verify.slices import Piece


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    return handle(event, _Server(event, Pace.of_function(context, seconds=event.get("seconds"))))


class _Server:
    kind, unit = mysql.KIND, "rows"

    def __init__(self, event: Mapping[str, Any], watch: Pace) -> None:
        self._event, self._watch = event, watch

    def measure(self, expected: Content, gap: Gap | None) -> Live:
        with self._connections() as (connection, *beside):
            measured = mysql.measure(connection, like=self._like(expected, gap), beside=beside, watch=self._watch)
            return Live(measured.content, measured.dated, more=self._meaning(connection))

    def look(self) -> tuple[replica.Replica, tuple[Level, ...]]:
        with self._connections() as (connection, *_):
            return replica.look_at_mysql(connection, self._event.get("changes") or {}), self._meaning(connection)

    def cut(self, expected: Content) -> tuple[Piece, ...]:
        with self._connections() as (connection, *_):
            return mysql_slices.cut(connection, expected, sizes(mysql_slices.SIZES))

    def read(self, piece: Piece, expected: Content, gap: Gap | None) -> Reading:
        with self._connections() as (connection, *beside):
            return mysql_slices.read(connection, piece, like=self._like(expected, gap), beside=beside, watch=self._watch)

    def put_together(self, whole: Whole, expected: Content) -> Live:
        dated = {name: dates for name, (_, dates) in whole.parts.items() if dates}
        with self._connections() as (connection, *_):
            content = mysql_slices.content(connection, whole, self._like(expected, None))
            return Live(content, dated, more=self._meaning(connection))

    def _like(self, expected: Content, gap: Gap | None) -> mysql.Like:
        return mysql.Like(expected.chunk_counts(), gap, self._event.get("changes") or {}, expected.parts, expected.mode)

    def _meaning(self, connection: Connection[Cursor]) -> tuple[Level, ...]:
        return invariants.check(connection, invariants.declared().get(self._event["store"], ()))

    @contextmanager
    def _connections(self) -> Iterator[list[Connection[Cursor]]]:
        host, port = self._event["host"], int(self._event["port"])
        with connect_several(host=host, port=port, user=os.environ["DATABASE_USER"]) as connections:
            yield connections
