"""A restored MySQL store, as it is verified: measured in one go or in pieces, and asked the bank's own invariants."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from recovery.mysql import connect_several
from recovery.verify import invariants, mysql, mysql_slices, replica
from recovery.verify.content import Content
from recovery.verify.gap import Gap
from recovery.verify.pace import Pace
from recovery.verify.pieces import Reading, Whole
from recovery.verify.result import Level
from recovery.verify.sliced_verification import sizes
from recovery.verify.slices import Piece
from recovery.verify.verification import Live
from strategy.contracts.verify import VerifyMySqlRequest


class RestoredServer:
    kind, unit = mysql.KIND, "rows"

    def __init__(self, request: VerifyMySqlRequest, watch: Pace) -> None:
        self._request, self._watch = request, watch

    def measure(self, expected: Content, gap: Gap | None) -> Live:
        with self._connections() as (connection, *beside):
            measured = mysql.measure(connection, like=self._like(expected, gap), beside=beside, watch=self._watch)
            return Live(measured.content, measured.dated, more=self._meaning(connection))

    def look(self) -> tuple[replica.Replica, tuple[Level, ...]]:
        with self._connections() as (connection, *_):
            return replica.look_at_mysql(connection, self._request.changes or {}), self._meaning(connection)

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
        return mysql.Like(expected.chunk_counts(), gap, self._request.changes or {}, expected.parts, expected.mode)

    def _meaning(self, connection: Connection[Cursor]) -> tuple[Level, ...]:
        return invariants.check(connection, invariants.declared().get(self._request.store, ()))

    @contextmanager
    def _connections(self) -> Iterator[list[Connection[Cursor]]]:
        host, port = self._request.host, int(self._request.port)
        with connect_several(host=host, port=port, user=os.environ["DATABASE_USER"]) as connections:
            yield connections
