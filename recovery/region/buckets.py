"""The replicated buckets of this region: there, versioned, and what of the lost region has arrived. Reads only."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from recovery.region.source import Client
from recovery.restore.region_plan import RegionPlan
from strategy.contracts.region import BucketsAnswer, SeenBucket

_PAGE = 1000


def check(plan: RegionPlan, client: Client) -> BucketsAnswer:
    found = tuple(_look(client("s3"), each) for each in plan.buckets)
    return BucketsAnswer(buckets=found, problems=tuple(f"{each.bucket}: {each.problem}" for each in found if each.problem))


def _look(s3: Any, bucket: str) -> SeenBucket:
    try:
        status = str(s3.get_bucket_versioning(Bucket=bucket).get("Status", "off"))
        page = s3.list_objects_v2(Bucket=bucket, MaxKeys=_PAGE)
    except ClientError as error:
        return SeenBucket(bucket=bucket, versioning="", objects="", problem=error.response["Error"]["Code"])
    objects = f"{page['KeyCount']}{'+' if page.get('IsTruncated') else ''}"
    problem = "" if status == "Enabled" else f"versioning is {status}"
    return SeenBucket(bucket=bucket, versioning=status, objects=objects, problem=problem)
