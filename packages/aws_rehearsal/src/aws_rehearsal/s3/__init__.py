"""S3: moto's buckets, with replication that replicates, bucket policies that are recorded, and buckets lost with their region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_rehearsal.s3.buckets import drop
from aws_rehearsal.s3.replication import resume

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud


def install(cloud: Cloud) -> None:
    cloud.region_lost.append(drop)
    cloud.region_lit.append(lambda region: resume(cloud, region))
