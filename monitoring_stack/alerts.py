"""The topic on which everything that needs a person is said, and who listens.

Encrypted with a key of our own: services cannot publish to a topic under the managed key `alias/aws/sns`.
"""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk.aws_iam import AnyPrincipal, IPrincipal, PolicyStatement, ServicePrincipal
from aws_cdk.aws_kms import Key
from aws_cdk.aws_sns import Topic
from aws_cdk.aws_sns_subscriptions import EmailSubscription
from constructs import Construct

from strategy import Strategy
from strategy.catalogue import names

_USE_KEY = ("kms:Decrypt", "kms:GenerateDataKey")


class Alerts(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy) -> None:
        super().__init__(scope, construct_id)
        ours = {"StringEquals": {"aws:SourceAccount": strategy.account}}
        key = Key(
            self,
            "Key",
            description=f"Encrypts {names.alert_topic(strategy.prefix)}",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.topic = Topic(self, "Topic", topic_name=names.alert_topic(strategy.prefix), master_key=key, enforce_ssl=True)
        # EventBridge may not come with a condition: it then delivers nothing.
        publishers: tuple[tuple[IPrincipal, dict[str, dict[str, str]]], ...] = (
            (ServicePrincipal("events.amazonaws.com"), {}),
            (ServicePrincipal("backup.amazonaws.com"), ours),
            (ServicePrincipal("cloudwatch.amazonaws.com"), ours),
        )
        for principal, conditions in publishers:
            key.add_to_resource_policy(_allow(principal, _USE_KEY, "*", conditions))
        for principal, conditions in publishers:  # EventBridge's rules are of other stacks, to which the topic is an ARN
            self.topic.add_to_resource_policy(_allow(principal, ("sns:Publish",), self.topic.topic_arn, conditions))
        # Who in this account may publish is settled by their own policy, without knowing the key.
        through_sns = {
            "StringEquals": {
                "kms:CallerAccount": strategy.account,
                "kms:ViaService": f"sns.{self.topic.stack.region}.amazonaws.com",
            }
        }
        key.add_to_resource_policy(_allow(AnyPrincipal(), _USE_KEY, "*", through_sns))
        for address in strategy.alerts.email:
            self.topic.add_subscription(EmailSubscription(address))


def _allow(
    principal: IPrincipal, actions: tuple[str, ...], resource: str, conditions: dict[str, dict[str, str]]
) -> PolicyStatement:
    return PolicyStatement(principals=[principal], actions=list(actions), resources=[resource], conditions=conditions)
