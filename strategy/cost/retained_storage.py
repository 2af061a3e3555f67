"""How much a store keeps in vaults, on an average day of the year ahead, once every retention is full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from strategy import Strategy
from strategy.checks.schedule import effective, horizon
from strategy.cost.assumptions import DAYS, Assumptions
from strategy.model.backup_plan import Rule
from strategy.model.stores import MySqlStore

GB = 10**9
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Runs:
    """Jobs of a rule that really run: where windows overlap, one job runs for the rule that keeps longest."""

    rule: Rule
    in_a_month: float

    def kept(self, keep: timedelta) -> float:
        """Recovery points alive at a time: as many as are made while one lives."""
        return self.in_a_month / DAYS * (keep / _DAY)


def runs(strategy: Strategy, today: date) -> tuple[Runs, ...]:
    span = horizon(today)
    done = effective(strategy.rules, span.start, span.end)
    days = (span.end - span.start) / _DAY
    return tuple(Runs(rule, sum(run.rule.name == rule.name for run in done) / days * DAYS) for rule in strategy.rules)


def changed_in_a_day(store: MySqlStore, assumed: Assumptions) -> float:
    """GB that an incremental snapshot of a day holds."""
    return (store.growth_per_month / DAYS + store.size * assumed.changed_share) / GB


@dataclass(frozen=True, slots=True)
class Holder:
    """Something that holds snapshots, and for how long."""

    what: str
    keep: timedelta
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    what: str
    rule: str | None
    gigabytes: float
    how: str


def incremental(store: MySqlStore, holders: list[Holder], assumed: Assumptions) -> list[Held]:
    """Snapshots share blocks: whoever keeps longest holds the full one, and each only the days that nobody shorter covers."""
    change, covered = changed_in_a_day(store, assumed), 0.0
    ordered = sorted(holders, key=lambda each: each.keep)
    found = []
    for holder in ordered:
        days = holder.keep / _DAY - covered
        full = store.size / GB if holder is ordered[-1] else 0.0
        terms = [f"{full:g} GB, the full snapshot"] if full else []
        terms.append(f"{days:g} days that no shorter rule covers x {change:.3g} GB changed in a day")
        found.append(Held(holder.what, holder.rule, full + days * change, " + ".join(terms)))
        covered = holder.keep / _DAY
    return found


def holders(found: tuple[Runs, ...], what: str, keep: Callable[[Rule], timedelta]) -> list[Holder]:
    """Rules that never run hold nothing."""
    return [Holder(what, keep(each.rule), each.rule.name) for each in found if each.in_a_month]
