"""Stores of the strategy as constructs know them; where they stand is `strategy.catalogue.store_arns`' matter."""

from __future__ import annotations

from strategy.catalogue import names
from strategy.catalogue.store_arns import arn, physical_name
from strategy.model.strategy import MySqlStore, Store, Strategy

__all__ = ["adopted_suffix", "arn", "construct_id", "groups", "physical_name"]


def construct_id(store: Store) -> str:
    return store.name.title().replace("-", "")


def adopted_suffix(store: Store) -> str:
    """Ends the construct id of a resource that holds a store's data. A store that was restored and adopted is another resource
    than the first one, so it has another logical id: one that is renamed in place would be replaced by an empty one.
    """
    return (store.identifier or "").rpartition("-")[2].title()


def groups(strategy: Strategy, region: str, *kinds: str) -> list[str]:
    """ARNs of what a restored instance is given, of these kinds as RDS's ARNs have them: `subgrp`, `pg`, `og`.

    An existing store keeps its own groups: those that the strategy names, and any where it names none.
    """
    prefix = strategy.prefix
    wanted = {
        "subgrp": [names.subnet_group(prefix), names.drill_subnet_group(prefix)],
        "pg": [names.parameter_group(prefix)],
        "og": ["default*"],  # RDS's own, of an instance without options
    }
    for store in strategy.stores:
        if isinstance(store, MySqlStore) and store.source == "existing":
            own = {"subgrp": store.subnet_group, "pg": store.parameter_group, "og": store.option_group}
            for kind, name in own.items():
                wanted[kind].append(name or "*")
    return [f"arn:aws:rds:{region}:{strategy.account}:{kind}:{name}" for kind in kinds for name in dict.fromkeys(wanted[kind])]
