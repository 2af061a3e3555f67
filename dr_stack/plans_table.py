"""The region's restore plans: which attempt of each is alive. One conditional write allows one of them at a time."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk.aws_dynamodb import Attribute, AttributeType, Billing, PointInTimeRecoverySpecification, TableEncryptionV2, TableV2
from constructs import Construct

from strategy import Strategy
from strategy.catalogue import names


class Plans(TableV2):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy) -> None:
        super().__init__(
            scope,
            construct_id,
            table_name=names.plans_table(strategy.prefix),
            partition_key=Attribute(name="plan_id", type=AttributeType.STRING),
            billing=Billing.on_demand(),
            encryption=TableEncryptionV2.aws_managed_key(),
            point_in_time_recovery_specification=PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True),
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
