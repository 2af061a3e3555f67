"""The bucket of a region's evidence: manifests, verifications, records of recoveries. Nothing in it is ever overwritten.

The primary replicates its bucket to the recovery region's. Not the other way round: S3 refuses to replicate to a bucket that
is not there yet, and the recovery region deploys first, needing nothing of the primary. After a swap the direction turns.
"""

from __future__ import annotations

from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_s3 import BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, ObjectOwnership
from constructs import Construct

from strategy import Strategy, naming


class Evidence(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        super().__init__(scope, construct_id)
        self._strategy = strategy
        self._region = region
        self.bucket = Bucket(
            self,
            "Bucket",
            bucket_name=naming.evidence_bucket(strategy.prefix, region, strategy.account),
            versioned=True,
            encryption=BucketEncryption.S3_MANAGED,
            block_public_access=BlockPublicAccess.BLOCK_ALL,
            object_ownership=ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            removal_policy=RemovalPolicy.RETAIN,
        )

    def replicate_to(self, region: str) -> None:
        """Everything, deletion markers excepted: evidence deleted in one region stays in the other."""
        source = self.bucket.bucket_arn
        destination = f"arn:aws:s3:::{naming.evidence_bucket(self._strategy.prefix, region, self._strategy.account)}"
        role = Role(
            self,
            "Replication",
            role_name=naming.role(self._strategy.prefix, "replicate", self._region),
            assumed_by=ServicePrincipal(
                "s3.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": self._strategy.account}}
            ),
        )
        for actions, resource in (
            (["s3:GetReplicationConfiguration", "s3:ListBucket"], source),
            (["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"], f"{source}/*"),
            (["s3:ReplicateObject", "s3:ReplicateTags"], f"{destination}/*"),
        ):
            role.add_to_policy(PolicyStatement(actions=actions, resources=[resource]))
        cast("CfnBucket", self.bucket.node.default_child).replication_configuration = CfnBucket.ReplicationConfigurationProperty(
            role=role.role_arn,
            rules=[
                CfnBucket.ReplicationRuleProperty(
                    id=f"to-{region}",
                    status="Enabled",
                    priority=1,
                    filter=CfnBucket.ReplicationRuleFilterProperty(prefix=""),
                    delete_marker_replication=CfnBucket.DeleteMarkerReplicationProperty(status="Disabled"),
                    destination=CfnBucket.ReplicationDestinationProperty(bucket=destination),
                )
            ],
        )
