"""Which manifest is believed: the one that a key of this environment signed under this name (see `statement`)."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from recovery.evidence import bucket as evidence
from recovery.evidence.chain_link import PUBLIC_KEY, folder
from recovery.evidence.public_key import PublicKey
from recovery.verify import manifest
from recovery.verify.manifest import Manifest, ManifestError
from recovery.verify.statement import FORMAT, Statement
from strategy.catalogue import names

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ABSENT = frozenset({"NoSuchKey", "NoSuchBucket", "404"})


def trusted(s3: S3Client, bucket: str, key: str, *, store: str, kind: str) -> Manifest:
    """The manifest `key` of `bucket`, if a key of this environment signed it so. Raises ManifestError, ClientError."""
    body = _read(s3, bucket, key, f"there is no manifest {key} in {bucket}")
    _check(s3, bucket, key, body, store)
    found = manifest.parse(body, store=store, kind=kind)
    if evidence.manifest_key(store, found.taken) != key:
        raise ManifestError(f"the manifest {key} is of {found.taken.isoformat()}, which is not the moment of its name")
    return found


def _check(s3: S3Client, bucket: str, key: str, body: bytes, store: str) -> None:
    unsigned = f"the manifest {key} is not signed (yet): whether it is what was measured cannot be told"
    statement, signature = _parse(_read(s3, bucket, evidence.signature_key(key), unsigned), key)
    owner = names.evidence_owner(bucket)
    for what, said, wanted in (
        ("environment", statement.environment, owner),
        ("store", statement.store, store),
        ("manifest", statement.key, key),
    ):
        if said != wanted:
            raise ManifestError(f"the signature beside {key} is of {what} {said}, not of {wanted}")
    public = _public_key(s3, bucket, statement.region)
    if not public.signed(statement.body(), signature):
        raise ManifestError(f"the signature of {key} is not the one of the key of {statement.region}: it is forged or altered")
    if hashlib.sha256(body).hexdigest() != statement.sha256:
        raise ManifestError(f"the manifest {key} was altered after it was signed ({len(body)} bytes): it is not believed")


def _parse(document: bytes, key: str) -> tuple[Statement, bytes]:
    try:
        found: Any = json.loads(document)
        statement = Statement(**{name: str(value) for name, value in found["statement"].items()})
        signature = base64.b64decode(found["signature"], validate=True)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ManifestError(f"the signature of {key} cannot be read as one ({len(document)} bytes)") from error
    if statement.format != FORMAT:
        raise ManifestError(f"the signature of {key} has format {statement.format!r}; this verifier reads {FORMAT}")
    return statement, signature


def _public_key(s3: S3Client, bucket: str, region: str) -> PublicKey:
    """As it lies beside the region's links, here or replicated to here: whoever writes manifests may not write there."""
    place = f"{folder(region)}{PUBLIC_KEY}"
    try:
        return PublicKey.of_pem(
            _read(s3, bucket, place, f"there is no public key {place} in {bucket}: no signature can be checked")
        )
    except ValueError as error:
        raise ManifestError(f"{place} in {bucket}: {error}, no signature can be checked") from error


def _read(s3: S3Client, bucket: str, key: str, absent: str) -> bytes:
    try:
        return evidence.read(s3, bucket, key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise
        raise ManifestError(absent) from error
