"""Stores of the strategy as constructs know them; where they stand is `strategy.catalogue.store_arns`' matter."""

from __future__ import annotations

from strategy.catalogue.store_arns import arn, physical_name
from strategy.model.strategy import Store

__all__ = ["adopted_suffix", "arn", "construct_id", "physical_name"]


def construct_id(store: Store) -> str:
    return store.name.title().replace("-", "")


def adopted_suffix(store: Store) -> str:
    """Ends the construct id of a resource that holds a store's data. A store that was restored and adopted is another resource
    than the first one, so it has another logical id: one that is renamed in place would be replaced by an empty one.
    """
    return (store.identifier or "").rpartition("-")[2].title()
