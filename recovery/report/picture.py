"""Coordinates of the report's pictures; the template draws them. To scale, in SVG user units.

Own coordinates, and no library of charts: those that make SVG without JavaScript bring colours that a dark page and a printer
cannot change, and words that a screen reader cannot find.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from recovery.evidence.records import Record
from recovery.report.promise_results import Promise
from recovery.report.report import steps
from strategy.catalogue.region_steps import RegionStep
from strategy.model.field_types import duration_text

LABELS, TRACK, ROW = 260, 600, 30
_BESIDE = frozenset({RegionStep.STORES, RegionStep.WORKLOAD, RegionStep.BUCKETS})
"""Steps that begin together."""
_TICKS = (300, 900, 1800, 3600, 2 * 3600, 4 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    x: float
    width: float
    text: str
    y: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """A recovery from the incident to its record, beside the RTO that is promised (`promise`: where its line stands)."""

    record: Record
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[str, float], ...]
    promise: float
    promised: str
    took: str

    @property
    def height(self) -> int:
        return ROW * len(self.bars)

    @property
    def words(self) -> str:
        """The picture, for those who do not see it."""
        each = ", ".join(f"{bar.label} {bar.text} after the incident" for bar in self.bars)
        return f"{each}; {self.promised} are promised"


def timeline(record: Record, promised: timedelta) -> Timeline | None:
    """None for a record that does not say its steps."""
    found = steps(record)
    if not found:
        return None
    took = record.body.get("since_incident_seconds")
    last = max(found[-1][1], took if isinstance(took, int) else 0)
    scale = max(last, promised.total_seconds(), 1)
    unit = TRACK / scale
    bars, before = [], 0
    for row, (step, end) in enumerate(found):
        start = _together(found) if step in _BESIDE else before
        bars.append(
            Bar(
                step,
                round(LABELS + start * unit, 1),
                round(max((end - start) * unit, 2), 1),
                span(timedelta(seconds=end)),
                row * ROW,
            )
        )
        before = end
    tick = next((each for each in _TICKS if scale / each <= 8), _TICKS[-1])
    ticks = [
        (span(timedelta(seconds=at * tick)), round(LABELS + at * tick * unit, 1)) for at in range(math.floor(scale / tick) + 1)
    ]
    return Timeline(
        record,
        tuple(bars),
        tuple(ticks),
        round(LABELS + promised.total_seconds() * unit, 1),
        span(promised),
        span(timedelta(seconds=last)),
    )


def _together(found: list[tuple[str, int]]) -> int:
    """When the steps that run beside one another began: at the end of the last one before them all."""
    first = next(place for place, (each, _) in enumerate(found) if each in _BESIDE)
    return found[first - 1][1] if first else 0


def trend(promise: Promise) -> list[tuple[float, float, float]]:
    """Of each quarter's bar: x, y, height, in a picture of 6 x 14 by 28; a bar above the line at 8 is above the promise."""
    bars: list[tuple[float, float, float]] = []
    for place, (_, value) in enumerate(promise.trend):
        share = min(value / promise.allowed, 1.4) if value is not None and promise.allowed else 0
        height = round(max(share * 20, 1.0 if value is not None else 0.0), 1)
        bars.append((place * 14 + 2, round(28 - height, 1), height))
    return bars


def span(value: timedelta | None) -> str:
    """Whole seconds, as one says it."""
    return duration_text(timedelta(seconds=round(value.total_seconds()))) if value is not None else "unknown"
