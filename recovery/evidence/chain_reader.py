"""Reading a region's evidence, whole, for a check: links, every version of every record, keys, and the other region's replica."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from recovery.evidence.chain_check import Evidence, Stored
from recovery.evidence.chain_link import PUBLIC_KEY, NoLink, folder, number_of, pem
from recovery.evidence.chain_seal import Place, read_links
from strategy.catalogue import names

T = TypeVar("T")


def read(s3: Any, kms: Any, place: Place, other: Any, other_bucket: str) -> Evidence:
    """`other` is S3 of the other region. What KMS and that region do not answer is None: the rest can be judged without."""
    links, overwritten = _versions(s3, place.bucket, folder(place.region))
    records: dict[tuple[str, str], Stored] = {}
    gone = [*overwritten]
    for each in names.SEALED:
        found, deleted = _versions(s3, place.bucket, f"{each}/")
        records |= {(stored.key, stored.version): stored for stored in found}
        gone += deleted
    newest = {stored.key: stored for stored in sorted(links, key=lambda stored: stored.taken)}
    key = newest.pop(f"{folder(place.region)}{PUBLIC_KEY}", None)
    alias = names.key_alias(place.prefix, names.EVIDENCE_KEY)
    return Evidence(
        chain=place.name,
        links=tuple(newest[name] for name in sorted(newest) if number_of(name) is not None),
        deleted=tuple(dict.fromkeys(gone)),
        records=records,
        public_key=key.body if key else b"",
        kms_key=_unless_refused(lambda: pem(kms.get_public_key(KeyId=alias)["PublicKey"])),
        witness=_unless_refused(lambda: _digests(other, other_bucket, place.region)),
    )


def _digests(s3: Any, bucket: str, region: str) -> dict[int, str]:
    return {each.link.number: each.link.digest for _, each in read_links(s3, bucket, region)}


def _versions(s3: Any, bucket: str, prefix: str) -> tuple[list[Stored], list[str]]:
    """Every version, and the keys of which one was deleted or written over: nothing here ever is."""
    found, deleted = [], []
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        deleted += [each["Key"] for each in page.get("DeleteMarkers", [])]
        for each in page.get("Versions", []):
            body = s3.get_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])["Body"].read()
            found.append(Stored(each["Key"], each["VersionId"], each["LastModified"], body))
    # A call that was tried again after a lost answer leaves the same twice: that is no other content.
    bodies: dict[str, set[bytes]] = {}
    for stored in found:
        bodies.setdefault(stored.key, set()).add(stored.body)
    return found, [*deleted, *(key for key, different in bodies.items() if len(different) > 1)]


def _unless_refused(call: Callable[[], T]) -> T | None:
    try:
        return call()
    except (ClientError, BotoCoreError, NoLink):
        return None
