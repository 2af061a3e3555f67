"""The table of audit logs, and its replica in the recovery region where the strategy asks for one.

Always a `TableV2`: a `Table` cannot be given a replica later without being replaced.
"""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk.aws_dynamodb import (
    Attribute,
    AttributeType,
    Billing,
    GlobalSecondaryIndexPropsV2,
    PointInTimeRecoverySpecification,
    ReplicaTableProps,
    TableEncryptionV2,
    TableV2,
)
from constructs import Construct

from components.stores import physical_name
from strategy import Strategy
from strategy.catalogue import names
from strategy.model.strategy import DynamoDbStore

_INDEXES = {"AgentIndex": "agent_id", "OperationIndex": "crud_operation"}


class AuditTable(TableV2):
    def __init__(self, scope: Construct, construct_id: str, *, strategy: Strategy, store: DynamoDbStore) -> None:
        history = PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True, recovery_period_in_days=store.point_in_time.days
        )
        # Not inherited: each replica has its own history and its own protection.
        replica = ReplicaTableProps(
            region=strategy.regions.recovery, point_in_time_recovery_specification=history, deletion_protection=True
        )
        super().__init__(
            scope,
            construct_id,
            table_name=physical_name(strategy, store),
            partition_key=_text_attribute("client_id"),
            sort_key=_text_attribute("timestamp"),
            global_secondary_indexes=[
                GlobalSecondaryIndexPropsV2(
                    index_name=index, partition_key=_text_attribute(key), sort_key=_text_attribute("timestamp")
                )
                for index, key in _INDEXES.items()
            ],
            billing=Billing.on_demand(),
            encryption=TableEncryptionV2.aws_managed_key(),
            point_in_time_recovery_specification=history,
            replicas=[replica] if store.replica else None,
            time_to_live_attribute=names.TIME_TO_LIVE,
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )


def _text_attribute(name: str) -> Attribute:
    return Attribute(name=name, type=AttributeType.STRING)
