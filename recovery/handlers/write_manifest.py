"""Measures every store and keeps a manifest of each in the evidence bucket.

Environment: `DATABASE_HOST`, `DATABASE_PORT`, `DATABASE_USER`, `DATABASE_CA_BUNDLE`, `TABLE_NAME`, `STORES` (JSON:
`[{"name", "kind", "databases"?}]`), `EVIDENCE_BUCKET`, `PIECE_ROWS` (see `pieces`). Answer:
`{"manifest_keys": {store: key}, "sha256": {key: hexadecimal}, "pieces": […]}`, for another function that signs: KMS cannot be
reached from here. Any store that cannot be measured, or lacks a promised database, fails the whole: a missing manifest must be
noticed now, not after a disaster.

A table that is too large for the function's time is answered with its `pieces`; the event `{"piece": …, "seconds"}` measures one,
and `{"written": …, "measured": […]}`, with the first answer and all the pieces', ends in an answer without pieces. Of MySQL a
manifest needs one snapshot, which no two functions share: it is measured in one go.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3

from recovery.evidence import bucket as evidence
from recovery.handlers import pieces
from recovery.mysql import connect_several
from recovery.verify import dynamodb, dynamodb_slices, manifest, mysql
from recovery.verify.manifest import Manifest
from recovery.verify.pace import Limits, Pace
from recovery.verify.pieces import Reading
from recovery.verify.slices import Piece

_PATIENCE = 300.0
"""Seconds that it pauses while the server is busy with others' work: a third of the time that it has."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    if piece := event.get("piece"):
        pace = Pace.of_function(context, seconds=event.get("seconds"))
        return pieces.measure(boto3.client("s3"), os.environ["EVIDENCE_BUCKET"], piece, lambda one: _read(one, pace))
    if "measured" in event:
        return _put_together(event["written"], event["measured"])
    written: dict[str, Any] = {"manifest_keys": {}, "sha256": {}, "pieces": []}
    for store in json.loads(os.environ["STORES"]):
        if cut := _cut(store):
            written["pieces"] += pieces.answer(store["name"], cut)["pieces"]
        else:
            _keep(measure(store), written)
    return written


def measure(store: Mapping[str, Any]) -> Manifest:
    """One store of `STORES`, measured now."""
    if store["kind"] == dynamodb.KIND:
        taken, content = dynamodb.measure(boto3.client("dynamodb"), os.environ["TABLE_NAME"])
        return Manifest(store["name"], taken, "DynamoDB", content, until=datetime.now(UTC))
    host, port = os.environ["DATABASE_HOST"], int(os.environ["DATABASE_PORT"])
    with connect_several(host=host, port=port, user=os.environ["DATABASE_USER"]) as (connection, *beside):
        measured = mysql.measure(connection, beside=beside, watch=Pace(Limits(patience=_PATIENCE)))
    missing = set(store.get("databases", ())) - measured.content.schema.keys()
    if missing:
        raise mysql.MeasurementError(f"{store['name']}: databases {sorted(missing)} are missing, or the user may not read them")
    return Manifest(store["name"], measured.taken, measured.engine, measured.content)


def _cut(store: Mapping[str, Any]) -> tuple[Piece, ...]:
    """By DynamoDB's own count: hours old, and a table grows slowly beside what one function can read."""
    if store["kind"] != dynamodb.KIND:
        return ()
    described = boto3.client("dynamodb").describe_table(TableName=os.environ["TABLE_NAME"])["Table"]
    return dynamodb_slices.cut(described.get("ItemCount", 0), pieces.sizes(dynamodb_slices.SIZES))


def _read(piece: Piece, pace: Pace) -> Reading:
    client, table = boto3.client("dynamodb"), os.environ["TABLE_NAME"]
    return dynamodb_slices.read(client, table, piece, segments=None, page=pace.page)


def _put_together(written: Mapping[str, Any], measured: list[Mapping[str, Any] | None]) -> dict[str, Any]:
    """What the first call wrote, and manifests of the stores that were measured in pieces."""
    s3, bucket = boto3.client("s3"), os.environ["EVIDENCE_BUCKET"]
    ended = {"manifest_keys": dict(written["manifest_keys"]), "sha256": dict(written["sha256"]), "pieces": []}
    for store in dict.fromkeys(piece["store"] for piece in written["pieces"]):
        dealt = [number for number, piece in enumerate(written["pieces"]) if piece["store"] == store]
        whole = pieces.collect(s3, bucket, store, [measured[number] for number in dealt])
        content = dynamodb_slices.content(boto3.client("dynamodb"), os.environ["TABLE_NAME"], whole)
        _keep(Manifest(store, whole.began, "DynamoDB", content, until=whole.ended), ended)
    return ended


def _keep(measured: Manifest, written: dict[str, Any]) -> None:
    key, body = evidence.manifest_key(measured.store, measured.taken), manifest.dump(measured)
    evidence.write_manifest(boto3.client("s3"), os.environ["EVIDENCE_BUCKET"], key, body)
    written["manifest_keys"][measured.store], written["sha256"][key] = key, hashlib.sha256(body).hexdigest()
