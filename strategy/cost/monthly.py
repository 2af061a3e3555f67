"""The whole bill of a strategy, its sums, and what would change with another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from strategy import Strategy
from strategy.cost import dynamodb, monitoring, mysql, shared, standby
from strategy.cost.assumptions import Assumptions
from strategy.cost.lines import Line, Purpose
from strategy.cost.prices import Prices
from strategy.model.stores import MySqlStore


@dataclass(frozen=True, slots=True)
class Cost:
    lines: tuple[Line, ...]

    def sum(self, chosen: Callable[[Line], bool] = lambda _: True) -> float:
        """US dollars a month; lines without a price count for nothing, and are in `unpriced`."""
        return sum(each.usd or 0.0 for each in self.lines if chosen(each))

    def of(self, purpose: Purpose) -> float:
        return self.sum(lambda line: line.purpose is purpose)

    @property
    def unpriced(self) -> tuple[Line, ...]:
        return tuple(each for each in self.lines if each.price is None and each.quantity)


def monthly(strategy: Strategy, prices: Prices, today: date, assumed: Assumptions | None = None) -> Cost:
    """For an average month from `today` on, at today's sizes, with every retention full."""
    assumed = assumed or Assumptions()
    found: list[Line] = []
    for store in strategy.stores:
        if isinstance(store, MySqlStore):
            found += mysql.lines(strategy, store, prices, assumed, today)
        else:
            found += dynamodb.lines(strategy, store, prices, assumed, today)
    ready = standby.lines(strategy, strategy.standby, prices)
    return Cost((*found, *shared.lines(strategy, prices, assumed, today), *monitoring.lines(strategy, prices, assumed), *ready))


def altered(
    strategy: Strategy,
    *,
    sizes: dict[str, int] | None = None,
    keeps: dict[str, timedelta] | None = None,
    replica: bool | None = None,
) -> Strategy:
    """The strategy with other sizes (bytes, by store), retentions (by rule, its copies' too), or with all replicas on or off.

    `replica` is about everything that keeps minutes in the recovery region: the table's replica, replicated automated backups
    and, when off, a read replica. Whether the outcome still keeps its promises is for the guards to say.
    """
    sizes, keeps = sizes or {}, keeps or {}
    stores = []
    for store in strategy.stores:
        changes: dict[str, Any] = {"size": sizes[store.name]} if store.name in sizes else {}
        if replica is not None:
            changes |= {"replicated_backups": replica} if isinstance(store, MySqlStore) else {"replica": replica}
            changes |= {"read_replica": False} if isinstance(store, MySqlStore) and not replica else {}
        stores.append(store.model_copy(update=changes))
    rules = [
        rule.model_copy(update={"keep": keeps[rule.name], "copy_keep": keeps[rule.name]} if rule.name in keeps else {})
        for rule in strategy.rules
    ]
    return strategy.model_copy(update={"stores": tuple(stores), "rules": tuple(rules)})


def grown(strategy: Strategy) -> Strategy:
    """At the sizes expected in 12 months."""
    return altered(strategy, sizes={store.name: store.expected_size for store in strategy.stores})
