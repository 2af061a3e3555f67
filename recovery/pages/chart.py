"""Coordinates of a line chart, and of a row of small bars; the macros `chart` and `trend` of `parts.html.j2` draw them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WIDTH, HEIGHT = 480, 190
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 14, 24
_STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_TICKS = 4
_GAP = 3
"""Periods without a datapoint, after which a line is broken: silence is not drawn over."""
_PITCH, _BASE, _ALLOWED = 14, 28, 20
"""Of the small bars: from one to the next, where they stand, and the height of what is allowed."""

Points = Sequence[tuple[datetime, float]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line: its strokes as `x,y x,y`, and the places of points that stand alone."""

    label: str
    strokes: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """What is promised: a line at `value`, and whether what is above it is shaded."""

    label: str
    value: float
    above: bool


@dataclass(frozen=True, slots=True)
class Chart:
    lines: tuple[Drawn, ...]
    ticks: tuple[tuple[str, float], ...]
    """Of the numbers: label, y."""
    days: tuple[tuple[str, float], ...]
    limit: tuple[Limit, float] | None
    words: str
    """The picture, for those who do not see it."""


def chart(
    lines: Sequence[tuple[str, Points]], words: str, *, start: datetime, end: datetime, period: timedelta, limit: Limit | None
) -> Chart:
    values = [value for _, points in lines for _, value in points]
    top = _top([*values, *([limit.value] if limit else [])])
    high, wide = HEIGHT - TOP - BOTTOM, WIDTH - LEFT - RIGHT

    def x(moment: datetime) -> float:
        return round(LEFT + wide * min(max((moment - start) / (end - start), 0), 1), 1)

    def y(value: float) -> float:
        return round(TOP + high * (1 - value / top), 1)

    def drawn(label: str, points: Points) -> Drawn:
        pieces = _pieces(points, period * _GAP)
        strokes = tuple(" ".join(f"{x(at)},{y(value)}" for at, value in piece) for piece in pieces if len(piece) > 1)
        return Drawn(label, strokes, tuple((x(piece[0][0]), y(piece[0][1])) for piece in pieces if len(piece) == 1))

    return Chart(
        tuple(drawn(*each) for each in lines),
        tuple((f"{top * part / _TICKS:g}", y(top * part / _TICKS)) for part in range(_TICKS + 1)),
        tuple(_days(start, end, x)),
        (limit, y(limit.value)) if limit else None,
        words,
    )


def trend(values: Sequence[float | None], allowed: float) -> list[tuple[float, float, float]]:
    """Of each bar: x, y, height, in a picture of 28 high; a bar above the line at 8 is above what is allowed."""
    bars: list[tuple[float, float, float]] = []
    for place, value in enumerate(values):
        share = min(value / allowed, 1.4) if value is not None and allowed else 0
        height = round(max(share * _ALLOWED, 1.0 if value is not None else 0.0), 1)
        bars.append((place * _PITCH + 2, round(_BASE - height, 1), height))
    return bars


def _top(values: list[float]) -> float:
    """A round number above all values, and a little room above a promise."""
    most = max(values, default=0.0) * 1.08 or 1.0
    size = 10.0 ** math.floor(math.log10(most / _TICKS))
    return _TICKS * next(step * size for step in _STEPS if step * size * _TICKS >= most)


def _pieces(points: Points, gap: timedelta) -> list[list[tuple[datetime, float]]]:
    pieces: list[list[tuple[datetime, float]]] = []
    for each in points:
        if pieces and each[0] - pieces[-1][-1][0] <= gap:
            pieces[-1].append(each)
        else:
            pieces.append([each])
    return pieces


def _days(start: datetime, end: datetime, x: Callable[[datetime], float]) -> list[tuple[str, float]]:
    day = (start + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    every = max(1, math.ceil((end - start) / timedelta(days=8)))
    found = []
    while day <= end:
        found.append((f"{day.day} {day:%b}", x(day)))
        day += timedelta(days=every)
    return found
