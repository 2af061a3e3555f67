"""The functions that restore one store, step by step, each with the few permissions of its step.

They write nothing but what a plan makes (its name ends in the plan's id), the endpoint, and the fence around an old store;
none of them may delete anything.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aws_cdk import Duration
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct

from components.function import Function
from components.network import Network
from components.permissions import WildcardStatement, database_login, use_keys, use_table_keys
from dr_stack.planning_permissions import RESTORED, only_marks, write_plan
from dr_stack.region_arns import Places
from strategy import Strategy
from strategy.catalogue import names, plan_record

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
            PolicyStatement(actions=["dynamodb:GetItem"], resources=[places.plans]),
            write_plan(places.plans, plan_record.CLAIM),
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
                resources=places.any_table,
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
        found: list[PolicyStatement] = [
            PolicyStatement(actions=["dynamodb:GetItem"], resources=[places.plans]),
            write_plan(places.plans, plan_record.JOB),
            WildcardStatement(
                actions=["backup:DescribeRestoreJob"], resources=["*"], because=_NO_RESOURCE + ": a restore job has no ARN"
            ),
        ]
        if places.instances:
            found += [
                self._describing(),
                WildcardStatement(
                    actions=["rds:DescribeDBInstanceAutomatedBackups"],
                    resources=["*"],
                    because="The backups of an instance that is gone are found in the list of all: reading only",
                ),
                WildcardStatement(
                    actions=["rds:RestoreDBInstanceToPointInTime"],
                    resources=[
                        *places.instances,
                        *places.restored_instances,
                        *places.groups("subgrp", "pg", "og"),
                        f"arn:aws:rds:{region}:{strategy.account}:auto-backup:*",
                    ],
                    because=RESTORED + ", nor RDS's id of automated backups, nor a group that the strategy does not name",
                ),
                WildcardStatement(
                    actions=["rds:AddTagsToResource"],
                    resources=[*places.restored_instances, *places.replica_instances],
                    conditions=self._tags(others=places.others_instances),
                    because=RESTORED,
                ),
                PolicyStatement(actions=["rds:PromoteReadReplica"], resources=places.replica_instances),
                *use_keys("rds", region, strategy.account),
            ]
        if places.others_tables:
            found += use_table_keys(region, strategy.account)
        return [
            *found,
            WildcardStatement(
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
                # Amazon DynamoDB Developer Guide, "Using IAM with DynamoDB backup and restore": no condition tells the two apart.
                because=RESTORED + ". DynamoDB fills it in its caller's name, who needs to read and write it",
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
            made = [*places.restored_instances, *places.replica_instances]
            found += [
                self._describing(),
                WildcardStatement(
                    actions=["rds:AddTagsToResource"],
                    resources=made,
                    conditions=self._tags(others=places.others_instances),
                    because=RESTORED,
                ),
                WildcardStatement(actions=["rds:ModifyDBInstance", "rds:RebootDBInstance"], resources=made, because=RESTORED),
                WildcardStatement(
                    actions=["rds:ModifyDBInstance"],
                    resources=places.groups("pg", "og") if places.others_instances else places.groups("pg"),
                    because="An existing store keeps its own groups, and the strategy names none of this kind",
                ),
            ]
        if places.others_instances:
            found += [
                *use_keys("rds", region, account),  # Performance Insights may have a key of its own
                WildcardStatement(
                    actions=["iam:PassRole"],
                    resources=[f"arn:aws:iam::{account}:role/*"],
                    conditions={"StringEquals": {"iam:PassedToService": "monitoring.rds.amazonaws.com"}},
                    because="Enhanced monitoring of somebody else's instance has a role that they named: RDS's monitoring alone",
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
                        "dynamodb:UpdateContinuousBackups",
                        "dynamodb:UpdateContributorInsights",
                        "dynamodb:UpdateTable",
                        "dynamodb:UpdateTimeToLive",
                    ],
                    resources=[each for table in tables for each in (table, f"{table}/index/*")],
                    because=RESTORED,
                ),
                WildcardStatement(
                    actions=["dynamodb:TagResource"],
                    resources=tables,
                    conditions=self._tags(others=places.others_tables),
                    because=RESTORED,
                ),
                *self._scaling(),
            ]
        if places.others_tables:
            found += use_table_keys(region, account)
        return found

    def _scaling(self) -> list[PolicyStatement]:
        """Application Auto Scaling tries in its caller's name what it will do by itself: describe and update the table, and keep
        alarms; and the first target of an account makes its role (Application Auto Scaling User Guide, "Permissions validation
        for Application Auto Scaling API calls on target resources" and "Service-linked roles").
        """
        places, region, account = self._places, self._region, self._strategy.account
        service = "dynamodb.application-autoscaling.amazonaws.com"
        alarms = f"arn:aws:cloudwatch:{region}:{account}:alarm:TargetTracking-"
        tables = [each.partition(":table/")[2] for each in (*places.restored_tables, *places.replica_tables)]
        return [
            WildcardStatement(
                actions=[
                    "application-autoscaling:DescribeScalableTargets",
                    "application-autoscaling:DescribeScalingPolicies",
                    "cloudwatch:DescribeAlarms",
                ],
                resources=["*"],
                because=_NO_RESOURCE + ", or none before there are any: reading only",
            ),
            WildcardStatement(
                actions=["application-autoscaling:PutScalingPolicy", "application-autoscaling:RegisterScalableTarget"],
                resources=[f"arn:aws:application-autoscaling:{region}:{account}:scalable-target/*"],
                conditions={"StringEquals": {"application-autoscaling:service-namespace": "dynamodb"}},
                because="A target's ARN ends in an id of AWS's: the condition says that it is a table's",
            ),
            WildcardStatement(
                actions=["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"],
                resources=[f"{alarms}table/{each}*" for each in tables],
                because="Application Auto Scaling ends the name of a table's alarms in an id of its own",
            ),
            PolicyStatement(
                actions=["iam:CreateServiceLinkedRole"],
                resources=[
                    f"arn:aws:iam::{account}:role/aws-service-role/{service}/AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
                ],
                conditions={"StringEquals": {"iam:AWSServiceName": service}},
            ),
        ]

    def _describing(self) -> PolicyStatement:
        """Each is asked for by name: an instance's ARN is its name's, whether it exists or not."""
        return WildcardStatement(actions=["rds:DescribeDBInstances"], resources=self._places.any_instance, because=RESTORED)

    def _tags(self, *, others: bool) -> dict[str, Any]:
        """Conditions on the tags of what is made. `others`: a store of somebody else's keeps its own tags, whatever they are."""
        return {} if others else only_marks(*self._strategy.tags)

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
            self._describing(),
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
                resources=places.any_table,
                because=RESTORED,
            ),
            # A restored table may be the old one of the next restore.
            WildcardStatement(
                actions=["dynamodb:GetResourcePolicy", "dynamodb:PutResourcePolicy"],
                resources=places.any_table,
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
            # Elastic Beanstalk finds an environment's instances with its caller's permissions (AWS Elastic Beanstalk Developer
            # Guide, "Managing Elastic Beanstalk user policies").
            WildcardStatement(
                actions=["autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances"],
                resources=["*"],
                because="Reading only, and AWS has no resource to name for either",
            ),
            WildcardStatement(
                actions=["cloudformation:DescribeStackResources"],
                resources=[f"arn:aws:cloudformation:{self._region}:{strategy.account}:stack/awseb-*"],
                because="Elastic Beanstalk names an environment's stack by a random id",
            ),
        ]

    def _repairing(self) -> list[PolicyStatement]:
        places = self._places
        if not places.tables:
            return []
        return [
            WildcardStatement(
                actions=["dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:PutItem", "dynamodb:Scan"],
                resources=places.any_table,
                because="The live table may be one that an earlier plan restored, whose name ends in that plan's id",
            )
        ]
