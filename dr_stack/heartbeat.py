"""The heartbeat of each store, each minute: in whichever region its application finds it, so that a recovery needs no deployment.

Two functions: one asks AWS where the stores are and writes the items, the other stands where MySQL is and may do nothing but sign
in as a user that may write one row.
"""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Duration
from aws_cdk.aws_events import Rule, RuleTargetInput, Schedule
from aws_cdk.aws_events_targets import LambdaFunction
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct

from components.function import Function
from components.network import Network
from components.permissions import WildcardStatement, database_login
from dr_stack.region_arns import Places
from strategy import Strategy
from strategy.catalogue import names
from strategy.contracts.requests.heartbeat import request_for

_IN_USE = "The store in use may be one that a plan restored, whose name ends in the plan's id"


class Heartbeats(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, network: Network, code: Path
    ) -> None:
        super().__init__(scope, construct_id)
        prefix, places = strategy.prefix, Places(strategy, region)
        invoked: list[PolicyStatement] = []
        if places.instances:
            row = Function(
                self,
                "Row",
                name=names.function(prefix, "heartbeat-mysql"),
                handler="recovery.handlers.heartbeat_mysql.handler",
                code=code,
                timeout=Duration.seconds(30),
                memory=256,
                environment=database_login() | {"DATABASE_USER": names.HEARTBEAT_USER},
                permissions=[
                    WildcardStatement(
                        actions=["rds-db:connect"],
                        resources=[f"arn:aws:rds-db:{region}:{strategy.account}:dbuser:*/{names.HEARTBEAT_USER}"],
                        because="Any instance of the region: the resource id in this ARN changes with every restore",
                    )
                ],
                network=network,
            )
            invoked.append(PolicyStatement(actions=["lambda:InvokeFunction"], resources=[row.function_arn]))
        function = Function(
            self,
            "Function",
            name=names.function(prefix, "write-heartbeats"),
            handler="recovery.handlers.write_heartbeats.handler",
            code=code,
            timeout=Duration.seconds(55),
            memory=256,
            environment={},
            permissions=[*_permissions(strategy, places), *invoked],
        )
        target = LambdaFunction(
            function,
            event=RuleTargetInput.from_object(request_for(strategy, region).to_json()),
            retry_attempts=0,  # the next one comes in a minute
            max_event_age=Duration.minutes(1),
        )
        Rule(
            self,
            "EachMinute",
            description="A heartbeat into each store that is used here",
            schedule=Schedule.rate(Duration.minutes(1)),
            targets=[target],
        )


def _permissions(strategy: Strategy, places: Places) -> list[PolicyStatement]:
    statements = [PolicyStatement(actions=["ssm:GetParameter"], resources=places.endpoints)]
    if places.tables:
        statements += [
            WildcardStatement(actions=["dynamodb:DescribeTable"], resources=places.any_table, because=_IN_USE),
            WildcardStatement(
                actions=["dynamodb:PutItem"],
                resources=places.any_table,
                because=_IN_USE,
                conditions={
                    "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [names.HEARTBEAT_KEY, names.HEARTBEAT_NUMBER]},
                    "Null": {"dynamodb:LeadingKeys": "false"},
                },
            ),
        ]
    if any(store.kind == "mysql" and store.source == "existing" for store in strategy.stores):
        statements.append(WildcardStatement(actions=["rds:DescribeDBInstances"], resources=places.any_instance, because=_IN_USE))
    return statements
