"""The bucket of the application's files: not backed up but versioned, and in both regions."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk.aws_s3 import LifecycleRule
from constructs import Construct

from backup_stack.buckets import KeptBucket
from strategy import Strategy
from strategy.catalogue import names


class SharedData(KeptBucket):
    """An overwritten or deleted file comes back from its old version, for as many days as the strategy keeps those."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        super().__init__(
            scope,
            construct_id,
            name=names.shared_data_bucket(strategy.prefix, region, strategy.account),
            rules=[
                LifecycleRule(
                    id="old-versions",
                    noncurrent_version_expiration=Duration.days(strategy.buckets.old_versions_keep.days),
                    expired_object_delete_marker=True,
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                )
            ],
        )
