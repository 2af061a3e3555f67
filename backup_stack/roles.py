"""The two roles that AWS Backup takes: one backs up and copies, one restores.

They are retained with their names: recovery points whose role is gone can no longer expire, and a restore asks for its role
by name. Only AWS Backup acting for this account may take them.
"""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk.aws_iam import ManagedPolicy, Role, ServicePrincipal
from constructs import Construct

from components.acknowledge import acknowledge
from strategy import Strategy
from strategy.catalogue import names


class _BackupServiceRole(Role):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, purpose: str, policy: str
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            role_name=names.role(strategy.prefix, purpose, region),
            assumed_by=ServicePrincipal(
                "backup.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": strategy.account}}
            ),
            managed_policies=[ManagedPolicy.from_aws_managed_policy_name(f"service-role/{policy}")],
        )
        self.apply_removal_policy(RemovalPolicy.RETAIN)
        by_aws = "AWS keeps it in step with what AWS Backup calls; a copy of ours would fail a job on the day it falls behind"
        managed = f"arn:<AWS::Partition>:iam::aws:policy/service-role/{policy}"
        acknowledge(self, {f"AwsSolutions-IAM4[Policy::{managed}]": by_aws})


class BackupRole(_BackupServiceRole):
    """Backs up the stores of its region and copies them to the other. Cannot restore."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        policy = "AWSBackupServiceRolePolicyForBackup"
        super().__init__(scope, construct_id, strategy=strategy, region=region, purpose="backup", policy=policy)


class RestoreRole(_BackupServiceRole):
    """Restores into its region. Cannot back up."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        policy = "AWSBackupServiceRolePolicyForRestores"
        super().__init__(scope, construct_id, strategy=strategy, region=region, purpose="restore", policy=policy)
