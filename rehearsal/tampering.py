"""Ways to falsify evidence, each done to a real chain in the embedded AWS, and whether the check catches it.

`python -m rehearsal.tampering` does them all, and prints the figures of `make bench ONLY=evidence` as JSON. Whoever falsifies is
given what an intruder could have: the bucket without its lock, and for some kinds the right to sign. What is caught is what
`python -m recovery evidence verify` finds, by the same code.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from aws_rehearsal import ACCOUNT, Cloud
from recovery.evidence.chain_check import Verdict, check
from recovery.evidence.chain_link import PUBLIC_KEY, Link, Signed, beginning, folder, link_key
from recovery.evidence.chain_reader import read
from recovery.evidence.chain_seal import Place, seal
from strategy.catalogue import names

HERE, THERE = "ap-southeast-1", "ap-southeast-2"
PREFIX = "banking-buddy-dev"
RECORDS = 5


@dataclass(frozen=True)
class Chain:
    """A chain of five records in one region, its replica in the other, and everything needed to falsify it."""

    cloud: Cloud
    place: Place

    @property
    def s3(self) -> Any:
        return self.cloud.client("s3", HERE)

    @property
    def kms(self) -> Any:
        return self.cloud.client("kms", HERE)

    def link(self, number: int) -> Signed:
        return Signed.parse(self.body(link_key(HERE, number)))

    def body(self, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket=self.place.bucket, Key=key)["Body"].read())

    def put(self, key: str, body: bytes) -> None:
        """In the place of what is there, without a trace of it: as whoever controls the bucket could."""
        self.purge(key)
        self.s3.put_object(Bucket=self.place.bucket, Key=key, Body=body)

    def purge(self, key: str) -> None:
        for each in self.s3.list_object_versions(Bucket=self.place.bucket, Prefix=key).get("Versions", []):
            self.s3.delete_object(
                Bucket=self.place.bucket, Key=each["Key"], VersionId=each["VersionId"], BypassGovernanceRetention=True
            )

    def signed(self, link: Link) -> Signed:
        """By the region's own key: an insider who may sign."""
        alias = names.key_alias(PREFIX, names.EVIDENCE_KEY)
        answer = self.kms.sign(KeyId=alias, Message=link.body(), MessageType="RAW", SigningAlgorithm="ECDSA_SHA_256")
        return Signed(link, answer["Signature"], answer["KeyId"])

    def rewrite(self, number: int, signed: Signed) -> None:
        self.put(link_key(HERE, number), signed.document())

    def verdict(self) -> Verdict:
        """Hours later, so that nothing merely waits for its seal."""
        other = names.evidence_bucket(PREFIX, THERE, ACCOUNT)
        evidence = read(self.s3, self.kms, self.place, self.cloud.client("s3", THERE), other)
        return check(evidence, self.cloud.clock.now() + timedelta(hours=4))


def make(cloud: Cloud) -> Chain:
    """Buckets as the backup stack has them, five records, sealed, and their links in the other region."""
    place = Place(ACCOUNT, PREFIX, HERE, timedelta(days=35))
    chain = Chain(cloud, place)
    for region in (HERE, THERE):
        cloud.client("s3", region).create_bucket(
            Bucket=names.evidence_bucket(PREFIX, region, ACCOUNT),
            CreateBucketConfiguration={"LocationConstraint": region},
            ObjectLockEnabledForBucket=True,
        )
    key = chain.kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["KeyId"]
    chain.kms.create_alias(AliasName=names.key_alias(PREFIX, names.EVIDENCE_KEY), TargetKeyId=key)
    for number in range(1, RECORDS + 1):
        body = json.dumps({"plan_id": f"r000000{number:02}", "outcome": "recovered"}).encode()
        chain.s3.put_object(Bucket=place.bucket, Key=f"{names.RESTORES}/r000000{number:02}-1.json", Body=body)
    seal(chain.s3, chain.kms, place, cloud.clock.now)
    replicate(chain)
    return chain


def replicate(chain: Chain) -> None:
    there = names.evidence_bucket(PREFIX, THERE, ACCOUNT)
    for each in chain.s3.list_objects_v2(Bucket=chain.place.bucket, Prefix=folder(HERE))["Contents"]:
        chain.cloud.client("s3", THERE).put_object(Bucket=there, Key=each["Key"], Body=chain.body(each["Key"]))


def _record(chain: Chain, number: int) -> str:
    return chain.link(number).link.key


def altered_record(chain: Chain) -> None:
    chain.put(_record(chain, 2), b'{"plan_id": "r00000002", "outcome": "failed"}')


def overwritten_record(chain: Chain) -> None:
    """The sealed version stays, under a newer one."""
    chain.s3.put_object(Bucket=chain.place.bucket, Key=_record(chain, 2), Body=b'{"outcome": "failed"}')


def removed_record(chain: Chain) -> None:
    chain.purge(_record(chain, 3))


def hidden_record(chain: Chain) -> None:
    """Deleted as S3 deletes in a versioned bucket: by a marker."""
    chain.s3.delete_object(Bucket=chain.place.bucket, Key=_record(chain, 3))


def altered_link(chain: Chain) -> None:
    signed = chain.link(2)
    chain.rewrite(2, replace(signed, link=replace(signed.link, sha256="0" * 64)))


def removed_link(chain: Chain) -> None:
    chain.purge(link_key(HERE, 3))


def reordered_links(chain: Chain) -> None:
    second, third = chain.link(2), chain.link(3)
    chain.rewrite(2, third)
    chain.rewrite(3, second)


