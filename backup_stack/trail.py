"""A CloudTrail trail of a region, where nobody else keeps one: who started, changed, restored or deleted what.

Also the source of the events by which `Tampering` notices an attempt. One region only: each must be able to stand alone.
"""

from __future__ import annotations

from aws_cdk.aws_cloudtrail import CfnTrail
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from constructs import Construct

from backup_stack.buckets import KeptBucket
from components.acknowledge import acknowledge
from strategy import Strategy
from strategy.catalogue import names

_OURS = (names.MANIFESTS, names.RECOVERIES, names.REPORTS, names.VERIFICATIONS)


class BackupTrail(CfnTrail):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, bucket: KeptBucket, shared: KeptBucket
    ) -> None:
        """Delivers to `bucket`; of what is in `bucket` and `shared`, says who wrote and who deleted it."""
        name = names.trail(strategy.prefix)
        super().__init__(
            scope,
            construct_id,
            trail_name=name,
            s3_bucket_name=bucket.bucket_name,
            s3_key_prefix=names.TRAIL,
            is_logging=True,
            is_multi_region_trail=False,
            include_global_service_events=True,
            enable_log_file_validation=True,
            event_selectors=[
                # StartBackupJob, StartCopyJob, StartRestoreJob, DeleteRecoveryPoint: all of them write.
                CfnTrail.EventSelectorProperty(
                    include_management_events=True,
                    read_write_type="WriteOnly",
                    data_resources=[
                        # Not the trail's own folder: each delivery would be an event to deliver.
                        CfnTrail.DataResourceProperty(
                            type="AWS::S3::Object",
                            values=[bucket.arn_for_objects(f"{folder}/") for folder in _OURS] + [shared.arn_for_objects("")],
                        )
                    ],
                )
            ],
        )
        this_trail = {"aws:SourceArn": f"arn:aws:cloudtrail:{region}:{strategy.account}:trail/{name}"}
        objects = bucket.arn_for_objects(f"{names.TRAIL}/AWSLogs/{strategy.account}/*")
        for action, resource, conditions in (
            ("s3:GetBucketAcl", bucket.bucket_arn, this_trail),
            ("s3:PutObject", objects, this_trail | {"s3:x-amz-acl": "bucket-owner-full-control"}),
        ):
            bucket.add_to_resource_policy(
                PolicyStatement(
                    principals=[ServicePrincipal("cloudtrail.amazonaws.com")],
                    actions=[action],
                    resources=[resource],
                    conditions={"StringEquals": conditions},
                )
            )
        if bucket.policy is not None:
            self.node.add_dependency(bucket.policy)
        acknowledge(
            self,
            {
                "NIST.800.53.R5-CloudTrailCloudWatchLogsEnabled": "What is noticed reaches EventBridge; the files are evidence",
                "NIST.800.53.R5-CloudTrailEncryptionEnabled": "The bucket encrypts it; its replica must open without this region",
            },
        )
