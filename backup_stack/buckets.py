"""Buckets of a region, and how what is in them reaches the other region.

Each replicates to the other: evidence of a recovery is written where the recovery runs, and must be in the other region when
that one is back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from aws_cdk import Aws, CfnCondition, CfnParameter, Fn, RemovalPolicy
from aws_cdk.aws_iam import CfnPolicy, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_s3 import BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, LifecycleRule, ObjectOwnership
from constructs import Construct

from components.acknowledge import acknowledge
from components.permissions import WildcardStatement, allow
from strategy import Strategy
from strategy.catalogue import names


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
    """To the other region, in both roles: a parameter says to which, and deployments leave it as it was. So a swap turns nothing.

    By default only the primary's: S3 replicates to no bucket that is not there yet, and the recovery region deploys first.
    `deployment/deploy.py` sets the recovery region's as soon as the primary stands.
    """

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        super().__init__(scope, construct_id)
        regions = strategy.regions
        self._to = CfnParameter(
            self,
            "To",
            default=regions.recovery if region == regions.primary else "",
            allowed_pattern=r"^([a-z]{2}(-[a-z]+)+-\d)?$",
            description="Region that the buckets replicate to; none where that region's buckets are not there yet",
        )
        self._to.override_logical_id(names.REPLICATES_TO)
        self._wanted = CfnCondition(
            self, "Wanted", expression=Fn.condition_not(Fn.condition_equals(self._to.value_as_string, ""))
        )
        self._wanted.override_logical_id("ReplicatesBuckets")
        self._role = Role(
            self,
            "Role",
            role_name=names.role(strategy.prefix, "replicate", region),
            assumed_by=ServicePrincipal("s3.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": strategy.account}}),
        )

    def replicate(self, bucket: KeptBucket, *, to: Callable[[str], str], deletions: bool) -> None:
        """Every object of `bucket` to the bucket that `to` names in a region; without `deletions`, what is deleted here stays
        there. What arrived by replication is not sent back.
        """
        region = self._to.value_as_string
        source, destination = bucket.bucket_arn, f"arn:aws:s3:::{to(region)}"
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
        for each in self._role.node.find_all():
            if isinstance(each, CfnPolicy):
                each.cfn_options.condition = self._wanted
        configuration = {
            "Role": self._role.role_arn,
            "Rules": [
                {
                    "Id": f"to-{region}",
                    "Status": "Enabled",
                    "Priority": 1,
                    "Filter": {"Prefix": ""},
                    "DeleteMarkerReplication": {"Status": "Enabled" if deletions else "Disabled"},
                    "Destination": {"Bucket": destination},
                }
            ],
        }
        resource = cast("CfnBucket", bucket.node.default_child)
        resource.replication_configuration = Fn.condition_if(self._wanted.logical_id, configuration, Aws.NO_VALUE)
        conditional = "It replicates as soon as the other region's bucket is there: a condition, which the check cannot read"
        acknowledge(bucket, {"NIST.800.53.R5-S3BucketReplicationEnabled": conditional})
