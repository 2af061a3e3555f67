"""The functions that restore one store, step by step, each with the few permissions of its step.

They write nothing but what a plan makes (its name ends in the plan's id), the endpoint, and the fence around an old store;
none of them may delete anything.
"""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Duration
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct

from components.function import Function
from components.network import Network
from components.permissions import WildcardStatement, database_login
from dr_stack.planning_permissions import RESTORED
from dr_stack.region_arns import Places
from strategy import Strategy
from strategy.catalogue import names

_NO_RESOURCE = "AWS has no resource to name for this call"


class RestoreFunctions(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, network: Network, code: Path
    ) -> None:
        super().__init__(scope, construct_id)
        self._strategy, self._region, self._code = strategy, region, code
        self._places = Places(strategy, region)
        self.claim = self._function("Claim", "claim_plan", self._claiming())
        self.check = self._function("Check", "check_plan", self._checking())
        self.begin = self._function("Begin", "begin_restore", self._beginning())
        self.settings = self._function("Settings", "put_settings", self._setting())
        self.passwords = self._function("Passwords", "reset_passwords", self._resetting())
        self.cut_over = self._function("Cutover", "cut_over", self._cutting_over(), minutes=5)
        self.repair = self._function("Repair", "repair_table", self._repairing(), minutes=15)
        Function(
            self,
            "Database",
            name=names.function(strategy.prefix, "database"),
            handler="recovery.handlers.database.handler",
            code=code,
            timeout=Duration.minutes(3),
            memory=256,
            environment={"DATABASE_CA_BUNDLE": database_login()["DATABASE_CA_BUNDLE"]},
            permissions=[],
            network=network,
        )

    def _function(self, construct_id: str, module: str, permissions: list[PolicyStatement], *, minutes: int = 4) -> Function:
        return Function(
            self,
            construct_id,
            name=names.function(self._strategy.prefix, f"restore-{construct_id.lower()}"),
            handler=f"recovery.handlers.{module}.handler",
            code=self._code,
            timeout=Duration.minutes(minutes),
            memory=512,
            environment={},
            permissions=[each for each in permissions if each.resources],  # a strategy may have stores of one kind only
        )

    # ------------------------------------------------------------------ permissions, by step
    def _claiming(self) -> list[PolicyStatement]:
        places = self._places
        return [
            PolicyStatement(actions=["dynamodb:GetItem", "dynamodb:UpdateItem"], resources=[places.plans]),
            WildcardStatement(
                actions=["states:DescribeExecution"],
                resources=places.executions,
                because="Any execution of these workflows: the one that holds a plan is known when it is found",
            ),
        ]

    def _checking(self) -> list[PolicyStatement]:
        places, strategy, region = self._places, self._strategy, self._region
        account = strategy.account
        return [
            PolicyStatement(actions=["backup:ListRecoveryPointsByBackupVault"], resources=places.vaults),
            WildcardStatement(
                actions=["kms:DescribeKey"],
                resources=[f"arn:aws:kms:{region}:{account}:key/*"],
                because="A point whose key is gone cannot be restored, whichever key that was",
            ),
            WildcardStatement(
                actions=[
                    "rds:DescribeAccountAttributes",
                    "rds:DescribeDBInstanceAutomatedBackups",
                    "rds:DescribeDBInstances",
                    "rds:DescribeDBParameterGroups",
                    "rds:DescribeDBSubnetGroups",
                    "elasticbeanstalk:DescribeEnvironments",
                ],
                resources=["*"],
                because=_NO_RESOURCE + " before it is known whether it exists: reading only",
            ),
            WildcardStatement(
                actions=["dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups"],
                resources=[*places.tables, *places.restored_tables],
                because=RESTORED,
            ),
            WildcardStatement(
                actions=["secretsmanager:DescribeSecret"],
                resources=places.secrets,
                because="A secret's ARN ends in six characters of AWS's",
            ),
            PolicyStatement(actions=["iam:GetRole"], resources=[names.role_arn(strategy.prefix, "restore", region, account)]),
            PolicyStatement(actions=["dynamodb:GetItem"], resources=[places.plans]),
        ]

    def _beginning(self) -> list[PolicyStatement]:
        places, strategy, region = self._places, self._strategy, self._region
        role = names.role_arn(strategy.prefix, "restore", region, strategy.account)
        groups = [
            f"arn:aws:rds:{region}:{strategy.account}:subgrp:{names.subnet_group(strategy.prefix)}",
            f"arn:aws:rds:{region}:{strategy.account}:subgrp:{names.drill_subnet_group(strategy.prefix)}",
            f"arn:aws:rds:{region}:{strategy.account}:pg:{names.parameter_group(strategy.prefix)}",
        ]
        return [
            PolicyStatement(actions=["dynamodb:GetItem", "dynamodb:UpdateItem"], resources=[places.plans]),
            WildcardStatement(
                actions=["rds:DescribeDBInstances", "rds:DescribeDBInstanceAutomatedBackups", "backup:DescribeRestoreJob"],
                resources=["*"],
                because=_NO_RESOURCE + " before it is known whether it exists: reading only",
            ),
            WildcardStatement(
                actions=["rds:RestoreDBInstanceToPointInTime", "rds:AddTagsToResource"],
                resources=[
                    *places.instances,
                    *places.restored_instances,
                    *groups,
                    f"arn:aws:rds:{region}:{strategy.account}:auto-backup:*",
                    f"arn:aws:rds:{region}:{strategy.account}:og:default*",
                ],
                because=RESTORED,
            ),
            PolicyStatement(actions=["rds:AddTagsToResource", "rds:PromoteReadReplica"], resources=places.replica_instances),
            WildcardStatement(
                # RestoreTableToPointInTime fills the new table in its caller's name.
                actions=[
                    "dynamodb:BatchWriteItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:DescribeTable",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:RestoreTableToPointInTime",
                    "dynamodb:Scan",
                    "dynamodb:UpdateItem",
                ],
                resources=places.restored_tables,
                because=RESTORED,
            ),
            PolicyStatement(actions=["dynamodb:DescribeTable", "dynamodb:RestoreTableToPointInTime"], resources=places.tables),
            WildcardStatement(
                actions=["backup:StartRestoreJob"],
                resources=places.recovery_points,
                because="Which recovery point is known with the plan; these are AWS Backup's own",
            ),
            PolicyStatement(
                actions=["iam:PassRole"],
                resources=[role],
                conditions={"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}},
            ),
        ]

    def _setting(self) -> list[PolicyStatement]:
        places, region, account = self._places, self._region, self._strategy.account
        found: list[PolicyStatement] = [PolicyStatement(actions=["ssm:GetParameter"], resources=places.endpoints)]
        if places.instances:
            found += [
                WildcardStatement(
                    actions=["rds:DescribeDBInstances"],
                    resources=["*"],
                    because=_NO_RESOURCE + " but all instances: reading only",
                ),
                WildcardStatement(
                    actions=["rds:AddTagsToResource", "rds:ModifyDBInstance", "rds:RebootDBInstance"],
                    resources=[*places.restored_instances, *places.replica_instances],
                    because=RESTORED,
                ),
                PolicyStatement(
                    actions=["rds:ModifyDBInstance"],
                    resources=[f"arn:aws:rds:{region}:{account}:pg:{names.parameter_group(self._strategy.prefix)}"],
                ),
            ]
        tables = [*places.restored_tables, *places.replica_tables]
        if places.tables:
            found += [
                WildcardStatement(
                    actions=[
                        "dynamodb:DescribeContinuousBackups",
                        "dynamodb:DescribeContributorInsights",
                        "dynamodb:DescribeTable",
                        "dynamodb:DescribeTimeToLive",
                        "dynamodb:ListTagsOfResource",
                        "dynamodb:TagResource",
                        "dynamodb:UpdateContinuousBackups",
                        "dynamodb:UpdateContributorInsights",
                        "dynamodb:UpdateTable",
                        "dynamodb:UpdateTimeToLive",
                    ],
                    resources=[each for table in tables for each in (table, f"{table}/index/*")],
                    because=RESTORED,
                ),
                WildcardStatement(
                    actions=[
                        "application-autoscaling:DescribeScalableTargets",
                        "application-autoscaling:DescribeScalingPolicies",
                        "application-autoscaling:PutScalingPolicy",
                        "application-autoscaling:RegisterScalableTarget",
                    ],
                    resources=["*"],
                    because=_NO_RESOURCE + ": a scalable target is known by its table's name",
                ),
            ]
        return found

    def _resetting(self) -> list[PolicyStatement]:
        places = self._places
        return [
            *self._signing_in(),
            WildcardStatement(
                actions=["rds:ModifyDBInstance"],
                resources=[*places.restored_instances, *places.replica_instances],
                because=RESTORED,
            ),
        ]

    def _signing_in(self) -> list[PolicyStatement]:
        """To ask a database something as its master user, through the function that can reach it."""
        places = self._places
        if not places.instances:
            return []
        return [
            WildcardStatement(
                actions=["rds:DescribeDBInstances"], resources=["*"], because=_NO_RESOURCE + " but all instances: reading only"
            ),
            WildcardStatement(
                actions=["secretsmanager:GetSecretValue"],
                resources=places.secrets,
                because="A secret's ARN ends in six characters of AWS's",
            ),
            PolicyStatement(actions=["lambda:InvokeFunction"], resources=[places.database_function]),
        ]

    def _cutting_over(self) -> list[PolicyStatement]:
        places, strategy = self._places, self._strategy
        return [
            *self._signing_in(),
            WildcardStatement(
                actions=["dynamodb:DescribeTable", "dynamodb:Scan"],
                resources=[*places.tables, *places.restored_tables],
                because=RESTORED,
            ),
            # A restored table may be the old one of the next restore.
            WildcardStatement(
                actions=["dynamodb:GetResourcePolicy", "dynamodb:PutResourcePolicy"],
                resources=[*places.tables, *places.restored_tables],
                because=RESTORED,
            ),
            PolicyStatement(actions=["ssm:GetParameter", "ssm:PutParameter"], resources=places.endpoints),
            WildcardStatement(
                actions=["elasticbeanstalk:RestartAppServer"],
                resources=[
                    f"arn:aws:elasticbeanstalk:{self._region}:{strategy.account}:environment/*/"
                    f"{names.service_environment(strategy.prefix, each.name)}"
                    for each in strategy.services
                ],
                because="An environment's ARN holds its application's name, which its owner chose",
            ),
        ]

    def _repairing(self) -> list[PolicyStatement]:
        places = self._places
        if not places.tables:
            return []
        return [
            WildcardStatement(
                actions=["dynamodb:BatchGetItem", "dynamodb:Scan"], resources=places.restored_tables, because=RESTORED
            ),
            PolicyStatement(
                actions=[
                    "dynamodb:BatchGetItem",
                    "dynamodb:DescribeTable",
                    "dynamodb:PutItem",
                    "dynamodb:Scan",
                ],
                resources=places.tables,
            ),
        ]
