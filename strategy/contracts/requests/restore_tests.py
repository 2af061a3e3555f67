"""What the answer to a restore test needs to know of a region's stores."""

from __future__ import annotations

from typing import Any

from strategy.catalogue import names, store_arns
from strategy.contracts.requests.dates import changes_of
from strategy.contracts.restore_tests import DatabaseUnderTest, StoresUnderTest, TableUnderTest
from strategy.model.strategy import DynamoDbStore, MySqlStore, Strategy


def tested_in(strategy: Strategy, region: str) -> StoresUnderTest:
    """It names no region but its own: a store is known by its name, of which a copy from another region has the same."""
    return StoresUnderTest(
        region=region,
        bucket=names.evidence_bucket(strategy.prefix, region, strategy.account),
        plan=names.restore_testing_plan(strategy.prefix),
        stores=tuple(_store(strategy, store) for store in strategy.stores),
    )


def _store(strategy: Strategy, store: MySqlStore | DynamoDbStore) -> DatabaseUnderTest | TableUnderTest:
    physical = names.base(store_arns.physical_name(strategy, store))
    common: dict[str, Any] = {"name": store.name, "kind": store.kind.value, "physical": physical}
    if isinstance(store, DynamoDbStore):
        return TableUnderTest(**common, written_at=store.written_at)
    return DatabaseUnderTest(**common, changes=changes_of(store))
