"""The data stores that this app makes itself. Those it does not own (`source = "existing"`) are left alone."""

from __future__ import annotations

from aws_cdk.aws_dynamodb import TableV2
from aws_cdk.aws_rds import CfnDBInstance
from constructs import Construct

from backup_stack.audit_table import AuditTable
from backup_stack.logins import logins
from backup_stack.mysql import instance
from components.network import Network
from components.stores import adopted_suffix
from components.stores import construct_id as construct_id_of
from strategy import Strategy
from strategy.model.strategy import MySqlStore


class Stores(Construct):
    """The data in the primary, by the store's name in the strategy; and the logins at home, whichever role that region has."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        network: Network,
        received_key: str | None,
    ) -> None:
        """`received_key`: ARN of the recovery region's key for replicated backups, where any are wanted."""
        super().__init__(scope, construct_id)
        self.instances: dict[str, CfnDBInstance] = {}
        self.tables: dict[str, TableV2] = {}
        here = region == strategy.regions.primary
        for store in strategy.stores:
            if store.source != "managed":
                continue
            construct_name = construct_id_of(store)
            if isinstance(store, MySqlStore):
                place = Construct(self, construct_name)
                login = logins(place, strategy=strategy, store=store, region=region)
                if here:
                    self.instances[store.name] = instance(
                        place, strategy=strategy, store=store, network=network, login=login, received_key=received_key
                    )
            elif here:
                self.tables[store.name] = AuditTable(self, construct_name + adopted_suffix(store), strategy=strategy, store=store)
