"""A Lambda function of this project: Python from `recovery/`, bundled ahead of synth, with a log that ends.

Its role holds what the caller grants and nothing that AWS's managed policies would add.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Architecture, CfnFunction, Code, Runtime
from aws_cdk.aws_lambda import Function as LambdaFunction
from aws_cdk.aws_logs import LogGroup, RetentionDays
from constructs import Construct

from components.acknowledge import PLAIN_LOGS, acknowledge
from components.network import Network
from components.permissions import WildcardStatement, allow
from strategy.catalogue import names

ONLY_AWS = "It calls AWS's API only, which in the VPC would need endpoints that cost and can fail on the night"
# Made once: each is a call of the CDK's process.
_RUNTIME, _ARCHITECTURE, _LAMBDA = Runtime.PYTHON_3_14, Architecture.ARM_64, ServicePrincipal("lambda.amazonaws.com")
_NETWORK_INTERFACES = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)


def checking_signatures(code: Path) -> Path:
    """The bundle of the functions that check a signature, beside that of all others: it alone has `cryptography`."""
    return code.with_name(f"{code.name}-signatures")


class Function(LambdaFunction):
    """`code` is a bundle made by `make bundle`. With a `network` it runs in its function subnets; `outside` is why not."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        handler: str,
        code: Path,
        timeout: Duration,
        memory: int,
        environment: Mapping[str, str],
        permissions: list[PolicyStatement],
        network: Network | None = None,
        outside: str = ONLY_AWS,
    ) -> None:
        role = Role(scope, f"{construct_id}Role", assumed_by=_LAMBDA)
        # Diagnostics, not evidence (that lies in the evidence bucket): kept for a year, and gone with the function, so that
        # its name is free for the next one.
        logs = LogGroup(
            scope,
            f"{construct_id}Logs",
            log_group_name=names.log_group("lambda", name),
            retention=RetentionDays.ONE_YEAR,
            removal_policy=RemovalPolicy.DESTROY,
        )
        logs.grant_write(role)
        acknowledge(logs, PLAIN_LOGS)
        allow(role, permissions if network is None else [*permissions, _join_network()])
        super().__init__(
            scope,
            construct_id,
            function_name=name,
            runtime=_RUNTIME,
            architecture=_ARCHITECTURE,
            handler=handler,
            code=Code.from_asset(str(code)),
            role=role,
            log_group=logs,
            timeout=timeout,
            memory_size=memory,
            environment=dict(environment),
        )
        acknowledge(
            self,
            {
                "NIST.800.53.R5-LambdaConcurrency": "Reserved concurrency would be taken from every other function of the bank",
                "NIST.800.53.R5-LambdaDLQ": "Whoever calls it sees its failure, and tries again; no event waits to be kept",
            },
        )
        if network is None:
            acknowledge(self, {"NIST.800.53.R5-LambdaInsideVPC": outside})
        else:
            resource = cast("CfnFunction", self.node.default_child)
            resource.vpc_config = CfnFunction.VpcConfigProperty(
                subnet_ids=network.function_subnets, security_group_ids=[network.function_security_group]
            )


def _join_network() -> PolicyStatement:
    return WildcardStatement(
        actions=list(_NETWORK_INTERFACES),
        resources=["*"],
        because="EC2 has no resource to name here: the interfaces do not exist yet, and Describe takes none",
    )
