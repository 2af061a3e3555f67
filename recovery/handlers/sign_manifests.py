"""Signs the manifests that the measuring function says it wrote, and locks them.

Environment: `EVIDENCE_BUCKET`, `PREFIX`, `ACCOUNT`, `KEEP_DAYS`, `FOR_GOOD`. Done twice, both times are good. A manifest that is
not what was measured fails the whole: somebody changed it in between.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import boto3

from recovery.evidence.chain_seal import Place, keep_public_key
from recovery.lambda_runtime import handles
from recovery.verify.statement import sign
from strategy.contracts.manifest import SignAnswer, SignRequest


@handles(SignRequest.from_json)
def handler(request: SignRequest, _context: object) -> SignAnswer:
    s3, kms, bucket, now = boto3.client("s3"), boto3.client("kms"), os.environ["EVIDENCE_BUCKET"], datetime.now(UTC)
    place = Place(
        account=os.environ["ACCOUNT"],
        prefix=os.environ["PREFIX"],
        region=os.environ["AWS_REGION"],
        keep=timedelta(days=int(os.environ["KEEP_DAYS"])),
        for_good=os.environ["FOR_GOOD"] == "true",
    )
    keep_public_key(s3, kms, place)
    written, signed, lock = request.written, list[str](), cast("Any", place.lock(now))
    for key in written.manifest_keys.values():
        signed.append(sign(s3, kms, bucket, key, written.sha256[key], region=place.region, now=now))
        for each in (key, signed[-1]):
            s3.put_object_retention(Bucket=bucket, Key=each, Retention=lock)
    return SignAnswer(signed=tuple(signed))
