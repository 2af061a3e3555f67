"""Holdings against a strategy's promises: what is broken, worst first, with what fixes it; and what is kept. Asks nobody."""

from __future__ import annotations

from dataclasses import dataclass

from recovery.assess import account, stores
from recovery.assess.findings import Judged
from recovery.assess.holdings import Holdings
from strategy import Strategy


@dataclass(frozen=True, slots=True)
class Assessment:
    holdings: Holdings
    strategy: Strategy
    judged: tuple[Judged, ...]

    @property
    def gaps(self) -> tuple[Judged, ...]:
        """Worst first."""
        return tuple(sorted((each for each in self.judged if each.harm), key=lambda each: each.harm or 0))

    @property
    def kept(self) -> tuple[Judged, ...]:
        return tuple(each for each in self.judged if each.checked and each.harm is None)

    @property
    def not_checked(self) -> tuple[Judged, ...]:
        return tuple(each for each in self.judged if not each.checked)


def judge(holdings: Holdings, strategy: Strategy) -> Assessment:
    return Assessment(holdings, strategy, (*stores.judged(holdings, strategy), *account.judged(holdings, strategy)))
