"""What the strategy's recovery of a region comes to in each standby tier, and at another size of its database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from strategy.checks.objectives import region_timeline, ways
from strategy.checks.timeline import Timeline
from strategy.cost import Prices
from strategy.cost.monthly import Cost, grown, monthly
from strategy.model.stores import DynamoDbStore, MySqlStore, Scenario
from strategy.model.strategy import Standby, Strategy


@dataclass(frozen=True)
class Outcome:
    """One tier at one size."""

    tier: Standby
    timeline: Timeline
    rpo: timedelta | None
    """Worst case of the worst store; None: a store may have nothing."""
    cost: Cost
    """Of a month: backups, copies, proof, guard and watching, and what stands ready. Not of a recovery."""


def outcome(strategy: Strategy, tier: Standby, today: date, prices: Prices, size: int | None = None) -> Outcome:
    """`size` of the MySQL stores, in bytes; what the strategy expects in 12 months when absent."""
    altered = at_tier(strategy if size is None else sized(strategy, size), tier)
    ages = [ways(altered, store, Scenario.REGION_LOSS, today)[0].age for store in altered.stores]
    known = [age for age in ages if age is not None]
    rpo = max(known) if len(known) == len(ages) else None
    bill = monthly(grown(altered).model_copy(update={"standby": tier}), prices, today)
    return Outcome(tier, region_timeline(altered, today, tier), rpo, bill)


def at_tier(strategy: Strategy, tier: Standby) -> Strategy:
    """As written in the strategy's own tier. In another one every store has a replica in the recovery region, or in
    `backup-and-restore` none.
    """
    if tier is strategy.standby:
        return strategy
    stores, has = [], tier is not Standby.BACKUP_AND_RESTORE
    for store in strategy.stores:
        replica = {"read_replica": has} if isinstance(store, MySqlStore) else {"replica": has}
        stores.append(store.model_copy(update=replica))
    return strategy.model_copy(update={"stores": tuple(stores)})


def sized(strategy: Strategy, size: int) -> Strategy:
    """With MySQL stores of that size; tables stay as they are."""
    size_now = {"size": size, "growth_per_month": 0}
    stores = [store if isinstance(store, DynamoDbStore) else store.model_copy(update=size_now) for store in strategy.stores]
    return strategy.model_copy(update={"stores": tuple(stores)})
