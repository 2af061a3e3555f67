"""Each promise beside what was measured of it in a quarter, and the trend over the quarters before. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from recovery.report.measurements import Measurement
from recovery.report.quarter import Quarter
from strategy import Strategy
from strategy.checks.objectives import Verdict, assess

QUARTERS = 6
"""How far back the trend looks, this quarter included."""


class Standing(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    UNPROVED = "unproved"
    """Nothing of this quarter measures it, whatever the model says."""


@dataclass(frozen=True, slots=True)
class Promise:
    """`worst` is the quarter's worst measurement; `verdict` what the strategy's own arithmetic says."""

    verdict: Verdict
    worst: Measurement | None
    times: int
    trend: tuple[tuple[Quarter, timedelta | None], ...]
    """The worst of each quarter, oldest first; None where nothing was measured."""

    @property
    def allowed(self) -> timedelta:
        """What was promised; or, where the strategy accepts a breach, as far as that."""
        accepted = self.verdict.accepted
        return max(self.verdict.promised, accepted.up_to) if accepted else self.verdict.promised

    @property
    def standing(self) -> Standing:
        if self.worst is None:
            return Standing.UNPROVED
        return Standing.KEPT if self.worst.value <= self.allowed else Standing.BROKEN


def promises(strategy: Strategy, today: date, measured: Iterable[Measurement], quarter: Quarter) -> list[Promise]:
    every, quarters = list(measured), [quarter]
    while len(quarters) < QUARTERS:
        quarters.insert(0, quarters[0].before)
    found = []
    for verdict in assess(strategy, today):
        key = (verdict.store, verdict.scenario, verdict.objective)
        mine = [each for each in every if (each.store, each.scenario, each.objective) == key]
        now = [each for each in mine if each.record.at in quarter]
        trend = tuple((each, max((one.value for one in mine if one.record.at in each), default=None)) for each in quarters)
        found.append(Promise(verdict, max(now, key=lambda each: each.value, default=None), len(now), trend))
    return found
