"""How monitoring speaks: alarms that change their state, and jobs of AWS Backup that end badly, in words, on the alert topic.

EventBridge delivers AWS Backup's events on a best-effort basis: silence proves nothing, and is watched for separately. Those of
CloudWatch are guaranteed. What the function cannot say in words, Lambda hands to the same topic as it came, after three tries: a
defect of ours costs minutes and beauty, and no message. Nothing else of ours stands between an event and the people.
"""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Duration
from aws_cdk.aws_events import EventPattern, Match, Rule
from aws_cdk.aws_events_targets import LambdaFunction
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda import CfnEventInvokeConfig
from aws_cdk.aws_sns import ITopic
from constructs import Construct

from components.function import Function
from components.permissions import WildcardStatement
from strategy import Strategy
from strategy.catalogue import names

SPEAK = "speak"
_ENDED_BADLY = ["FAILED", "EXPIRED", "ABORTED"]


class Speaking(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, topic: ITopic, code: Path
    ) -> None:
        super().__init__(scope, construct_id)
        alarms = f"arn:aws:cloudwatch:{region}:{strategy.account}:alarm:"
        self.function = Function(
            self,
            "Function",
            name=names.function(strategy.prefix, SPEAK),
            handler="recovery.handlers.notify.handler",
            code=code,
            timeout=Duration.seconds(30),
            memory=256,
            environment={"ENVIRONMENT": strategy.environment, "PREFIX": strategy.prefix, "TOPIC": topic.topic_arn},
            permissions=[
                PolicyStatement(actions=["sns:Publish"], resources=[topic.topic_arn]),
                WildcardStatement(
                    actions=[
                        "backup:ListBackupJobs",
                        "backup:ListCopyJobs",
                        "backup:ListRestoreJobs",
                        "cloudwatch:GetMetricData",
                    ],
                    resources=["*"],
                    because="Reading only: lists of jobs and numbers have no resource to name",
                ),
                WildcardStatement(
                    actions=["cloudwatch:DescribeAlarmHistory"],
                    resources=[f"{alarms}{strategy.prefix}-*"],
                    because="Every alarm of this environment may change its state",
                ),
            ],
        )
        CfnEventInvokeConfig(
            self,
            "Unsaid",
            function_name=self.function.function_name,
            qualifier="$LATEST",
            maximum_retry_attempts=2,
            destination_config=CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=CfnEventInvokeConfig.OnFailureProperty(destination=topic.topic_arn)
            ),
        )
        self._when(
            "Alarms",
            "Alarms that go off, and that clear",
            EventPattern(
                source=["aws.cloudwatch"],
                detail_type=["CloudWatch Alarm State Change"],
                # Route 53 reads the switch's alarm; it is no news, and recoveries tell of it.
                resources=Match.anything_but(f"{alarms}{names.switch_alarm(strategy.prefix)}"),
                detail={"alarmName": [{"prefix": f"{strategy.prefix}-"}], "state": {"value": ["ALARM", "OK"]}},
            ),
        )
        self._when(
            "FailedJobs",
            "Backup, copy and restore jobs that failed, expired or were aborted",
            EventPattern(
                source=["aws.backup"],
                detail_type=["Backup Job State Change", "Copy Job State Change", "Restore Job State Change"],
                # Restore jobs say `status` where the others say `state`.
                detail={"$or": [{"state": _ENDED_BADLY}, {"status": _ENDED_BADLY}]},
            ),
        )
        # What the console calls "completed with issues": COMPLETED, and a message. AWS says so of backup jobs only.
        self._when(
            "Remarks",
            "Backup jobs that completed with a message",
            EventPattern(
                source=["aws.backup"],
                detail_type=["Backup Job State Change"],
                detail={"state": ["COMPLETED"], "statusMessage": [{"anything-but": [""]}]},
            ),
        )

    def _when(self, name: str, description: str, pattern: EventPattern) -> None:
        """EventBridge itself tries for a day to reach the function."""
        Rule(self, name, description=description, event_pattern=pattern, targets=[LambdaFunction(self.function)])
