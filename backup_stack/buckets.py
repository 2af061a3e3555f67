"""Buckets of a region, and how what is in them reaches the other region.

The primary replicates to the recovery region. Not the other way round: S3 refuses to replicate to a bucket that is not there
yet, and the recovery region deploys first, needing nothing of the primary. After a swap the direction turns.
"""

from __future__ import annotations

from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_s3 import BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, LifecycleRule, ObjectOwnership
from constructs import Construct

from components.acknowledge import acknowledge
from components.permissions import WildcardStatement, allow
from strategy import Strategy, naming


class KeptBucket(Bucket):
    """Versioned, encrypted, private, over TLS only, and left behind by its stack."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        rules: list[LifecycleRule] | None = None,
        lockable: bool = False,
    ) -> None:
        """`lockable`: objects can be locked, one by one. Not by default: AWS Config delivers into no bucket that locks all."""
        super().__init__(
            scope,
            construct_id,
            bucket_name=name,
            versioned=True,
            object_lock_enabled=True if lockable else None,
            encryption=BucketEncryption.S3_MANAGED,
            block_public_access=BlockPublicAccess.BLOCK_ALL,
            object_ownership=ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            lifecycle_rules=rules,
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.lockable = lockable
        by_trail = "The trail says who writes and deletes, completely and signed; access logs are best effort"
        acknowledge(
            self,
            {
                "AwsSolutions-S1": by_trail,
                "NIST.800.53.R5-S3BucketLoggingEnabled": by_trail,
                "NIST.800.53.R5-S3DefaultEncryptionKMS": "Encrypted by S3: a replica must open without a key of the other region",
            },
        )


class Replication(Construct):
    """The role is there in both regions and both roles of a region; what it may do comes with the first bucket replicated."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        super().__init__(scope, construct_id)
        self._role = Role(
            self,
            "Role",
            role_name=naming.role(strategy.prefix, "replicate", region),
            assumed_by=ServicePrincipal("s3.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": strategy.account}}),
        )

    def receive(self, *buckets: KeptBucket) -> None:
        """What arrives in them is written by the other region: there is nothing to set."""
        for bucket in buckets:
            receives = "It receives the other region's objects; the direction turns when the regions are swapped"
            acknowledge(bucket, {"NIST.800.53.R5-S3BucketReplicationEnabled": receives})

    def replicate(self, bucket: KeptBucket, *, to: str, region: str, deletions: bool) -> None:
        """Every object of `bucket` to the bucket `to` of `region`; without `deletions`, what is deleted here stays there."""
        source, destination = bucket.bucket_arn, f"arn:aws:s3:::{to}"
        deletion = ["s3:ReplicateDelete"] if deletions else []
        locks = ["s3:GetObjectLegalHold", "s3:GetObjectRetention"] if bucket.lockable else []
        allow(
            self._role,
            [
                PolicyStatement(actions=["s3:GetReplicationConfiguration", "s3:ListBucket"], resources=[source]),
                WildcardStatement(
                    actions=[
                        *locks,
                        "s3:GetObjectVersionAcl",
                        "s3:GetObjectVersionForReplication",
                        "s3:GetObjectVersionTagging",
                    ],
                    resources=[f"{source}/*"],
                    because="Every object of the bucket is replicated, whatever its name",
                ),
                WildcardStatement(
                    actions=[*deletion, "s3:ReplicateObject", "s3:ReplicateTags"],
                    resources=[f"{destination}/*"],
                    because="Every object of the bucket is replicated, whatever its name",
                ),
            ],
        )
        cfn_bucket = cast("CfnBucket", bucket.node.default_child)
        cfn_bucket.replication_configuration = CfnBucket.ReplicationConfigurationProperty(
            role=self._role.role_arn,
            rules=[
                CfnBucket.ReplicationRuleProperty(
                    id=f"to-{region}",
                    status="Enabled",
                    priority=1,
                    filter=CfnBucket.ReplicationRuleFilterProperty(prefix=""),
                    delete_marker_replication=CfnBucket.DeleteMarkerReplicationProperty(
                        status="Enabled" if deletions else "Disabled"
                    ),
                    destination=CfnBucket.ReplicationDestinationProperty(bucket=destination),
                )
            ],
        )
