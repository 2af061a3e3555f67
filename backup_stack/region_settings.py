"""What AWS keeps once for an account and region, and CloudFormation has no type for, set by a function of ours.

DynamoDB is opted in to AWS Backup and managed by it with its advanced features: without them a table's recovery point cannot be
copied to another region. And the roles that AWS's services make for themselves exist before a bucket's policy names them: S3
refuses a policy that names a role which is not there. Deleting the stack takes nothing back; others may rely on it by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aws_cdk import CustomResource, Duration
from constructs import Construct

from components.function import Function
from components.permissions import WildcardStatement
from strategy import Strategy
from strategy.catalogue import names
from strategy.contracts.stores import RegionSettingsProperties

ADVANCED = ("DynamoDB",)
"""Types of resource, as AWS Backup names them, that need its advanced features."""


class RegionSettings(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, code: Path, service_roles: Sequence[str]
    ) -> None:
        """`service_roles` are services, such as `reports.backup.amazonaws.com`, whose service-linked role must exist."""
        super().__init__(scope, construct_id)
        function = Function(
            self,
            "Function",
            name=names.function(strategy.prefix, "region-settings"),
            handler="recovery.handlers.region_settings.handler",
            code=code,
            timeout=Duration.minutes(2),
            memory=256,
            environment={},
            permissions=[
                WildcardStatement(
                    actions=["backup:DescribeRegionSettings", "backup:UpdateRegionSettings", "iam:ListRoles"],
                    resources=["*"],
                    because="Settings of the whole region and a list of roles: neither has a resource to name",
                ),
                WildcardStatement(
                    actions=["iam:CreateServiceLinkedRole"],
                    resources=[f"arn:aws:iam::{strategy.account}:role/aws-service-role/{each}/*" for each in service_roles],
                    conditions={"StringEquals": {"iam:AWSServiceName": list(service_roles)}},
                    because="The service gives its role a name of its own below this path",
                ),
            ],
        )
        CustomResource(
            self,
            "Settings",
            service_token=function.function_arn,
            resource_type="Custom::BackupRegionSettings",
            service_timeout=Duration.minutes(5),
            properties=RegionSettingsProperties(ManagedResourceTypes=ADVANCED, ServiceRoles=tuple(service_roles)).to_json(),
        )
