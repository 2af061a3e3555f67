"""A state machine of ours: JSONata, logged with its data, never traced, and named so that people find it."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk.aws_iam import Policy
from aws_cdk.aws_logs import LogGroup, RetentionDays
from aws_cdk.aws_stepfunctions import DefinitionBody, LogLevel, LogOptions, QueryLanguage, StateMachine
from constructs import Construct

from components.acknowledge import INLINE_POLICY, PLAIN_LOGS, acknowledge
from components.permissions import give_reason, give_reason_for_all
from components.tasks import NO_RESOURCE
from strategy.catalogue import names

_LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
"""What Step Functions needs to log, none of which has a resource (AWS Step Functions Developer Guide, "IAM policies for logging
to CloudWatch Logs")."""


class Machine(StateMachine):
    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, comment: str, definition: DefinitionBody, timeout: Duration
    ) -> None:
        # Diagnostics: the evidence is the record. The prefix keeps CloudWatch's resource policy within its size.
        logs = LogGroup(
            scope,
            "Logs",
            log_group_name=names.log_group("vendedlogs/states", name),
            retention=RetentionDays.ONE_YEAR,
            removal_policy=RemovalPolicy.DESTROY,
        )
        super().__init__(
            scope,
            construct_id,
            state_machine_name=name,
            comment=comment,
            query_language=QueryLanguage.JSONATA,
            definition_body=definition,
            timeout=timeout,
            tracing_enabled=False,
            logs=LogOptions(destination=logs, level=LogLevel.ALL, include_execution_data=True),
        )
        give_reason(scope, _LOG_DELIVERY, ["*"], NO_RESOURCE)
        journal = "X-Ray would show the same states again: the execution's own history is the journal"
        acknowledge(scope, {"AwsSolutions-SF2": journal, **INLINE_POLICY, **PLAIN_LOGS})
        if isinstance(pieces := self.node.try_find_child("DistributedMapPolicy"), Policy):
            give_reason_for_all(pieces, "Executions of its own, one for each piece: AWS names them when they begin")