def renumbered_links(chain: Chain) -> None:
    """Two links change places, with new numbers and new signatures of the right key."""
    second, third = chain.link(2).link, chain.link(3).link
    chain.rewrite(2, chain.signed(replace(third, number=2, previous=second.previous)))
    chain.rewrite(3, chain.signed(replace(second, number=3, previous=third.previous)))


def back_dated_link(chain: Chain) -> None:
    """Signed by the right key; only S3's own moment tells."""
    link = chain.link(RECORDS).link
    earlier = (chain.cloud.clock.now() - timedelta(days=90)).isoformat(timespec="seconds")
    chain.rewrite(RECORDS, chain.signed(replace(link, sealed=earlier, recorded=earlier)))


def back_dated_record(chain: Chain) -> None:
    link = chain.link(RECORDS).link
    earlier = (chain.cloud.clock.now() - timedelta(days=90)).isoformat(timespec="seconds")
    chain.rewrite(RECORDS, chain.signed(replace(link, recorded=earlier)))


def forged_link(chain: Chain) -> None:
    """A link more, for a record that was made up, by a key of the forger's own."""
    last, name = chain.link(RECORDS).link, f"{names.RESTORES}/rffffffff-1.json"
    version = chain.s3.put_object(Bucket=chain.place.bucket, Key=name, Body=b"{}")["VersionId"]
    sha256 = hashlib.sha256(b"{}").hexdigest()
    link = replace(last, number=RECORDS + 1, previous=last.digest, key=name, version=version, sha256=sha256)
    chain.rewrite(RECORDS + 1, Signed(link, generate_private_key(SECP256R1()).sign(link.body(), ECDSA(hashes.SHA256())), "arn"))


def unsigned_link(chain: Chain) -> None:
    chain.rewrite(2, replace(chain.link(2), signature=b""))


def truncated_chain(chain: Chain) -> None:
    """The newest link and its record are gone, both without a trace."""
    key = _record(chain, RECORDS)
    chain.purge(link_key(HERE, RECORDS))
    chain.purge(key)


def foreign_link(chain: Chain) -> None:
    """Of another environment's chain, which the same key signs."""
    other = replace(chain.link(1).link, chain="123456789012/another/ap-southeast-1")
    chain.rewrite(1, chain.signed(replace(other, previous=beginning(other.chain))))


def duplicated_link(chain: Chain) -> None:
    last = chain.link(RECORDS).link
    chain.rewrite(RECORDS + 1, chain.signed(replace(last, number=RECORDS + 1, previous=last.digest)))


def inserted_record(chain: Chain) -> None:
    """A record that was never sealed."""
    chain.s3.put_object(Bucket=chain.place.bucket, Key=f"{names.RESTORES}/reeeeeeee-1.json", Body=b"{}")


def malformed_link(chain: Chain) -> None:
    chain.put(link_key(HERE, 2), b"{}")


def another_key(chain: Chain) -> None:
    """The whole chain signed anew by a forger, whose public key lies beside it: only KMS tells."""
    key = generate_private_key(SECP256R1())
    for number in range(1, RECORDS + 1):
        signed = chain.link(number)
        chain.rewrite(number, replace(signed, signature=key.sign(signed.link.body(), ECDSA(hashes.SHA256()))))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    chain.put(f"{folder(HERE)}{PUBLIC_KEY}", public)


def rewritten_history(chain: Chain) -> None:
    """The last record is another one, sealed by the right key a moment later: only the replica tells."""
    last = chain.link(RECORDS).link
    chain.put(last.key, b'{"outcome": "better"}')
    found = chain.s3.list_object_versions(Bucket=chain.place.bucket, Prefix=last.key)["Versions"][0]
    moment = found["LastModified"].isoformat(timespec="seconds")
    changed = replace(last, version=found["VersionId"], sha256=hashlib.sha256(b'{"outcome": "better"}').hexdigest())
    chain.rewrite(RECORDS, chain.signed(replace(changed, recorded=moment, sealed=moment)))


KINDS: dict[str, tuple[Callable[[Chain], None], str]] = {
    "altered record": (altered_record, "removed"),
    "overwritten record": (overwritten_record, "removed"),
    "removed record": (removed_record, "removed"),
    "hidden record": (hidden_record, "removed"),
    "altered link": (altered_link, "forged"),
    "removed link": (removed_link, "removed"),
    "reordered links": (reordered_links, "reordered"),
    "renumbered links": (renumbered_links, "broken"),
    "back-dated link": (back_dated_link, "back-dated"),
    "back-dated record": (back_dated_record, "back-dated"),
    "forged link": (forged_link, "forged"),
    "unsigned link": (unsigned_link, "forged"),
    "truncated chain": (truncated_chain, "truncated"),
    "foreign link": (foreign_link, "foreign"),
    "duplicated link": (duplicated_link, "duplicated"),
    "inserted record": (inserted_record, "unsealed"),
    "malformed link": (malformed_link, "malformed"),
    "another key": (another_key, "key"),
    "rewritten history": (rewritten_history, "rewritten"),
}
"""By name: how it is done, and the kind of finding that must come of it."""


def caught(cloud: Cloud, name: str) -> bool:
    """Whether a chain that was whole is found out after it was falsified so, and for that reason."""
    chain = make(cloud)
    falsify, kind = KINDS[name]
    if not chain.verdict().whole:
        raise AssertionError("the chain is not whole before it is falsified")
    falsify(chain)
    return kind in {each.kind for each in chain.verdict().findings}


def measure() -> dict[str, float]:
    found = 0
    with tempfile.TemporaryDirectory() as directory:
        for index, name in enumerate(KINDS):
            with Cloud(directory=Path(directory) / str(index)) as cloud:
                found += caught(cloud, name)
    return {"evidence.tamper_kinds": float(len(KINDS)), "evidence.caught": float(found)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()) + "\n")
