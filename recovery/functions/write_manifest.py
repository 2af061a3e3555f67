"""Measures every store and keeps a manifest of each in the evidence bucket.

Environment: `DATABASE_HOST`, `DATABASE_PORT`, `DATABASE_USER`, `DATABASE_CA_BUNDLE`, `TABLE_NAME`, `STORES` (JSON:
`[{"name", "kind", "databases"?}]`), `EVIDENCE_BUCKET`. Answer: `{"manifest_keys": {store: key}, "sha256": {key: hexadecimal}}`,
for another function that signs: KMS cannot be reached from here. Any store that cannot be measured, or lacks a promised database,
fails the whole: a missing manifest must be noticed now, not after a disaster.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3

from recovery import evidence
from recovery.mysql import connect_several
from recovery.verify import dynamodb, manifest, mysql
from recovery.verify.manifest import Manifest
from recovery.verify.pace import Limits, Pace

_PATIENCE = 300.0
"""Seconds that it pauses while the server is busy with others' work: a third of the time that it has."""


def handler(_event: object, _context: object) -> dict[str, Any]:
    s3, bucket = boto3.client("s3"), os.environ["EVIDENCE_BUCKET"]
    keys, digests = {}, {}
    for store in json.loads(os.environ["STORES"]):
        measured = measure(store)
        key = evidence.manifest_key(measured.store, measured.taken)
        body = manifest.dump(measured)
        evidence.write_manifest(s3, bucket, key, body)
        keys[measured.store], digests[key] = key, hashlib.sha256(body).hexdigest()
    return {"manifest_keys": keys, "sha256": digests}


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
