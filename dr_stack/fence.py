"""The fence of a region: its own function, once a minute, closes and opens what is in this region and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Duration
from aws_cdk.aws_iam import PolicyStatement
from constructs import Construct

from components.function import Function
from components.network import Network
from components.permissions import WildcardStatement
from dr_stack.region_arns import Places
from strategy import Strategy
from strategy.catalogue import names
from strategy.model.strategy import StoreKind


class Fence(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        network: Network,
        code: Path,
        environment: Mapping[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        prefix, account, places = strategy.prefix, strategy.account, Places(strategy, region)
        group = network.balancer_security_group
        databases = {
            store.name: [service.name for service in strategy.services_of(store.name)]
            for store in strategy.stores
            if store.kind == StoreKind.MYSQL and store.source == "managed"
        }
        secure = bool(strategy.dns and region in strategy.dns.certificates)
        parameters = f"arn:aws:ssm:{region}:{account}:parameter"
        reading = "AWS has no resource to name for it: reading only"
        permissions = [
            WildcardStatement(
                actions=["ssm:GetParameter"],
                resources=[f"arn:aws:ssm:*:{account}:parameter{name}" for name in (names.switch(prefix), names.taking(prefix))],
                because="What either region says of the traffic, by the same names",
            ),
            PolicyStatement(
                actions=["ssm:GetParameter", "ssm:PutParameter"], resources=[f"{parameters}{names.heartbeat(prefix)}"]
            ),
            WildcardStatement(actions=["ec2:DescribeSecurityGroups"], resources=["*"], because=reading),
            PolicyStatement(
                actions=["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"],
                resources=[f"arn:aws:ec2:{region}:{account}:security-group/{group}"],
            ),
        ]
        if databases:
            permissions += [
                PolicyStatement(
                    actions=["ssm:GetParameter"],
                    resources=[f"{parameters}{names.endpoint(prefix, name)}" for name in databases],
                ),
                WildcardStatement(
                    actions=["rds:DescribeDBInstances"],
                    resources=places.any_instance,
                    because="The instance in use may be one that a plan restored, whose name ends in the plan's id",
                ),
                WildcardStatement(
                    actions=["secretsmanager:GetSecretValue"],
                    resources=[
                        f"arn:aws:secretsmanager:{region}:{account}:secret:{names.database_secret(prefix, name)}-??????"
                        for name in databases
                    ],
                    because="A secret's ARN ends in six characters of AWS's",
                ),
                PolicyStatement(actions=["lambda:InvokeFunction"], resources=[places.database_function]),
            ]
        self.function = Function(
            self,
            "Function",
            name=names.function(prefix, "fence-region"),
            handler="recovery.handlers.fence_region.handler",
            code=code,
            timeout=Duration.seconds(55),
            memory=256,
            environment={
                **environment,
                "BALANCER_SECURITY_GROUP": group,
                "PORTS": json.dumps(sorted({80, 443 if secure else 80})),
                "DATABASES": json.dumps(databases),
            },
            permissions=permissions,
        )
