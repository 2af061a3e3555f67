"""Where a store of the strategy stands: its own ARN if it exists already, the name this app gives it otherwise.

A store is restored under its own name in every region, so that what holds its name need not change.
"""

from __future__ import annotations

import re

from strategy.catalogue import names
from strategy.model.stores import DynamoDbStore, MySqlStore
from strategy.model.strategy import Strategy


def arn(strategy: Strategy, store: MySqlStore | DynamoDbStore, region: str) -> str:
    made_here = names.store_arn(store.kind, region, strategy.account, _managed_name(strategy, store))
    return store.arn_in(region) or made_here


def physical_name(strategy: Strategy, store: MySqlStore | DynamoDbStore) -> str:
    return re.split("[:/]", arn(strategy, store, strategy.regions.primary))[-1]


def _managed_name(strategy: Strategy, store: MySqlStore | DynamoDbStore) -> str:
    return store.identifier or names.store(strategy.prefix, store.name)
