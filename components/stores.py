"""Where a store of the strategy stands: its own ARN if it exists already, the name this app gives it otherwise.

A store is restored under its own name in every region, so that what holds its name need not change.
"""

from __future__ import annotations

import re

from strategy import Strategy, naming
from strategy.model import Store


def arn(strategy: Strategy, store: Store, region: str) -> str:
    made_here = naming.store_arn(store.kind, region, strategy.account, naming.store(strategy.prefix, store.name))
    return store.arn_in(region) or made_here


def physical_name(strategy: Strategy, store: Store) -> str:
    return re.split("[:/]", arn(strategy, store, strategy.regions.primary))[-1]


def construct_id(store: Store) -> str:
    return store.name.title().replace("-", "")
