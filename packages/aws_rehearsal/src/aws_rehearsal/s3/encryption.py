"""Objects under a key of KMS: neither written nor read while the key cannot be used.

"Using server-side encryption with AWS KMS keys", "Key states of AWS KMS keys": S3 hands on the error of KMS, `KMS.` before it.
"""

from __future__ import annotations

from typing import Any

from moto.s3.exceptions import S3ClientError

from aws_rehearsal import keys

_BY_KMS = frozenset({"aws:kms", "aws:kms:dsse"})


def check_put(backend: Any, bucket_name: str, algorithm: str | None, key: str | None) -> None:
    """By the request's encryption, or else by the bucket's."""
    bucket = backend.get_bucket(bucket_name)
    if bucket.encryption:
        default = bucket.encryption["Rule"]["ApplyServerSideEncryptionByDefault"]
        algorithm, key = algorithm or default["SSEAlgorithm"], key or default.get("KMSMasterKeyID")
    if algorithm in _BY_KMS:
        _check(key, backend.account_id, bucket.region_name)


def check_get(backend: Any, bucket_name: str, key_name: str, query: dict[str, Any]) -> None:
    """Whoever asks for a missing object is told so by S3 itself."""
    found = backend.get_object(bucket_name, key_name, query.get("versionId", [None])[0])
    if found is not None:
        check_key(found, backend.account_id)


def check_key(found: Any, account: str) -> None:
    """`found`: an object as moto keeps it."""
    if getattr(found, "encryption", None) in _BY_KMS:
        _check(found.kms_key_id, account, found.region_name)


def _check(reference: str | None, account: str, region: str) -> None:
    if unusable := keys.unusable(reference, account, region):
        code = "KMS.DisabledException" if unusable.disabled else "KMS.KMSInvalidStateException"
        raise S3ClientError(code, unusable.said)
