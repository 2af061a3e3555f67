"""One line of the bill, and what it is paid for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from strategy.cost.prices import NoPrice, Prices


class Purpose(StrEnum):
    """The promise that a line pays for."""

    POINT_IN_TIME = "back to any moment of the window"
    RECOVERY_POINTS = "recovery points in the primary region"
    COPIES = "the same recovery points in a second region"
    MINUTES_AWAY = "minutes of loss, not hours, when a region is lost"
    PROOF = "restore tests and audits"
    GUARD = "keys and secrets"
    WATCHING = "silence is noticed: alarms, metrics, heartbeats"
    STANDBY = "what stands ready in the recovery region"


@dataclass(frozen=True, slots=True)
class Line:
    purpose: Purpose
    region: str
    what: str
    quantity: float
    unit: str
    price: float | None
    """US dollars for a unit; None: the price is not known, and the line counts for nothing in any sum."""
    how: str
    """How the quantity comes about."""
    store: str | None = None
    rule: str | None = None

    @property
    def usd(self) -> float | None:
        return None if self.price is None else self.quantity * self.price


@dataclass(frozen=True, slots=True)
class Writer:
    """Makes the lines of one region and store, each with its price."""

    prices: Prices
    region: str
    store: str | None = None

    def line(self, purpose: Purpose, what: str, quantity: float, price: str, how: str, *, rule: str | None = None) -> Line:
        try:
            found = self.prices.of(price, self.region)
        except NoPrice:
            return Line(purpose, self.region, what, quantity, "", None, how, self.store, rule)
        return Line(purpose, self.region, what, quantity, found.unit, found.usd, how, self.store, rule)
