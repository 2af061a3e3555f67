"""AWS Config's recorder of a region, where nobody else keeps one: Backup Audit Manager judges by what it recorded.

A region has one recorder at most. It records what the framework's controls look at, and nothing else, since every item costs.
"""

from __future__ import annotations

from aws_cdk.aws_config import CfnConfigurationRecorder, CfnDeliveryChannel
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from constructs import Construct

from backup_stack.buckets import KeptBucket
from strategy import Strategy
from strategy.catalogue import names

SERVICE = "config.amazonaws.com"
_RECORDED = (
    "AWS::Backup::BackupPlan",
    "AWS::Backup::BackupSelection",
    "AWS::Backup::BackupVault",
    "AWS::Backup::RecoveryPoint",
    "AWS::Config::ResourceCompliance",
    "AWS::DynamoDB::Table",
    "AWS::RDS::DBInstance",
)


class Configuration(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, bucket: KeptBucket) -> None:
        super().__init__(scope, construct_id)
        # Neither depends on the other: CloudFormation starts the recorder when its channel is there.
        CfnConfigurationRecorder(
            self,
            "Recorder",
            name=names.recorder(strategy.prefix),
            role_arn=f"arn:aws:iam::{strategy.account}:role/aws-service-role/{SERVICE}/AWSServiceRoleForConfig",
            recording_group=CfnConfigurationRecorder.RecordingGroupProperty(
                all_supported=False, include_global_resource_types=False, resource_types=list(_RECORDED)
            ),
        )
        channel = CfnDeliveryChannel(
            self,
            "Channel",
            name=names.recorder(strategy.prefix),
            s3_bucket_name=bucket.bucket_name,
            s3_key_prefix=names.CONFIGURATION,
        )
        ours = {"aws:SourceAccount": strategy.account}
        objects = bucket.arn_for_objects(f"{names.CONFIGURATION}/AWSLogs/{strategy.account}/Config/*")
        for actions, resource, conditions in (
            (["s3:GetBucketAcl", "s3:ListBucket"], bucket.bucket_arn, ours),
            (["s3:PutObject"], objects, ours | {"s3:x-amz-acl": "bucket-owner-full-control"}),
        ):
            bucket.add_to_resource_policy(
                PolicyStatement(
                    principals=[ServicePrincipal(SERVICE)],
                    actions=actions,
                    resources=[resource],
                    conditions={"StringEquals": conditions},
                )
            )
        if bucket.policy is not None:
            channel.node.add_dependency(bucket.policy)
