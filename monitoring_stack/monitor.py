"""The monitor: a function that reads its own region each quarter of an hour; and its first beat, made with it."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import CustomResource, Duration
from aws_cdk.aws_events import Rule, RuleTargetInput, Schedule
from aws_cdk.aws_events_targets import LambdaFunction
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct

from components.function import Function
from components.permissions import WildcardStatement, read_evidence
from strategy import Strategy
from strategy.catalogue import metrics, names
from strategy.catalogue.calendar import RECORDED_IN
from strategy.catalogue.store_arns import physical_name
from strategy.contracts.monitor import FirstBeatProperties
from strategy.contracts.requests.monitor import request_for
from strategy.model.strategy import DynamoDbStore, MySqlStore

_READING = "Reading only, and AWS has no resource to name for it, or not before it is known whether it exists"


class Monitor(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, code: Path) -> None:
        super().__init__(scope, construct_id)
        prefix = strategy.prefix
        beats = WildcardStatement(
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": names.monitor_namespace(prefix)}},
            because="CloudWatch has no resource to name for a metric: the condition names its namespace",
        )
        self.function = Function(
            self,
            "Function",
            name=names.function(prefix, names.MONITOR),
            handler="recovery.handlers.monitor.handler",
            code=code,
            timeout=Duration.minutes(5),
            memory=512,
            environment={"OTHER_REGION": strategy.regions.other(region)},
            permissions=[*_permissions(strategy, region), beats],
        )
        Rule(
            self,
            "EachQuarter",
            description=f"Is everything in {region} as promised?",
            schedule=Schedule.rate(Duration.minutes(int(metrics.MONITOR_EVERY.total_seconds() / 60))),
            targets=[
                LambdaFunction(
                    self.function,
                    event=RuleTargetInput.from_object(request_for(strategy, region).to_json()),
                    retry_attempts=0,  # the next look comes in a quarter of an hour
                    max_event_age=Duration.minutes(15),
                )
            ],
        )
        first = Function(
            self,
            "FirstBeat",
            name=names.function(prefix, "first-beat"),
            handler="recovery.handlers.first_beat.handler",
            code=code,
            timeout=Duration.minutes(3),
            memory=256,
            environment={},
            permissions=[
                beats,
                WildcardStatement(actions=["cloudwatch:GetMetricStatistics"], resources=["*"], because=_READING),
            ],
        )
        self.first_beat = CustomResource(
            self,
            "Beat",
            service_token=first.function_arn,
            resource_type="Custom::FirstBeat",
            service_timeout=Duration.minutes(5),
            properties=FirstBeatProperties(Prefix=prefix, Region=region).to_json(),
        )


def _permissions(strategy: Strategy, region: str) -> list[PolicyStatement]:
    prefix, account = strategy.prefix, strategy.account
    bucket = names.evidence_bucket(prefix, region, account)
    tables = [each for each in strategy.stores if isinstance(each, DynamoDbStore)]
    folders = RECORDED_IN | {names.PREFLIGHTS}
    statements = [
        WildcardStatement(
            actions=["backup:DescribeRegionSettings", "backup:ListBackupJobs", "backup:ListBackupPlans"],
            resources=["*"],
            because=_READING,
        ),
        WildcardStatement(actions=["backup:ListCopyJobs", "backup:ListRestoreJobs"], resources=["*"], because=_READING),
        PolicyStatement(
            actions=[
                "backup:DescribeBackupVault",
                "backup:GetBackupVaultAccessPolicy",
                "backup:ListRecoveryPointsByBackupVault",
            ],
            resources=[
                names.vault_arn(region, account, vault) for vault in (names.backup_vault(prefix), names.copy_vault(prefix))
            ],
        ),
        WildcardStatement(
            actions=["kms:DescribeKey"],
            resources=[f"arn:aws:kms:{region}:{account}:key/*"],
            because="What is encrypted with a key that is gone cannot be restored, whichever key that was",
        ),
        *(statement for folder in sorted(folders) for statement in read_evidence(bucket, folder)),
    ]
    if region == strategy.regions.primary:
        statements.append(
            WildcardStatement(
                actions=["backup:GetBackupPlan", "backup:ListBackupPlanVersions", "backup:ListBackupSelections"],
                resources=[f"arn:aws:backup:{region}:{account}:backup-plan:*"],
                because="A plan's ARN is an id of AWS's own",
            )
        )
    if any(isinstance(each, MySqlStore) for each in strategy.stores):
        statements.append(
            WildcardStatement(
                actions=["rds:DescribeDBInstanceAutomatedBackups", "rds:DescribeDBInstances"], resources=["*"], because=_READING
            )
        )
    if tables:
        statements.append(
            PolicyStatement(
                actions=["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive"],
                resources=[names.store_arn("dynamodb", region, account, physical_name(strategy, each)) for each in tables],
            )
        )
    return statements
