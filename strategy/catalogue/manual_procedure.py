"""The written strategy's procedure by hand after the loss of a region: what the workflow replaces, and is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

_SOURCE = "strategy 5.1, scenario 3, step {}"


@dataclass(frozen=True)
class HandStep:
    """People do one after another."""

    name: str
    least: timedelta
    most: timedelta
    source: str


def _step(number: int, name: str, least: int, most: int) -> HandStep:
    """Minutes."""
    return HandStep(name, timedelta(minutes=least), timedelta(minutes=most), _SOURCE.format(number))


BY_HAND = (
    _step(1, "assessment", 15, 15),
    _step(2, "infrastructure", 120, 180),
    _step(3, "data", 240, 360),
    _step(4, "configuration", 30, 30),
    _step(5, "testing", 60, 60),
    _step(6, "cutover", 15, 15),
)


def total() -> tuple[timedelta, timedelta]:
    """Least and most: the strategy plans 8 to 11 hours."""
    return sum((each.least for each in BY_HAND), timedelta()), sum((each.most for each in BY_HAND), timedelta())
