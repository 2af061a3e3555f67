"""A manifest is believed when the key of its environment signed it so, and for nothing else; each doubt is one line."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from recovery.evidence import bucket as evidence
from recovery.evidence.chain_link import PUBLIC_KEY, folder
from recovery.verify.content import Chunk, Content, Part
from recovery.verify.manifest import Manifest, ManifestError, dump
from recovery.verify.result import Report, Verdict
from recovery.verify.signature import trusted
from recovery.verify.verification import Live, judge
from strategy.catalogue import names
from strategy.contracts.verify import VerifyRequest
from tests.recovery import signing
from tests.recovery.conftest import ACCOUNT, BUCKET, PREFIX, REGION

MOMENT = datetime(2026, 11, 2, 2, 0, 1, 250_000, tzinfo=UTC)
CONTENT = Content("mysql", {"shop": {"tables": {}}}, {"shop.people": Part((Chunk(2, 11), Chunk(3, 12)))})
OTHER = Content("mysql", {"shop": {"tables": {}}}, {"shop.people": Part((Chunk(2, 11), Chunk(3, 13)))})
KEY = evidence.manifest_key("mysql", MOMENT)
LATER = evidence.manifest_key("mysql", MOMENT + timedelta(hours=24))


def body(content: Content = CONTENT, *, store: str = "mysql", moment: datetime = MOMENT) -> bytes:
    return dump(Manifest(store, moment, "MySQL 8.0", content))


@pytest.fixture
def bucket(aws: Any, s3: Any) -> Iterator[Any]:
    """With one signed manifest."""
    signing.put(s3, BUCKET, KEY, body())
    yield s3
    for entry in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=entry["Key"])
    signing.new_key(aws, PREFIX)


def judged(s3: Any, *, key: str | None = KEY, live: Content = CONTENT, store: str = "mysql") -> Report:
    request = VerifyRequest(store=store, bucket=BUCKET, manifest_key=key)
    return judge(s3, request, "mysql", lambda _expected, _gap: Live(live))


def test_a_signed_manifest_is_believed(bucket: Any) -> None:
    assert trusted(bucket, BUCKET, KEY, store="mysql", kind="mysql").content == CONTENT
    assert judged(bucket).verdict is Verdict.PASSED
    assert judged(bucket, live=OTHER).verdict is Verdict.FAILED


@pytest.mark.proves("verification.signature")
def test_manifest_and_signature_are_locked(bucket: Any) -> None:
    for key in (KEY, evidence.signature_key(KEY)):
        held = bucket.head_object(Bucket=BUCKET, Key=key)
        assert held["ObjectLockMode"] == "GOVERNANCE"
        assert held["ObjectLockRetainUntilDate"] > datetime.now(UTC) + timedelta(days=29)


def test_signing_twice_is_as_good(bucket: Any) -> None:
    signing.put(bucket, BUCKET, KEY, body())
    assert judged(bucket).verdict is Verdict.PASSED


def resign(s3: Any, at: str, /, **changes: str) -> None:
    """A signature whose statement says something else: whoever may write objects can do that, and not sign it."""
    place = evidence.signature_key(at)
    document = json.loads(s3.get_object(Bucket=BUCKET, Key=evidence.signature_key(KEY))["Body"].read())
    document["statement"] |= changes
    s3.put_object(Bucket=BUCKET, Key=place, Body=json.dumps(document))


def overwrite(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=body(OTHER))


def forge(s3: Any) -> None:
    """Everything that fits but the key: the new manifest, its own hash, and the statement of it."""
    overwrite(s3)
    resign(s3, KEY, sha256=hashlib.sha256(body(OTHER)).hexdigest())


def by_another_key(s3: Any) -> None:
    """A key of somebody else's, under the same name, signs the forged one: the public key beside the links is still the first."""
    signing.new_key(boto3, PREFIX)
    signing.put(s3, BUCKET, KEY, body(OTHER))


def renamed(s3: Any) -> None:
    """Yesterday's, signature and all, under the name of today."""
    for key, made in ((KEY, LATER), (evidence.signature_key(KEY), evidence.signature_key(LATER))):
        s3.copy_object(Bucket=BUCKET, Key=made, CopySource={"Bucket": BUCKET, "Key": key})


def renamed_in_the_statement_too(s3: Any) -> None:
    renamed(s3)
    resign(s3, LATER, key=LATER)


def signed_under_another_name(s3: Any) -> None:
    """Even the signer gives yesterday's data no other moment."""
    signing.put(s3, BUCKET, LATER, body())


def of_another_environment(s3: Any) -> None:
    """What a test environment measured, and its own key signed, copied here."""
    theirs = names.evidence_bucket("toy", REGION, ACCOUNT)
    signing.evidence_bucket(boto3, theirs, "toy")
    signing.put(s3, theirs, KEY, body(OTHER))
    for key in (KEY, evidence.signature_key(KEY)):
        s3.copy_object(Bucket=BUCKET, Key=key, CopySource={"Bucket": theirs, "Key": key})


