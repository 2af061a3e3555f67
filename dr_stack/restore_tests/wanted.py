"""What the answer to a restore test needs to know of the stores, as one JSON value.

It names no region but its own: a store is known by its name, of which a copy from another region has the same.
"""

from __future__ import annotations

from typing import Any

from components.stores import physical_name
from strategy import Strategy
from strategy.catalogue import names
from strategy.model.strategy import DynamoDbStore, MySqlStore


def wanted(strategy: Strategy, region: str) -> dict[str, Any]:
    """`physical` is the name a store has in AWS, whatever plan restored it; the rest is what its verification takes."""
    return {
        "region": region,
        "bucket": names.evidence_bucket(strategy.prefix, region, strategy.account),
        "plan": names.restore_testing_plan(strategy.prefix),
        "stores": [
            {
                "name": store.name,
                "kind": store.kind.value,
                "physical": names.base(physical_name(strategy, store)),
                **_dated(store),
            }
            for store in strategy.stores
        ],
    }


def _dated(store: MySqlStore | DynamoDbStore) -> dict[str, Any]:
    if isinstance(store, DynamoDbStore):
        return {"written_at": store.written_at}
    return {"changes": {table: {"created": of.created, "changed": of.changed} for table, of in store.changes.items()}}
