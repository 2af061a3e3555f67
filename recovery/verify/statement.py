"""The signature of a manifest: who measured what, and when, said by a key that only signs and that no function can read.

MySQL is measured where KMS cannot be reached, so another function signs, and only what the measuring function says it wrote: its
answer holds the SHA-256 of each manifest and comes by AWS's own way. Whoever may write objects beside the manifests, or overwrite
one, gets no signature by it. The statement that is signed names the environment, the store, the key and the bytes: a manifest is
worth nothing under another name, in another environment, or with one byte changed.

Who checks it is `signature`: signing needs no library, and checking does.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from recovery.evidence import bucket as evidence
from recovery.verify.manifest import ManifestError
from strategy.catalogue import names

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client

FORMAT = "recovery-manifest-signature"


@dataclass(frozen=True, slots=True)
class Statement:
    """What is signed. `signed` is ISO 8601, UTC; `environment` is account and prefix; `region` is the key's."""

    format: str
    environment: str
    region: str
    store: str
    key: str
    sha256: str
    signed: str

    def body(self) -> bytes:
        """Canonical: sorted keys, no spaces, UTF-8; a few hundred bytes, of which KMS takes 4096."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sign(s3: S3Client, kms: KMSClient, bucket: str, key: str, sha256: str, *, region: str, now: datetime) -> str:
    """Signs the manifest `key` of `bucket`, if its bytes have this SHA-256; the key of the signature.

    Raises ManifestError when they have not: what lies there is not what was measured.
    """
    owner, store = names.evidence_owner(bucket), key.split("/")[1]
    if hashlib.sha256(evidence.read(s3, bucket, key)).hexdigest() != sha256:
        raise ManifestError(f"{key} in {bucket} is not what was measured: it is not signed")
    statement = Statement(FORMAT, owner, region, store, key, sha256, now.astimezone(UTC).isoformat(timespec="seconds"))
    answer = kms.sign(
        KeyId=names.key_alias(owner.partition("/")[2], names.EVIDENCE_KEY),
        Message=statement.body(),
        MessageType="RAW",
        SigningAlgorithm="ECDSA_SHA_256",
    )
    document = {
        "statement": asdict(statement),
        "signature": base64.b64encode(answer["Signature"]).decode(),
        "signer": answer["KeyId"],
    }
    place = evidence.signature_key(key)
    body = json.dumps(document, indent=2, sort_keys=True).encode()
    s3.put_object(Bucket=bucket, Key=place, Body=body, ContentType="application/json")
    return place
