"""Which documented route was really tried in a quarter, and how the last attempt ended. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from recovery.evidence.records import Record, State
from recovery.report.quarter import Quarter
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.region_steps import WORKFLOW
from strategy.catalogue.routes import Route

_TRIED_IN = frozenset({names.RESTORES, names.RECOVERIES, names.DRILLS})


@dataclass(frozen=True, slots=True)
class Way:
    """`last` is the quarter's last attempt, `proof` its last that passed."""

    route: str
    store: str
    region: str
    last: Record | None
    proof: Record | None

    @property
    def state(self) -> str:
        if self.last is None:
            return "unproved"
        return "proved" if self.last.state is State.PASSED else "failed" if self.last.state is State.FAILED else "unproved"


def ways(strategy: Strategy, records: Iterable[Record], quarter: Quarter) -> list[Way]:
    """Every route of every store where it lives; and what the recovery region has to bring them back."""
    tried = [each for each in records if each.folder in _TRIED_IN and each.at in quarter]
    regions = strategy.regions
    expected = [
        (str(route), store.name, regions.primary) for store in strategy.stores for route in Route if route.kind == store.kind
    ]
    found = [_way(route, store, region, tried) for route, store, region in expected]
    # The same routes in the recovery region are shown where somebody tried them, and not demanded.
    there = {(each.text("route"), each.text("store")) for each in tried if each.text("region") == regions.recovery}
    found += [_way(route, store, regions.recovery, tried) for route, store in sorted(there) if route and store]
    return [*found, _way(WORKFLOW, "all stores", regions.recovery, tried)]


def _way(route: str, store: str, region: str, tried: list[Record]) -> Way:
    mine = [
        each
        for each in tried
        if each.text("region") == region
        and (each.folder == names.RECOVERIES if route == WORKFLOW else (each.text("route"), each.text("store")) == (route, store))
    ]
    last = max(mine, key=lambda each: each.at, default=None)
    proof = max((each for each in mine if each.state is State.PASSED), key=lambda each: each.at, default=None)
    return Way(route, store, region, last, proof)
