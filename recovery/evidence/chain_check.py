"""Is the chain whole, and is what it seals unchanged? Facts in, findings out: asks nobody, and trusts only the public key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from recovery.evidence.chain_link import NoLink, Signed, beginning, number_of

CLOCKS = timedelta(minutes=15)
"""How far S3's moment of a link and the link's own may be apart."""
GRACE = timedelta(hours=3)
"""How long a record may wait for its seal: sealing is hourly, and is tried again."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as it lies in the bucket."""

    key: str
    version: str
    taken: datetime
    """S3's own moment, which nobody can set."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Evidence:
    chain: str
    links: tuple[Stored, ...]
    """By key."""
    deleted: tuple[str, ...]
    """Keys of links and records that have a delete marker or a version written over."""
    records: Mapping[tuple[str, str], Stored]
    """By key and version."""
    public_key: bytes
    """PEM, as it lies beside the links."""
    kms_key: bytes | None
    """PEM, as KMS gives it; None where KMS could not be asked."""
    witness: Mapping[int, str] | None
    """Digests of links by number in the other region's replica; None where it could not be read."""


@dataclass(frozen=True, slots=True)
class Finding:
    kind: str
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    findings: tuple[Finding, ...]
    links: int
    records: int
    not_checked: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """An empty chain proves nothing, and is not called whole."""
        return not self.findings and self.links > 0


def check(evidence: Evidence, now: datetime) -> Verdict:
    unknown = []
    if evidence.kms_key is None:
        unknown.append("the key in KMS: the public key beside the links was taken as it is")
    if evidence.witness is None:
        unknown.append("the replica in the other region: a cut end shows there")
    return Verdict(tuple(_findings(evidence, now)), len(evidence.links), len(evidence.records), tuple(unknown))


def _findings(evidence: Evidence, now: datetime) -> Iterator[Finding]:
    key = _key(evidence.public_key)
    if key is None:
        yield Finding("key", "public key", "it is no public key on P-256")
    if evidence.kms_key is not None and evidence.kms_key.strip() != evidence.public_key.strip():
        yield Finding("key", "public key", "the key beside the links is not the one in KMS")
    for deleted in evidence.deleted:
        yield Finding("removed", deleted, "it was deleted or written over: older versions are still there")
    read: list[tuple[Stored, Signed]] = []
    for stored in evidence.links:
        try:
            read.append((stored, Signed.parse(stored.body)))
        except NoLink as error:
            yield Finding("malformed", stored.key, str(error))
    yield from _order(evidence, [(stored, signed) for stored, signed in read])
    for stored, signed in read:
        yield from _link(evidence, stored, signed, key)
    yield from _records(evidence, [signed for _, signed in read], now)
    yield from _witnessed(evidence, [signed for _, signed in read])


def _key(pem: bytes) -> EllipticCurvePublicKey | None:
    try:
        found = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return found if isinstance(found, EllipticCurvePublicKey) else None


def _order(evidence: Evidence, read: list[tuple[Stored, Signed]]) -> Iterator[Finding]:
    """Numbers without a gap, each link calling the one before it by its digest, moments never going back."""
    previous, last, expected = beginning(evidence.chain), "", 1
    for stored, signed in read:
        link = signed.link
        if number_of(stored.key) != link.number:
            yield Finding("reordered", stored.key, f"it says number {link.number}")
        if number_of(stored.key) != expected:
            yield Finding("removed", stored.key, f"number {expected} is missing before it")
        if link.previous != previous:
            yield Finding("broken", stored.key, "it does not follow the link before it")
        if link.sealed < last:
            yield Finding("back-dated", stored.key, f"sealed {link.sealed}, before its predecessor {last}")
        previous, last, expected = link.digest, link.sealed, (number_of(stored.key) or expected) + 1


def _link(evidence: Evidence, stored: Stored, signed: Signed, key: EllipticCurvePublicKey | None) -> Iterator[Finding]:
    link = signed.link
    if link.chain != evidence.chain:
        yield Finding("foreign", stored.key, f"it is of the chain {link.chain}, this is {evidence.chain}")
    if key is not None and not _signed(key, signed):
        yield Finding("forged", stored.key, "its signature is not the key's, or it was altered")
    sealed, recorded = datetime.fromisoformat(link.sealed), datetime.fromisoformat(link.recorded)
    if abs(stored.taken - sealed) > CLOCKS:
        yield Finding(
            "back-dated", stored.key, f"it says {link.sealed}, S3 took it at {stored.taken.isoformat(timespec='seconds')}"
        )
    if recorded > sealed + CLOCKS:
        yield Finding("back-dated", stored.key, f"sealed {link.sealed}, before its record of {link.recorded}")
    record = evidence.records.get((link.key, link.version))
    if record is None:
        yield Finding("removed", link.key, f"version {link.version}, which {stored.key} seals, is not there")
    elif hashlib.sha256(record.body).hexdigest() != link.sha256:
        yield Finding("altered", link.key, f"it is not what {stored.key} seals")
    elif abs(record.taken - recorded) > timedelta(seconds=1):
        yield Finding("back-dated", link.key, f"{stored.key} says it is of {link.recorded}, S3 says {record.taken.isoformat()}")


def _signed(key: EllipticCurvePublicKey, signed: Signed) -> bool:
    try:
        key.verify(signed.signature, signed.link.body(), ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _records(evidence: Evidence, links: list[Signed], now: datetime) -> Iterator[Finding]:
    sealed = [(each.link.key, each.link.version) for each in links]
    for key, version in {each for each in sealed if sealed.count(each) > 1}:
        yield Finding("duplicated", key, f"version {version} is sealed twice")
    for (key, version), record in evidence.records.items():
        if (key, version) not in sealed and now - record.taken > GRACE:
            yield Finding("unsealed", key, f"version {version} of {record.taken.isoformat(timespec='seconds')} has no link")


def _witnessed(evidence: Evidence, links: list[Signed]) -> Iterator[Finding]:
    """The replica may be behind; it may never know more, or something else."""
    if evidence.witness is None:
        return
    here = {each.link.number: each.link.digest for each in links}
    for number, digest in sorted(evidence.witness.items()):
        if number not in here:
            yield Finding("truncated", f"link {number}", "the other region has it, this one does not")
        elif here[number] != digest:
            yield Finding("rewritten", f"link {number}", "the other region's is another one")
