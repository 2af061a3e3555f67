"""A rule of EventBridge that starts a workflow, in a role that this one rule may take."""

from __future__ import annotations

from typing import Any

from aws_cdk import Duration
from aws_cdk.aws_events import Rule, RuleTargetInput
from aws_cdk.aws_events_targets import SfnStateMachine
from aws_cdk.aws_iam import Role, ServicePrincipal
from aws_cdk.aws_stepfunctions import IStateMachine
from constructs import Construct

from components.acknowledge import INLINE_POLICY, acknowledge
from strategy import Strategy
from strategy.catalogue import names


class WorkflowRule(Rule):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        name: str,
        machine: IStateMachine,
        retry_attempts: int,
        max_event_age: Duration,
        event: RuleTargetInput | None = None,
        **properties: Any,
    ) -> None:
        """`name` is of `names.rule`: the role's trust names the rule, whose own name CloudFormation would only make with it.
        `event` is the workflow's input; the rule's event if there is none. `properties` are the rule's: when, and why.
        """
        super().__init__(scope, construct_id, rule_name=name, **properties)
        account = strategy.account
        role = Role(
            self,
            "Role",
            assumed_by=ServicePrincipal(
                "events.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": account},
                    "ArnEquals": {"aws:SourceArn": names.rule_arn(name, region, account)},
                },
            ),
        )
        acknowledge(role, INLINE_POLICY)
        target: dict[str, Any] = {} if event is None else {"input": event}
        self.add_target(SfnStateMachine(machine, role=role, retry_attempts=retry_attempts, max_event_age=max_event_age, **target))
