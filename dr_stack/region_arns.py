"""The ARNs that restores of one region meet: the live stores, what plans make, and what belongs to them."""

from __future__ import annotations

from collections.abc import Iterator

from components.stores import arn, groups, physical_name
from strategy import Strategy
from strategy.catalogue import names as naming
from strategy.catalogue.region_steps import WORKFLOW
from strategy.catalogue.routes import Route
from strategy.model.strategy import DynamoDbStore, MySqlStore, Store, StoreKind


class Places:
    """Restored stores are patterns: their names end in a plan's id. A live store may be one, not adopted yet."""

    def __init__(self, strategy: Strategy, region: str) -> None:
        self._strategy, self._region, self._account = strategy, region, strategy.account
        prefix = strategy.prefix
        self.plans = naming.store_arn("dynamodb", region, strategy.account, naming.plans_table(prefix))
        self.vaults = [
            naming.vault_arn(region, strategy.account, vault)
            for vault in (naming.backup_vault(prefix), naming.copy_vault(prefix))
        ]
        self.executions = [
            naming.state_machine_arn(prefix, route, region, strategy.account).replace(":stateMachine:", ":execution:") + ":*"
            for route in (*Route, WORKFLOW)
        ]
        self.instances, self.restored_instances = self._of(StoreKind.MYSQL)
        self.tables, self.restored_tables = self._of(StoreKind.DYNAMODB)
        self.replica_instances, self.replica_tables = self._replicas()
        self.any_instance = [*self.instances, *self.restored_instances, *self.replica_instances]
        self.any_table = [*self.tables, *self.restored_tables]
        """The live one is among them, whether it was deployed or restored."""
        self.secrets = list(self._secrets())
        self.endpoints = [
            f"arn:aws:ssm:{region}:{strategy.account}:parameter{naming.endpoint(prefix, store.name)}" for store in strategy.stores
        ]
        self.database_function = f"arn:aws:lambda:{region}:{strategy.account}:function:{naming.function(prefix, 'database')}"
        self.recovery_points = [
            f"arn:aws:rds:{region}:{strategy.account}:snapshot:awsbackup:*",
            f"arn:aws:backup:{region}:{strategy.account}:recovery-point:*",
        ]

    @property
    def others_instances(self) -> bool:
        """Whether a MySQL store is of somebody else's code: what it hangs on is theirs to name."""
        return any(isinstance(each, MySqlStore) and each.source == "existing" for each in self._strategy.stores)

    @property
    def others_tables(self) -> bool:
        return any(isinstance(each, DynamoDbStore) and each.source == "existing" for each in self._strategy.stores)

    def groups(self, *kinds: str) -> list[str]:
        """As `components.stores.groups`."""
        return groups(self._strategy, self._region, *kinds)

    def restored(self, route: Route) -> list[str]:
        """What plans of this route make, and the replicas that they may take over."""
        if route.kind == "mysql":
            return [*self.restored_instances, *self.replica_instances]
        return [*self.restored_tables, *self.replica_tables]

    def _replicas(self) -> tuple[list[str], list[str]]:
        """In the recovery region only: the primary's own table has the same name, and nothing here may touch that."""
        strategy, region, account = self._strategy, self._region, self._account
        if region != strategy.regions.recovery:
            return [], []
        instances = [
            naming.store_arn(each.kind, region, account, naming.read_replica(strategy.prefix, each.name))
            for each in strategy.stores
            if isinstance(each, MySqlStore) and each.read_replica
        ]
        return instances, [arn(strategy, each, region) for each in strategy.stores if getattr(each, "replica", False)]

    def _of(self, kind: StoreKind) -> tuple[list[str], list[str]]:
        stores: list[Store] = [each for each in self._strategy.stores if each.kind == kind]
        live = [each for store in stores for each in self._live(store)]
        made = [naming.restored_pattern(physical_name(self._strategy, store)) for store in stores]
        return live, [naming.store_arn(kind, self._region, self._account, name) for name in made]

    def _live(self, store: Store) -> list[str]:
        """The store itself; of one that was restored and adopted, the old one besides, which stands where it stood."""
        there = arn(self._strategy, store, self._region)
        return list(dict.fromkeys((there, naming.base(there))))

    def _secrets(self) -> Iterator[str]:
        prefix, region, account = self._strategy.prefix, self._region, self._account
        for store in self._strategy.stores:
            if store.kind != StoreKind.MYSQL:
                continue
            names = [naming.database_secret(prefix, store.name)]
            names += [naming.service_secret(prefix, store.name, each.name) for each in self._strategy.services_of(store.name)]
            yield from (f"arn:aws:secretsmanager:{region}:{account}:secret:{name}-??????" for name in names)
