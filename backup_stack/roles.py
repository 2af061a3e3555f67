"""The two roles that AWS Backup takes: one backs up and copies, one restores.

They are retained with their names: recovery points whose role is gone can no longer expire, and a restore asks for its role
by name. Only AWS Backup acting for this account may take them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk.aws_iam import ManagedPolicy, Policy, PolicyStatement, Role, ServicePrincipal
from constructs import Construct

from components.acknowledge import acknowledge
from components.permissions import WildcardStatement, allow, use_keys, use_table_keys
from components.stores import arn, groups, physical_name
from strategy import Strategy
from strategy.catalogue import names
from strategy.model.stores import StoreKind

_MADE = "What plans and restore tests make: how a name ends is not known before"


class _BackupServiceRole(Role):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, purpose: str, policy: str | None = None
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            role_name=names.role(strategy.prefix, purpose, region),
            assumed_by=ServicePrincipal(
                "backup.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": strategy.account}}
            ),
            managed_policies=[ManagedPolicy.from_aws_managed_policy_name(f"service-role/{policy}")] if policy else None,
        )
        self.apply_removal_policy(RemovalPolicy.RETAIN)
        if policy is None:
            return
        by_aws = "AWS keeps it in step with what AWS Backup calls; a copy of ours would fail a job on the day it falls behind"
        managed = f"arn:<AWS::Partition>:iam::aws:policy/service-role/{policy}"
        acknowledge(self, {f"AwsSolutions-IAM4[Policy::{managed}]": by_aws})


class BackupRole(_BackupServiceRole):
    """Backs up the stores of its region and copies them to the other. Cannot restore."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        policy = "AWSBackupServiceRolePolicyForBackup"
        super().__init__(scope, construct_id, strategy=strategy, region=region, purpose="backup", policy=policy)


class RestoreRole(_BackupServiceRole):
    """Restores into its region. Cannot back up, and deletes nothing.

    Of AWS's own policy for it, `AWSBackupServiceRolePolicyForRestores` (version 36), what concerns RDS and DynamoDB, on what
    plans and restore tests make: AWS's lets it write every table and delete every instance of the account, and pass any role.
    Each quarter's drills and restore tests say whether AWS Backup came to need more.
    """

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        super().__init__(scope, construct_id, strategy=strategy, region=region, purpose="restore")
        allow(self, list(_restoring(strategy, region)))
        cast("Policy", self.node.find_child("DefaultPolicy")).apply_removal_policy(RemovalPolicy.RETAIN)


def _restoring(strategy: Strategy, region: str) -> Iterator[PolicyStatement]:
    account = strategy.account
    by_kind = {kind: [each for each in strategy.stores if each.kind is kind] for kind in (StoreKind.MYSQL, StoreKind.DYNAMODB)}
    made = {
        kind: [
            *(names.store_arn(kind, region, account, names.restored_pattern(physical_name(strategy, each))) for each in stores),
            names.store_arn(kind, region, account, f"{names.TESTED}*"),
        ]
        for kind, stores in by_kind.items()
    }
    # The live one may be restored itself: then it is among what was made.
    live = {kind: [*(arn(strategy, each, region) for each in stores), *made[kind][:-1]] for kind, stores in by_kind.items()}
    if by_kind[StoreKind.MYSQL]:
        yield from _restoring_instances(strategy, region, made[StoreKind.MYSQL], live[StoreKind.MYSQL])
    if by_kind[StoreKind.DYNAMODB]:
        yield from _restoring_tables(region, account, made[StoreKind.DYNAMODB], live[StoreKind.DYNAMODB])


def _restoring_instances(strategy: Strategy, region: str, made: list[str], live: list[str]) -> Iterator[PolicyStatement]:
    account = strategy.account
    own = f"arn:aws:rds:{region}:{account}"
    yield WildcardStatement(
        actions=["rds:DescribeDBInstances", "rds:DescribeDBSnapshots"],
        resources=[f"{own}:db:*", f"{own}:snapshot:*"],
        because="Reading only: AWS Backup looks at what is there before it restores beside it",
    )
    yield WildcardStatement(
        actions=["rds:RestoreDBInstanceFromDBSnapshot", "rds:RestoreDBInstanceToPointInTime"],
        resources=[
            *made,
            *live,
            f"{own}:auto-backup:*",
            f"{own}:snapshot:awsbackup:*",
            *groups(strategy, region, "subgrp", "pg", "og"),
        ],
        because="What plans and restore tests make, of recovery points and backups whose names AWS chose",
    )
    yield WildcardStatement(
        actions=["rds:AddTagsToResource", "rds:CreateDBInstance", "rds:ListTagsForResource"], resources=made, because=_MADE
    )
    yield from use_keys("rds", region, account)


def _restoring_tables(region: str, account: str, made: list[str], live: list[str]) -> Iterator[PolicyStatement]:
    yield WildcardStatement(
        actions=[
            "dynamodb:BatchWriteItem",
            "dynamodb:DeleteItem",
            "dynamodb:DescribeTable",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:RestoreTableFromAwsBackup",
            "dynamodb:Scan",
            "dynamodb:UpdateItem",
        ],
        resources=made,
        # Amazon DynamoDB Developer Guide, "Using IAM with DynamoDB backup and restore": read and write on the target.
        because=_MADE,
    )
    yield WildcardStatement(
        actions=["dynamodb:DescribeTable", "dynamodb:RestoreTableFromAwsBackup", "dynamodb:RestoreTableFromBackup"],
        resources=[*live, *(f"{each}/backup/*" for each in live)],
        because="Any backup of the store: which one is restored is known with the plan",
    )
    yield from use_table_keys(region, account)