def unsigned(s3: Any) -> None:
    s3.delete_object(Bucket=BUCKET, Key=evidence.signature_key(KEY))


def unreadable(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key=evidence.signature_key(KEY), Body=b'{"statement": {"key": 1}}')


def cut(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=body()[:-40])


def without_public_key(s3: Any) -> None:
    s3.delete_object(Bucket=BUCKET, Key=f"{folder(REGION)}{PUBLIC_KEY}")


def another_public_key(s3: Any) -> None:
    s3.put_object(
        Bucket=BUCKET, Key=f"{folder(REGION)}{PUBLIC_KEY}", Body=b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
    )


@pytest.mark.proves("verification.signature")
@pytest.mark.parametrize(
    ("trouble", "key", "said"),
    [
        (overwrite, KEY, "was altered after it was signed"),
        (cut, KEY, "was altered after it was signed"),
        (forge, KEY, "it is forged or altered"),
        (by_another_key, KEY, "it is forged or altered"),
        (renamed, LATER, f"is of manifest {KEY}, not of {LATER}"),
        (renamed_in_the_statement_too, LATER, "it is forged or altered"),
        (signed_under_another_name, LATER, "which is not the moment of its name"),
        (of_another_environment, KEY, f"is of environment {ACCOUNT}/toy, not of {ACCOUNT}/{PREFIX}"),
        (lambda s3: resign(s3, KEY, environment=f"{ACCOUNT}/{PREFIX}", region="elsewhere"), KEY, "there is no public key"),
        (lambda s3: resign(s3, KEY, store="other"), KEY, "is of store other, not of mysql"),
        (lambda s3: resign(s3, KEY, format="something"), KEY, "has format 'something'"),
        (unsigned, KEY, "is not signed (yet)"),
        (unreadable, KEY, "cannot be read as one"),
        (without_public_key, KEY, "there is no public key"),
        (another_public_key, KEY, "no signature can be checked"),
        (lambda _s3: None, LATER, f"there is no manifest {LATER}"),
        (lambda _s3: None, None, "no manifest near"),
    ],
)
def test_what_is_not_signed_so_is_never_compared_with(
    trouble: Callable[[Any], object], key: str | None, said: str, bucket: Any
) -> None:
    trouble(bucket)
    for live in (CONTENT, OTHER):
        report = judged(bucket, key=key, live=live)
        assert report.verdict is Verdict.NOT_CHECKED
        assert said in report.summary
        assert "\n" not in report.summary


def test_the_manifest_of_another_store_is_not_believed(bucket: Any) -> None:
    report = judged(bucket, store="other")
    assert (report.verdict, "is of store mysql, not of other" in report.summary) == (Verdict.NOT_CHECKED, True)


@pytest.mark.proves("verification.signature")
def test_only_what_was_measured_is_signed(bucket: Any) -> None:
    """Whoever writes into the bucket between the two steps gets no signature, and the workflow fails."""
    key = evidence.manifest_key("mysql", MOMENT + timedelta(hours=1))
    evidence.write_manifest(bucket, BUCKET, key, body(OTHER))
    with pytest.raises(ManifestError, match="is not what was measured"):
        signing.sign(BUCKET, {"manifest_keys": {"mysql": key}, "sha256": {key: "0" * 64}, "pieces": []})
    found = bucket.list_objects_v2(Bucket=BUCKET, Prefix=evidence.signature_key(key))
    assert "Contents" not in found


def test_each_bit_of_a_signature_matters(bucket: Any) -> None:
    place = evidence.signature_key(KEY)
    document = json.loads(bucket.get_object(Bucket=BUCKET, Key=place)["Body"].read())
    good = base64.b64decode(document["signature"])
    for at in range(0, len(good) * 8, 37):
        flipped = bytearray(good)
        flipped[at // 8] ^= 1 << at % 8
        document["signature"] = base64.b64encode(flipped).decode()
        bucket.put_object(Bucket=BUCKET, Key=place, Body=json.dumps(document))
        assert judged(bucket).verdict is Verdict.NOT_CHECKED


@pytest.mark.parametrize("bucket_name", ["evidence", "bank-evidence-12-ap-southeast-2", "bank-shared-123456789012-x"])
def test_a_bucket_that_is_none_of_evidence_has_no_owner(bucket_name: str) -> None:
    with pytest.raises(ValueError, match="no bucket of evidence"):
        names.evidence_owner(bucket_name)


@pytest.mark.parametrize("prefix", ["bank", "bank-evidence-1", "a-b-c"])
def test_a_bucket_of_evidence_says_whose_it_is(prefix: str) -> None:
    assert names.evidence_owner(names.evidence_bucket(prefix, REGION, ACCOUNT)) == f"{ACCOUNT}/{prefix}"
