"""A job that did not end well, and a backup that completed with a message, reach the alert topic.

EventBridge delivers AWS Backup's events on a best-effort basis: silence proves nothing, and is watched for separately.
"""

from __future__ import annotations

from aws_cdk.aws_events import EventPattern, Rule
from aws_cdk.aws_events_targets import SnsTopic
from aws_cdk.aws_sns import ITopic
from constructs import Construct

_ENDED_BADLY = ["FAILED", "EXPIRED", "ABORTED"]


class FailedJobs(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, topic: ITopic) -> None:
        super().__init__(scope, construct_id)
        Rule(
            self,
            "Rule",
            description="Backup, copy and restore jobs that failed, expired or were aborted",
            event_pattern=EventPattern(
                source=["aws.backup"],
                detail_type=["Backup Job State Change", "Copy Job State Change", "Restore Job State Change"],
                # Restore jobs say `status` where the others say `state`.
                detail={"$or": [{"state": _ENDED_BADLY}, {"status": _ENDED_BADLY}]},
            ),
            targets=[SnsTopic(topic)],
        )
        # What the console calls "completed with issues": COMPLETED, and a message. AWS says so of backup jobs only.
        Rule(
            self,
            "Remarks",
            description="Backup jobs that completed with a message",
            event_pattern=EventPattern(
                source=["aws.backup"],
                detail_type=["Backup Job State Change"],
                detail={"state": ["COMPLETED"], "statusMessage": [{"anything-but": [""]}]},
            ),
            targets=[SnsTopic(topic)],
        )
