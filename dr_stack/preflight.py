"""The daily pre-flight: a function that reads its own region and says whether it could take over tonight.

It is there in both regions, so that a swap makes nothing new; the schedule is the recovery region's.
"""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Duration
from aws_cdk.aws_events import Rule, RuleTargetInput, Schedule
from aws_cdk.aws_events_targets import LambdaFunction
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct

from components.function import Function
from components.permissions import WildcardStatement, notice_absent, read_evidence, write_evidence
from dr_stack.region_arns import Places
from strategy import Strategy
from strategy.catalogue import names as naming
from strategy.catalogue.region_steps import WORKFLOW
from strategy.contracts.preflight import SCHEDULE
from strategy.contracts.requests.preflight import request_for
from strategy.model.strategy import DynamoDbStore, MySqlStore

_READING = "Reading only, and AWS has no resource to name for it, or not before it is known whether it exists"


class DailyPreflight(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, scheduled: bool, code: Path
    ) -> None:
        super().__init__(scope, construct_id)
        function = Function(
            self,
            "Function",
            name=naming.function(strategy.prefix, "preflight"),
            handler="recovery.handlers.preflight.handler",
            code=code,
            timeout=Duration.minutes(5),
            memory=256,
            environment={},
            permissions=_permissions(strategy, region),
        )
        if scheduled:
            Rule(
                self,
                "Daily",
                description=f"Could {region} take over tonight?",
                schedule=Schedule.expression(SCHEDULE),
                targets=[
                    LambdaFunction(
                        function,
                        event=RuleTargetInput.from_object(request_for(strategy, region).to_json()),
                        retry_attempts=2,
                        max_event_age=Duration.hours(1),
                    )
                ],
            )


def bootstrap(region: str, account: str) -> str:
    """ARN of the parameter with the version of the CDK's bootstrap stack."""
    return f"arn:aws:ssm:{region}:{account}:parameter/cdk-bootstrap/hnb659fds/version"


def read_releases(strategy: Strategy, region: str) -> list[PolicyStatement]:
    """Which release each service has in the region, and whether all that it needs is there."""
    prefix, account = strategy.prefix, strategy.account
    shared = naming.shared_data_bucket(prefix, region, account)
    statements = [
        WildcardStatement(
            actions=["elasticbeanstalk:DescribeApplicationVersions", "elasticbeanstalk:ListAvailableSolutionStacks"],
            resources=["*"],
            because=_READING,
        ),
        WildcardStatement(
            actions=["s3:GetObject"],
            resources=[f"arn:aws:s3:::{shared}/{naming.BUNDLES}/*"],
            because="Which bundle a release brought is in the region's parameters: that it is here, is looked at",
        ),
        notice_absent(shared),
    ]
    if strategy.services:
        statements.append(
            WildcardStatement(
                actions=["ssm:GetParameter"],
                resources=[
                    f"arn:aws:ssm:{region}:{account}:parameter{name(prefix, '*')}"
                    for name in (naming.service_version, naming.service_platform)
                ],
                because="Of every service, which releases write: one by one they would not fit into a viewer's policy",
            )
        )
    if certificates := [each.arn for each in request_for(strategy, region).certificates]:
        statements.append(PolicyStatement(actions=["acm:DescribeCertificate"], resources=certificates))
    return statements


def _permissions(strategy: Strategy, region: str) -> list[PolicyStatement]:
    prefix, account, places = strategy.prefix, strategy.account, Places(strategy, region)
    bucket = naming.evidence_bucket(prefix, region, account)
    shared = naming.shared_data_bucket(prefix, region, account)
    tables = [each for each in strategy.stores if isinstance(each, DynamoDbStore)]
    databases = [each for each in strategy.stores if isinstance(each, MySqlStore)]
    statements = [
        WildcardStatement(
            actions=[
                "backup:DescribeRegionSettings",
                "ec2:DescribeAddresses",
                "servicequotas:GetAWSDefaultServiceQuota",
                "servicequotas:GetServiceQuota",
            ],
            resources=["*"],
            because=_READING,
        ),
        WildcardStatement(
            actions=["kms:DescribeKey"],
            resources=[f"arn:aws:kms:{region}:{account}:key/*"],
            because="A copy whose key is gone cannot be restored and is passed over, whichever key that was",
        ),
        PolicyStatement(
            actions=["backup:ListRecoveryPointsByBackupVault"],
            resources=[naming.vault_arn(region, account, naming.copy_vault(prefix))],
        ),
        PolicyStatement(
            actions=["ssm:GetParameter"],
            resources=[bootstrap(region, account), f"arn:aws:ssm:{region}:{account}:parameter{naming.switch(prefix)}"],
        ),
        *read_releases(strategy, region),
        PolicyStatement(
            actions=["states:DescribeStateMachine"],
            resources=[naming.state_machine_arn(prefix, WORKFLOW, region, account)],
        ),
        PolicyStatement(
            actions=["s3:GetBucketVersioning", "s3:GetReplicationConfiguration"],
            resources=[f"arn:aws:s3:::{each}" for each in (bucket, shared)],
        ),
        *read_evidence(bucket, naming.MANIFESTS),
        write_evidence(bucket, naming.PREFLIGHTS),
    ]
    if databases:
        statements.append(
            WildcardStatement(
                actions=[
                    "rds:DescribeAccountAttributes",  # Service Quotas asks RDS in its caller's name
                    "rds:DescribeDBInstanceAutomatedBackups",
                    "rds:DescribeDBInstances",
                    "rds:DescribeDBParameterGroups",
                    "rds:DescribeDBSubnetGroups",
                    "rds:DescribeOrderableDBInstanceOptions",
                ],
                resources=["*"],
                because=_READING,
            )
        )
        statements.append(
            WildcardStatement(
                actions=["secretsmanager:DescribeSecret"],
                resources=places.secrets,
                because="A secret's ARN ends in six characters of AWS's",
            )
        )
    if tables:
        statements.append(PolicyStatement(actions=["dynamodb:DescribeTable"], resources=places.tables))
    return statements
