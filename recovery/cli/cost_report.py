"""What the `cost` command tells, as one value, and its JSON.

The JSON is a contract: keys are added, never renamed or removed while `format` stays the same. Money is US dollars a month.

    format       1
    environment, date
    total        at today's sizes; grown: at the sizes expected in 12 months
    lines        [{store, region, rule, purpose, what, quantity, unit, price (null: unknown), usd (null), how}]
    purposes     [{purpose, usd}]
    second_region  what would not be paid with one region
    promises     [{store, scenario, how, worst_seconds, usd, chosen}]
    estimate     {low, high, steps: [{usd, what, why}]}: the written strategy's own, and how it becomes the bill at its sizes
    prices       [{what, region, usd, unit, source, on, checked}]
    assumptions  [text]
    unpriced     [what]: lines whose price is not known, which count for nothing above
    what_if      {asked, total, changes: [{purpose, usd}], breaks: [finding]} or null
    actual       {month, usd, usage: [{usage, usd}]} or {not_checked} or null
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from recovery.aws import NotChecked
from recovery.billing import Billed
from strategy import Strategy
from strategy.checks.guards import Finding, Severity, check
from strategy.cost import Assumptions, Cost, Price, Prices, Purpose, monthly
from strategy.cost.monthly import grown
from strategy.cost.promises import Paid, paid, second_region
from strategy.cost.written_estimate import HIGH, LOW, Step, steps

FORMAT = 1


@dataclass(frozen=True, slots=True)
class WhatIf:
    asked: str
    cost: Cost
    breaks: tuple[Finding, ...]
    """Errors that the strategy does not have as it is."""


@dataclass(frozen=True, slots=True)
class CostReport:
    strategy: Strategy
    day: date
    prices: Prices
    cost: Cost
    grown: Cost
    promises: tuple[Paid, ...]
    steps: tuple[Step, ...]
    what_if: WhatIf | None = None
    actual: Billed | NotChecked | None = None

    @classmethod
    def of(
        cls,
        strategy: Strategy,
        prices: Prices,
        day: date,
        *,
        what_if: WhatIf | None = None,
        actual: Billed | NotChecked | None = None,
    ) -> Self:
        return cls(
            strategy,
            day,
            prices,
            monthly(strategy, prices, day),
            monthly(grown(strategy), prices, day),
            paid(strategy, prices, day),
            steps(strategy, prices, day),
            what_if,
            actual,
        )

    @property
    def second_region(self) -> float:
        return second_region(self.strategy, self.cost)

    @property
    def prices_used(self) -> tuple[Price, ...]:
        """Of both regions."""
        used = {self.strategy.regions.primary, self.strategy.regions.recovery}
        return tuple(each for each in self.prices.all if each.region in used)

    def changes(self, other: Cost) -> tuple[tuple[Purpose, float], ...]:
        """Where `other` differs, by a cent or more."""
        found = ((purpose, other.of(purpose) - self.cost.of(purpose)) for purpose in Purpose)
        return tuple((purpose, usd) for purpose, usd in found if abs(usd) >= 0.005)

    def as_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "environment": self.strategy.environment,
            "date": self.day.isoformat(),
            "total": _usd(self.cost.sum()),
            "grown": _usd(self.grown.sum()),
            "lines": [
                {
                    "store": each.store,
                    "region": each.region,
                    "rule": each.rule,
                    "purpose": each.purpose,
                    "what": each.what,
                    "quantity": round(each.quantity, 6),
                    "unit": each.unit,
                    "price": each.price,
                    "usd": None if each.usd is None else _usd(each.usd),
                    "how": each.how,
                }
                for each in self.cost.lines
            ],
            "purposes": [{"purpose": each, "usd": _usd(self.cost.of(each))} for each in Purpose],
            "second_region": _usd(self.second_region),
            "promises": [
                {
                    "store": each.store,
                    "scenario": each.scenario,
                    "how": each.how,
                    "worst_seconds": None if each.worst is None else int(each.worst.total_seconds()),
                    "usd": _usd(each.usd),
                    "chosen": each.chosen,
                }
                for each in self.promises
            ],
            "estimate": {
                "low": LOW,
                "high": HIGH,
                "steps": [{"usd": _usd(each.usd), "what": each.what, "why": each.why} for each in self.steps],
            },
            "prices": [
                {
                    "what": each.what,
                    "region": each.region,
                    "usd": each.usd,
                    "unit": each.unit,
                    "source": each.source,
                    "on": each.on.isoformat(),
                    "checked": each.checked,
                }
                for each in self.prices.all
            ],
            "assumptions": [text for _, text in Assumptions().told()],
            "unpriced": [f"{each.what} in {each.region}" for each in self.cost.unpriced],
            "what_if": self._what_if(),
            "actual": self._actual(),
        }

    def _what_if(self) -> dict[str, Any] | None:
        if self.what_if is None:
            return None
        other = self.what_if
        return {
            "asked": other.asked,
            "total": _usd(other.cost.sum()),
            "changes": [{"purpose": purpose, "usd": _usd(usd)} for purpose, usd in self.changes(other.cost)],
            "breaks": [str(each) for each in other.breaks],
        }

    def _actual(self) -> dict[str, Any] | None:
        match self.actual:
            case Billed(month, usage):
                return {
                    "month": month.isoformat(),
                    "usd": _usd(self.actual.usd),
                    "usage": [{"usage": name, "usd": _usd(usd)} for name, usd in usage],
                }
            case NotChecked(because):
                return {"not_checked": because}
        return None


def new_errors(strategy: Strategy, other: Strategy, day: date) -> tuple[Finding, ...]:
    """What `other` breaks and `strategy` does not."""
    before = {(each.guard, each.key) for each in check(strategy, day) if each.severity is Severity.ERROR}
    return tuple(each for each in check(other, day) if each.severity is Severity.ERROR and (each.guard, each.key) not in before)


def _usd(value: float) -> float:
    return round(value, 4)
