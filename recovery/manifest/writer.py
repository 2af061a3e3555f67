"""Measures the stores of a region and keeps a manifest of each in the evidence bucket.

Any store that cannot be measured, or lacks a promised database, fails the whole: a missing manifest must be noticed now, not
after a disaster. A table that is too large for one call's time is answered with its pieces, which other calls measure. Of MySQL a
manifest needs one snapshot, which no two functions share: it is measured in one go.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3

from recovery.evidence import bucket as evidence
from recovery.mysql import connect_several
from recovery.verify import dynamodb, dynamodb_slices, manifest, mysql, sliced_verification
from recovery.verify.manifest import Manifest
from recovery.verify.pace import Limits, Pace
from recovery.verify.pieces import Reading
from recovery.verify.slices import Piece
from strategy.contracts import verify as contracts
from strategy.contracts.manifest import MeasuredStore, Written
from strategy.contracts.verify import MeasuredPiece

_PATIENCE = 300.0
"""Seconds that it pauses while the server is busy with others' work: a third of the time that it has."""


@dataclass
class _Kept:
    """Manifests that were written: keys by store, digests by key."""

    s3: Any
    bucket: str
    keys: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    def keep(self, measured: Manifest) -> None:
        key, body = evidence.manifest_key(measured.store, measured.taken), manifest.dump(measured)
        evidence.write_manifest(self.s3, self.bucket, key, body)
        self.keys[measured.store], self.digests[key] = key, hashlib.sha256(body).hexdigest()

    def written(self, pieces: Iterable[contracts.Piece] = ()) -> Written:
        return Written(manifest_keys=self.keys, sha256=self.digests, pieces=tuple(pieces))


def write(stores: Sequence[MeasuredStore], bucket: str) -> Written:
    kept, pieces = _Kept(boto3.client("s3"), bucket), list[contracts.Piece]()
    for store in stores:
        if cut := _cut(store):
            pieces += sliced_verification.dealt(store.name, cut).pieces
        else:
            kept.keep(measure(store))
    return kept.written(pieces)


def measure_piece(piece: contracts.Piece, bucket: str, pace: Pace) -> MeasuredPiece:
    return sliced_verification.measure(boto3.client("s3"), bucket, piece, lambda one: _read(one, pace))


def put_together(written: Written, measured: Sequence[MeasuredPiece | None], bucket: str) -> Written:
    """What the first call wrote, and manifests of the stores that were measured in pieces."""
    s3 = boto3.client("s3")
    ended = _Kept(s3, bucket, dict(written.manifest_keys), dict(written.sha256))
    for store in dict.fromkeys(piece.store for piece in written.pieces):
        dealt = [number for number, piece in enumerate(written.pieces) if piece.store == store]
        whole = sliced_verification.collect(s3, bucket, store, [measured[number] for number in dealt])
        client, table = boto3.client("dynamodb"), os.environ["TABLE_NAME"]
        content = dynamodb_slices.content(client, table, whole, dynamodb.about_to_expire(client, table, whole.began))
        ended.keep(Manifest(store, whole.began, "DynamoDB", content, until=whole.ended))
    return ended.written()


def measure(store: MeasuredStore) -> Manifest:
    """One store, measured now."""
    if store.kind == dynamodb.KIND:
        client, table = boto3.client("dynamodb"), os.environ["TABLE_NAME"]
        taken, content = dynamodb.measure(client, table, leave=dynamodb.about_to_expire(client, table, datetime.now(UTC)))
        return Manifest(store.name, taken, "DynamoDB", content, until=datetime.now(UTC))
    host, port = os.environ["DATABASE_HOST"], int(os.environ["DATABASE_PORT"])
    with connect_several(host=host, port=port, user=os.environ["DATABASE_USER"]) as (connection, *beside):
        measured = mysql.measure(connection, beside=beside, watch=Pace(Limits(patience=_PATIENCE)))
    missing = set(store.databases) - measured.content.schema.keys()
    if missing:
        raise mysql.MeasurementError(f"{store.name}: databases {sorted(missing)} are missing, or the user may not read them")
    return Manifest(store.name, measured.taken, measured.engine, measured.content)


def _cut(store: MeasuredStore) -> tuple[Piece, ...]:
    """By DynamoDB's own count: hours old, and a table grows slowly beside what one function can read."""
    if store.kind != dynamodb.KIND:
        return ()
    described = boto3.client("dynamodb").describe_table(TableName=os.environ["TABLE_NAME"])["Table"]
    return dynamodb_slices.cut(described.get("ItemCount", 0), sliced_verification.sizes(dynamodb_slices.SIZES))


def _read(piece: Piece, pace: Pace) -> Reading:
    client, table = boto3.client("dynamodb"), os.environ["TABLE_NAME"]
    leave = dynamodb.about_to_expire(client, table, datetime.now(UTC))
    return dynamodb_slices.read(client, table, piece, segments=None, page=pace.page, leave=leave)
