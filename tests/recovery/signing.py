"""Manifests as a night finds them: written by one function, signed by the other."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from recovery.evidence import bucket as evidence
from recovery.evidence.chain_link import PUBLIC_KEY, folder
from recovery.handlers import sign_manifests, write_manifest
from recovery.verify.statement import sign as sign_manifest
from strategy.catalogue import names


def evidence_bucket(aws: Any, bucket: str, prefix: str) -> None:
    """An empty one whose objects can be locked, and the key of its region."""
    region = aws.client("s3").meta.region_name
    aws.client("s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region}, ObjectLockEnabledForBucket=True
    )
    new_key(aws, prefix)


def new_key(aws: Any, prefix: str) -> str:
    """The key that signs for an environment; the id of the key."""
    kms, alias = aws.client("kms"), names.key_alias(prefix, names.EVIDENCE_KEY)
    key: str = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    if alias in {each["AliasName"] for each in kms.list_aliases()["Aliases"]}:
        kms.delete_alias(AliasName=alias)
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    return key


def sign(bucket: str, written: dict[str, Any]) -> list[str]:
    """As the workflow does it after the manifests were written; the keys of the signatures."""
    account, _, prefix = names.evidence_owner(bucket).partition("/")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "ACCOUNT": account,
            "PREFIX": prefix,
            "EVIDENCE_BUCKET": bucket,
            "AWS_REGION": bucket.rpartition(f"{account}-")[2],
            "KEEP_DAYS": "30",
            "FOR_GOOD": "false",
        }.items():
            patch.setenv(name, value)
        signed: list[str] = sign_manifests.handler({"written": written}, None)["signed"]
    return signed


def write(bucket: str) -> dict[str, str]:
    """Measures, writes and signs; the keys by store."""
    written = write_manifest.handler({}, None)
    sign(bucket, written)
    keys: dict[str, str] = written["manifest_keys"]
    return keys


def put(s3: Any, bucket: str, key: str, body: bytes) -> None:
    """A manifest of any content, signed as if it had been measured."""
    evidence.write_manifest(s3, bucket, key, body)
    sign(bucket, {"manifest_keys": {"any": key}, "sha256": {key: hashlib.sha256(body).hexdigest()}, "pieces": []})


def objects(bucket: str, key: str, body: bytes) -> dict[str, bytes]:
    """A signed manifest without any AWS: the objects of the bucket, by key."""
    region = bucket.rpartition(f"{names.evidence_owner(bucket).partition('/')[0]}-")[2]
    secret = derive_private_key(int.from_bytes(b"a key of a test"), SECP256R1())
    public = secret.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    held = {key: body, f"{folder(region)}{PUBLIC_KEY}": public}

    class Here:
        def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803  as boto3 spells it
            assert Bucket == bucket
            return {"Body": io.BytesIO(held[Key])}

        def put_object(self, Bucket: str, Key: str, Body: bytes, **_: str) -> None:  # noqa: N803
            assert Bucket == bucket
            held[Key] = Body

        def sign(self, Message: bytes, **_: str) -> dict[str, Any]:  # noqa: N803
            return {"Signature": secret.sign(Message, ECDSA(hashes.SHA256())), "KeyId": "arn"}

    here: Any = Here()
    digest = hashlib.sha256(body).hexdigest()
    sign_manifest(here, here, bucket, key, digest, region=region, now=datetime.now(UTC))
    return held
