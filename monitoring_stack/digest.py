"""The daily digest of a region, sent also when all is well: a day without it is itself a message."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Duration
from aws_cdk.aws_events import Rule, RuleTargetInput, Schedule
from aws_cdk.aws_events_targets import LambdaFunction
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda import CfnEventInvokeConfig
from aws_cdk.aws_sns import ITopic
from constructs import Construct

from components.function import Function
from components.permissions import WildcardStatement, read_evidence
from strategy import Strategy
from strategy.catalogue import names
from strategy.contracts.digest import FOLDERS
from strategy.contracts.requests.digest import request_for

SCHEDULE = "cron(0 8 * * ? *)"
"""After the calendar's daily look; before the day's people come."""
_READING = "Reading only: lists of jobs, numbers and alarms have no resource to name"


class DailyDigest(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, topic: ITopic, code: Path
    ) -> None:
        super().__init__(scope, construct_id)
        bucket = names.evidence_bucket(strategy.prefix, region, strategy.account)
        function = Function(
            self,
            "Function",
            name=names.function(strategy.prefix, "digest"),
            handler="recovery.handlers.digest.handler",
            code=code,
            timeout=Duration.minutes(5),
            memory=512,
            environment={"TOPIC": topic.topic_arn},
            permissions=[
                WildcardStatement(
                    actions=[
                        "backup:ListBackupJobs",
                        "backup:ListCopyJobs",
                        "backup:ListRestoreJobs",
                        "cloudwatch:DescribeAlarms",
                        "cloudwatch:GetMetricData",
                    ],
                    resources=["*"],
                    because=_READING,
                ),
                *(statement for folder in FOLDERS for statement in read_evidence(bucket, folder)),
                PolicyStatement(actions=["sns:Publish"], resources=[topic.topic_arn]),
            ],
        )
        # One that fails says so on the topic itself, after three tries.
        CfnEventInvokeConfig(
            self,
            "Unsaid",
            function_name=function.function_name,
            qualifier="$LATEST",
            maximum_retry_attempts=2,
            destination_config=CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=CfnEventInvokeConfig.OnFailureProperty(destination=topic.topic_arn)
            ),
        )
        Rule(
            self,
            "Daily",
            description=f"The digest of {region}",
            schedule=Schedule.expression(SCHEDULE),
            targets=[LambdaFunction(function, event=RuleTargetInput.from_object(request_for(strategy, region).to_json()))],
        )
