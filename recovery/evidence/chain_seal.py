"""Adding to the chain: each record that is not sealed yet, oldest first. Doing it twice, or two at once, seals each once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from recovery.evidence.chain_link import FORMAT, PUBLIC_KEY, Link, Signed, beginning, chain_name, folder, link_key, number_of, pem
from strategy.catalogue import names

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client

_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
_MOST_TRIES = 20


@dataclass(frozen=True, slots=True)
class Place:
    """A region's chain."""

    account: str
    prefix: str
    region: str
    keep: timedelta
    """How long object lock holds a record and its link."""
    for_good: bool = False
    """Nobody can end the lock before its time: compliance, where else governance."""

    @property
    def name(self) -> str:
        return chain_name(self.account, self.prefix, self.region)

    def lock(self, sealed: datetime) -> dict[str, Any]:
        """As PutObjectRetention takes it."""
        return {"Mode": "COMPLIANCE" if self.for_good else "GOVERNANCE", "RetainUntilDate": sealed + self.keep}

    @property
    def bucket(self) -> str:
        return names.evidence_bucket(self.prefix, self.region, self.account)


@dataclass(frozen=True, slots=True)
class Record:
    key: str
    version: str
    taken: datetime


class Busy(Exception):
    """Others sealed all the while; what is left is sealed next time."""


def seal(s3: S3Client, kms: KMSClient, place: Place, now: Callable[[], datetime]) -> list[str]:
    """Seals what is not sealed; the keys of the links it wrote. Raises Busy, and ClientError for what AWS refuses."""
    keep_public_key(s3, kms, place)
    links = list(read_links(s3, place.bucket, place.region))
    newest = links[-1][1].link if links else None
    sealed = {(each.link.key, each.link.version) for _, each in links}
    written = []
    for record in sorted(unsealed(s3, place, sealed), key=lambda each: (each.taken, each.key)):
        made = _append((s3, kms), place, record, newest, now)
        if made is not None:
            newest = made
            written.append(link_key(place.region, made.number))
    return written


def unsealed(s3: S3Client, place: Place, sealed: set[tuple[str, str]]) -> list[Record]:
    """Every version of every record counts: one that was written over is evidence too."""
    pages = (
        page
        for each in names.SEALED
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=place.bucket, Prefix=f"{each}/")
    )
    found = [Record(each["Key"], each["VersionId"], each["LastModified"]) for page in pages for each in page.get("Versions", [])]
    return [each for each in found if (each.key, each.version) not in sealed]


def read_links(s3: S3Client, bucket: str, region: str) -> Iterator[tuple[str, Signed]]:
    """By key, in order. Raises NoLink for an object that is none."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder(region)):
        for each in page.get("Contents", []):
            if number_of(each["Key"]) is not None:
                yield each["Key"], Signed.parse(s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read())


def _append(
    clients: tuple[S3Client, KMSClient], place: Place, record: Record, newest: Link | None, now: Callable[[], datetime]
) -> Link | None:
    """None when somebody else sealed it meanwhile."""
    s3, kms = clients
    content = s3.get_object(Bucket=place.bucket, Key=record.key, VersionId=record.version)["Body"].read()
    for _ in range(_MOST_TRIES):
        sealed = now().astimezone(UTC)
        link = Link(
            format=FORMAT,
            chain=place.name,
            number=newest.number + 1 if newest else 1,
            previous=newest.digest if newest else beginning(place.name),
            sealed=sealed.isoformat(timespec="seconds"),
            key=record.key,
            version=record.version,
            sha256=hashlib.sha256(content).hexdigest(),
            recorded=record.taken.astimezone(UTC).isoformat(timespec="seconds"),
        )
        lock: Any = place.lock(sealed)
        try:
            s3.put_object(
                Bucket=place.bucket,
                Key=link_key(place.region, link.number),
                Body=_sign(kms, place, link).document(),
                ContentType="application/json",
                IfNoneMatch="*",
                ObjectLockMode=lock["Mode"],
                ObjectLockRetainUntilDate=lock["RetainUntilDate"],
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in _TAKEN:
                raise
            newest = _read(s3, place, link.number)
            if (newest.key, newest.version) == (record.key, record.version):
                return None
            continue
        s3.put_object_retention(
            Bucket=place.bucket,
            Key=record.key,
            VersionId=record.version,
            Retention=lock,
        )
        return link
    raise Busy(f"{record.key} was not sealed in {_MOST_TRIES} tries")


def _read(s3: S3Client, place: Place, number: int) -> Link:
    return Signed.parse(s3.get_object(Bucket=place.bucket, Key=link_key(place.region, number))["Body"].read()).link


def _sign(kms: KMSClient, place: Place, link: Link) -> Signed:
    """KMS takes messages of up to 4096 bytes; a link is one of some hundred."""
    answer = kms.sign(
        KeyId=names.key_alias(place.prefix, names.EVIDENCE_KEY),
        Message=link.body(),
        MessageType="RAW",
        SigningAlgorithm="ECDSA_SHA_256",
    )
    return Signed(link, answer["Signature"], answer["KeyId"])


def keep_public_key(s3: S3Client, kms: KMSClient, place: Place) -> None:
    """Beside the links, once: who checks them later may not be let into this account."""
    body = pem(kms.get_public_key(KeyId=names.key_alias(place.prefix, names.EVIDENCE_KEY))["PublicKey"])
    try:
        s3.put_object(Bucket=place.bucket, Key=f"{folder(place.region)}{PUBLIC_KEY}", Body=body, IfNoneMatch="*")
    except ClientError as error:
        if error.response["Error"]["Code"] not in _TAKEN:
            raise
