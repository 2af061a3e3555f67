"""What each promise costs in a month, beside what it comes to at worst: the price of a shorter RPO, and of a second region."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from strategy import Strategy
from strategy.checks.objectives import ways
from strategy.cost.lines import Line, Purpose
from strategy.cost.monthly import Cost, altered, monthly
from strategy.cost.prices import Prices
from strategy.model.stores import DynamoDbStore, MySqlStore, Scenario

_PAID_BY = {
    Scenario.POINT_IN_TIME: Purpose.POINT_IN_TIME,
    Scenario.RECOVERY_POINT: Purpose.RECOVERY_POINTS,
    Scenario.REGION_LOSS: Purpose.COPIES,
}


@dataclass(frozen=True, slots=True)
class Paid:
    """One way back, its worst-case age of data, and its cost."""

    store: str
    scenario: Scenario
    how: str
    worst: timedelta | None
    usd: float
    chosen: bool
    """False: the strategy does not have it; this is what it would cost."""


def paid(strategy: Strategy, prices: Prices, today: date) -> tuple[Paid, ...]:
    return tuple(row for store in strategy.stores for row in _of(strategy, store, prices, today))


def second_region(strategy: Strategy, cost: Cost) -> float:
    """What would not be paid with one region: whatever is there, and whatever is moved there."""
    moved = (Purpose.COPIES, Purpose.MINUTES_AWAY)
    return cost.sum(lambda line: line.region == strategy.regions.recovery or line.purpose in moved)


def _of(strategy: Strategy, store: MySqlStore | DynamoDbStore, prices: Prices, today: date) -> Iterator[Paid]:
    cost = monthly(strategy, prices, today)
    for scenario, purpose in _PAID_BY.items():
        way = next(
            each
            for each in ways(strategy, store, scenario, today)
            if scenario is not Scenario.REGION_LOSS or each.how == "copies"
        )
        yield Paid(store.name, scenario, way.how, way.age, _sum(cost, store.name, purpose), True)
    minutes = _minutes(store)
    with_it = strategy if minutes else altered(strategy, replica=True)
    freshest = ways(with_it, with_it.store(store.name), Scenario.REGION_LOSS, today)[0]
    usd = _sum(monthly(with_it, prices, today), store.name, Purpose.MINUTES_AWAY)
    yield Paid(store.name, Scenario.REGION_LOSS, freshest.how, freshest.age, usd, minutes)


def _minutes(store: MySqlStore | DynamoDbStore) -> bool:
    if isinstance(store, MySqlStore):
        return store.replicated_backups or store.read_replica
    return store.replica


def _sum(cost: Cost, store: str, purpose: Purpose) -> float:
    def chosen(line: Line) -> bool:
        return line.store == store and line.purpose is purpose

    return cost.sum(chosen)
