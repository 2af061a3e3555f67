"""Into which stores of a region the heartbeat goes."""

from __future__ import annotations

from strategy.catalogue.store_arns import physical_name
from strategy.contracts.heartbeat import HeartbeatsRequest, HeartbeatStore
from strategy.model.strategy import Store, Strategy


def request_for(strategy: Strategy, region: str) -> HeartbeatsRequest:
    """Stores by name, and where a store of somebody else's code stands in the primary region."""
    return HeartbeatsRequest(
        prefix=strategy.prefix,
        region=region,
        stores=tuple(
            HeartbeatStore(name=store.name, kind=store.kind.value, existing=_existing(strategy, store, region))
            for store in strategy.stores
        ),
    )


def _existing(strategy: Strategy, store: Store, region: str) -> str:
    there = region == strategy.regions.primary and store.source == "existing"
    return physical_name(strategy, store) if there else ""
