"""Seals the records of a region that are not sealed yet.

Event: anything; it is started by a schedule. Answer: `sealed`, the keys of the links that it wrote. Started twice at once, both
find what is left.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from recovery.evidence.chain_seal import Place, seal


def handler(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    place = Place(
        account=os.environ["ACCOUNT"],
        prefix=os.environ["PREFIX"],
        region=os.environ["AWS_REGION"],
        keep=timedelta(days=int(os.environ["KEEP_DAYS"])),
        for_good=os.environ["FOR_GOOD"] == "true",
    )
    return {"sealed": seal(boto3.client("s3"), boto3.client("kms"), place, lambda: datetime.now(UTC))}
