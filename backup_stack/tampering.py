"""Somebody tries to end a key, or to undo what protects a vault: people are told at once, whether the call was refused or not.

Read from CloudTrail's events, so it needs a trail in the region (`audit.trail` of the strategy). Any key and any vault of the
region: a refused call does not always say which it was meant for.
"""

from __future__ import annotations

from aws_cdk.aws_events import EventPattern, Rule
from aws_cdk.aws_events_targets import SnsTopic
from aws_cdk.aws_sns import Topic
from constructs import Construct

from strategy import Strategy
from strategy.catalogue import names

_CALLS = {
    "kms.amazonaws.com": ("DisableKey", "PutKeyPolicy", "ScheduleKeyDeletion"),
    "backup.amazonaws.com": (
        "DeleteBackupVault",
        "DeleteBackupVaultAccessPolicy",
        "DeleteBackupVaultLockConfiguration",
        "DeleteRecoveryPoint",
        "PutBackupVaultAccessPolicy",
        "PutBackupVaultLockConfiguration",
        "UpdateRecoveryPointLifecycle",
    ),
}


class Tampering(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str) -> None:
        super().__init__(scope, construct_id)
        # By name: nothing here is added to its policy, which lets EventBridge in by itself (`monitoring_stack/alerts.py`).
        topic = Topic.from_topic_arn(self, "Topic", names.alert_topic_arn(strategy.prefix, region, strategy.account))
        Rule(
            self,
            "Rule",
            description="Calls that would end a key or undo a vault's protection",
            event_pattern=EventPattern(
                detail_type=["AWS API Call via CloudTrail"],
                detail={
                    "$or": [{"eventSource": [service], "eventName": list(calls)} for service, calls in sorted(_CALLS.items())]
                },
            ),
            targets=[SnsTopic(topic)],
        )
