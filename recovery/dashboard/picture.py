"""Coordinates of a chart: lines, ticks and the promise, to scale, in SVG user units; the template draws them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from recovery.dashboard.metric_data import Series, Shown

WIDTH, HEIGHT = 480, 190
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 14, 24
_STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_TICKS = 4
_GAP = 3
"""Periods without a datapoint, after which a line is broken: silence is not drawn over."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line: its strokes as `x,y x,y`, and the places of points that stand alone."""

    label: str
    strokes: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    lines: tuple[Drawn, ...]
    ticks: tuple[tuple[str, float], ...]
    """Of the numbers: label, y."""
    days: tuple[tuple[str, float], ...]
    promise: tuple[str, float] | None
    words: str
    """The picture, for those who do not see it."""


def chart(shown: Shown, start: datetime, end: datetime) -> Chart:
    values = [value for each in shown.series for _, value in each.points]
    promise = shown.promise
    top = _top([*values, *([promise.value] if promise else [])])
    high, wide = HEIGHT - TOP - BOTTOM, WIDTH - LEFT - RIGHT
    seconds = (end - start).total_seconds()

    def x(moment: datetime) -> float:
        return round(LEFT + wide * min(max((moment - start).total_seconds() / seconds, 0), 1), 1)

    def y(value: float) -> float:
        return round(TOP + high * (1 - value / top), 1)

    period = timedelta(seconds=int(shown.properties["period"]))
    lines = []
    for each in shown.series:
        pieces = _pieces(each, period * _GAP)
        strokes = tuple(" ".join(f"{x(at)},{y(value)}" for at, value in piece) for piece in pieces if len(piece) > 1)
        dots = tuple((x(piece[0][0]), y(piece[0][1])) for piece in pieces if len(piece) == 1)
        lines.append(Drawn(each.label, strokes, dots))
    ticks = tuple((f"{top * part / _TICKS:g}", y(top * part / _TICKS)) for part in range(_TICKS + 1))
    return Chart(
        tuple(lines),
        ticks,
        tuple(_days(start, end, x)),
        (promise.label, y(promise.value)) if promise else None,
        _words(shown),
    )


def _top(values: list[float]) -> float:
    """A round number above all values, and a little room above a promise."""
    most = max(values, default=0.0) * 1.08 or 1.0
    size = 10.0 ** math.floor(math.log10(most / _TICKS))
    return _TICKS * next(step * size for step in _STEPS if step * size * _TICKS >= most)


def _pieces(series: Series, gap: timedelta) -> list[list[tuple[datetime, float]]]:
    pieces: list[list[tuple[datetime, float]]] = []
    for each in series.points:
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


def number(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


def _words(shown: Shown) -> str:
    said = []
    for each in shown.series:
        if each.points:
            values = [value for _, value in each.points]
            said.append(f"{each.label}: newest {number(values[-1])}, least {number(min(values))}, most {number(max(values))}")
        else:
            said.append(f"{each.label}: not measured")
    promised = [shown.promise.label] if shown.promise else []
    return f"{shown.title}. {'; '.join([*said, *promised])}"
