"""What went through a region's network, and what was refused there: evidence after an incident, kept for a year."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk.aws_ec2 import CfnFlowLog, IVpc
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_logs import LogGroup, RetentionDays
from constructs import Construct

from components.acknowledge import PLAIN_LOGS, acknowledge
from components.permissions import WildcardStatement, allow
from strategy import Strategy
from strategy.catalogue import names


class FlowLogs(Construct):
    """Not the CDK's own: its role may also pass itself on."""

    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, vpc: IVpc) -> None:
        super().__init__(scope, construct_id)
        logs = LogGroup(
            self,
            "Logs",
            log_group_name=names.log_group("vpc", strategy.prefix),
            retention=RetentionDays.ONE_YEAR,
            removal_policy=RemovalPolicy.DESTROY,
        )
        acknowledge(logs, PLAIN_LOGS)
        role = Role(
            self,
            "Role",
            assumed_by=ServicePrincipal(
                "vpc-flow-logs.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": strategy.account}}
            ),
        )
        writes = PolicyStatement(
            actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources=[logs.log_group_arn],
        )
        finds = WildcardStatement(
            actions=["logs:DescribeLogGroups"],
            resources=["*"],
            because="CloudWatch Logs lists groups or none: there is no ARN to name",
        )
        allow(role, [writes, finds])
        CfnFlowLog(
            self,
            "Log",
            resource_id=vpc.vpc_id,
            resource_type="VPC",
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_group_name=logs.log_group_name,
            deliver_logs_permission_arn=role.role_arn,
        ).node.add_dependency(role)
