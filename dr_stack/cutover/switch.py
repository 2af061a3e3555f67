"""A region's switch: thrown by one function, published each minute by another, watched by an alarm, obeyed by the fence.

The alarm names the metric that Route 53's health checks read. Statistics are maxima: a minute in which the switch was thrown is a
minute in which traffic is claimed.
"""

from __future__ import annotations

import json
from pathlib import Path

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import CfnAlarm
from aws_cdk.aws_events import Rule, Schedule
from aws_cdk.aws_events_targets import LambdaFunction
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct

from components.acknowledge import acknowledge
from components.function import Function
from components.network import Network
from components.permissions import WildcardStatement
from dr_stack.fence import Fence
from strategy import Strategy
from strategy.catalogue import names

_EVERY = Schedule.rate(Duration.minutes(1))


class Switch(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, network: Network, code: Path
    ) -> None:
        super().__init__(scope, construct_id)
        prefix, regions = strategy.prefix, strategy.regions
        home = names.home(regions.primary, regions.recovery)
        own = f"arn:aws:ssm:{region}:{strategy.account}:parameter{names.switch(prefix)}"
        publishes = WildcardStatement(
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": names.switch_namespace(prefix)}},
            because="CloudWatch has no resource to name for a metric: the condition names its namespace",
        )
        asks = WildcardStatement(
            actions=["ssm:GetParameter"],
            resources=[own.replace(f":{region}:", ":*:")],
            because="The switch of either region, by the same name",
        )
        writes = PolicyStatement(actions=["ssm:GetParameter", "ssm:PutParameter"], resources=[own])
        common = {"PREFIX": prefix, "HOME_REGION": home}
        knows_other = {**common, "OTHER_REGION": regions.other(region)}
        self.throw = Function(
            self,
            "Throw",
            name=names.function(prefix, "throw-switch"),
            handler="recovery.handlers.throw_switch.handler",
            code=code,
            timeout=Duration.minutes(1),
            memory=256,
            environment={**common, "REGIONS": json.dumps(sorted((regions.primary, regions.recovery)))},
            permissions=[writes, publishes],
        )
        publish = Function(
            self,
            "Publish",
            name=names.function(prefix, "publish-switch"),
            handler="recovery.handlers.publish_switch.handler",
            code=code,
            timeout=Duration.seconds(50),
            memory=256,
            environment=knows_other,
            permissions=[writes, asks, publishes],
        )
        self.fence = Fence(
            self, "Fence", strategy=strategy, region=region, network=network, code=code, environment=knows_other
        ).function
        for name, function in (("EachMinute", publish), ("FenceEachMinute", self.fence)):
            target = LambdaFunction(function, retry_attempts=0, max_event_age=Duration.minutes(1))
            Rule(self, name, description=f"{function.node.id} the switch of this region", schedule=_EVERY, targets=[target])
        alarm = CfnAlarm(
            self,
            "Alarm",
            alarm_name=names.switch_alarm(prefix),
            alarm_description=(
                "Read by Route 53, which does not look at its state: "
                + ("in alarm while the home region claims no traffic" if region == home else "in alarm while traffic is here")
            ),
            namespace=names.switch_namespace(prefix),
            metric_name=names.SWITCH_METRIC,
            statistic="Maximum",
            period=60,
            evaluation_periods=1,
            threshold=1,
            comparison_operator="LessThanThreshold" if region == home else "GreaterThanOrEqualToThreshold",
            treat_missing_data="missing",
        )
        acknowledge(
            alarm, {"NIST.800.53.R5-CloudWatchAlarmAction": "It moves traffic, and is not news: recoveries tell the people"}
        )
