"""A restored DynamoDB table, as it is verified: measured in one go or in pieces.

AWS restores no time to live: it is put back with the other settings, later, and compared here only where the request says that
they are back.
"""

from __future__ import annotations

import boto3

from recovery.verify import dynamodb, dynamodb_slices, replica
from recovery.verify.content import Content
from recovery.verify.gap import Gap
from recovery.verify.pace import Pace
from recovery.verify.pieces import Reading, Whole
from recovery.verify.result import Level
from recovery.verify.sliced_verification import sizes
from recovery.verify.slices import Piece
from recovery.verify.verification import Live
from strategy.contracts.verify import VerifyDynamoDbRequest


class RestoredTable:
    kind, unit = dynamodb.KIND, "items"

    def __init__(self, request: VerifyDynamoDbRequest, watch: Pace) -> None:
        self._client, self._name, self._page = boto3.client("dynamodb"), request.table, watch.page
        self._written_at = request.written_at
        self._apart = frozenset[str]() if request.settings else frozenset({dynamodb.TIME_TO_LIVE})

    def measure(self, expected: Content, gap: Gap | None) -> Live:
        client, table, page, segments = self._client, self._name, self._page, _segments(expected)
        if gap and (written_at := self._written_at):
            content, dated = dynamodb.measure_dated(
                client, table, segments=segments, gap=gap, written_at=written_at, page=page, leave=_leave(expected)
            )
            return Live(content, dated, self._apart)
        found = dynamodb.measure(client, table, segments=segments, page=page, leave=_leave(expected))[1]
        return Live(found, apart=self._apart)

    def look(self) -> tuple[replica.Replica, tuple[Level, ...]]:
        return replica.look_at_table(self._client, self._name, self._written_at), ()

    def cut(self, expected: Content) -> tuple[Piece, ...]:
        """By the manifest's count: DynamoDB's own is hours old."""
        return dynamodb_slices.cut(expected.rows, sizes(dynamodb_slices.SIZES))

    def read(self, piece: Piece, expected: Content, gap: Gap | None) -> Reading:
        return dynamodb_slices.read(
            self._client,
            self._name,
            piece,
            segments=_segments(expected),
            gap=gap,
            written_at=self._written_at,
            page=self._page,
            leave=_leave(expected),
        )

    def put_together(self, whole: Whole, expected: Content) -> Live:
        dated = {name: dates for name, (_, dates) in whole.parts.items() if dates}
        return Live(dynamodb_slices.content(self._client, self._name, whole, _leave(expected)), dated, self._apart)


def _leave(expected: Content) -> dynamodb.Leave:
    """What the manifest left out; older ones left out nothing."""
    return expected.schema.get(dynamodb.EXPIRING)


def _segments(expected: Content) -> int | None:
    return expected.chunk_counts().get(dynamodb.ITEMS)
