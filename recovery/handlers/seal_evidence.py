"""Seals the records of a region that are not sealed yet. Started twice at once, both find what is left."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import boto3

from recovery.evidence.chain_seal import Place, seal
from recovery.lambda_runtime import anything, handles
from strategy.contracts.evidence import SealAnswer


@handles(anything)
def handler(_nothing: None, _context: object) -> SealAnswer:
    place = Place(
        account=os.environ["ACCOUNT"],
        prefix=os.environ["PREFIX"],
        region=os.environ["AWS_REGION"],
        keep=timedelta(days=int(os.environ["KEEP_DAYS"])),
        for_good=os.environ["FOR_GOOD"] == "true",
    )
    return SealAnswer(sealed=tuple(seal(boto3.client("s3"), boto3.client("kms"), place, lambda: datetime.now(UTC))))
