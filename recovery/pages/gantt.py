"""Coordinates of a Gantt; the macro `gantt` of `parts.html.j2` draws it.

Own coordinates, and no library of charts: those that make SVG without JavaScript bring colours that a dark page and a printer
cannot change, and words that a screen reader cannot find. Across, all is in percent of the width, so that words keep their size
on a telephone; down, in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from strategy.formatting import duration_text

ROW = 40
_LEAST = 0.5
"""Width of a bar, however short its step is."""
_TICKS = tuple(timedelta(minutes=each) for each in (1, 5, 15, 30, 60, 120, 240, 360, 720, 1440, 4 * 1440))
_MOST_TICKS = 6
_LETTER = 7.5
"""Width of a letter of a label, on average and rather more."""
_AT_THE_EDGE = 90


class Kind(StrEnum):
    """How a bar is drawn."""

    MAIN = "main"
    BESIDE = "beside"
    """What runs beside the critical path, or may take longer."""
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Span:
    """A step: from when to when it takes, at most to `latest`."""

    label: str
    start: timedelta
    end: timedelta
    text: str
    kind: Kind = Kind.MAIN
    latest: timedelta | None = None
    stressed: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    text: str
    x: float
    width: float
    perhaps: float
    """How much wider it may become."""
    kind: Kind
    stressed: bool
    y: int


@dataclass(frozen=True, slots=True)
class Tick:
    label: str
    x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Gantt:
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    limit: float | None
    """Where the line of what is promised, or of what is reached, stands."""
    words: str
    """The picture, for those who do not see it."""

    @property
    def height(self) -> int:
        return ROW * len(self.bars)

    @property
    def least_width(self) -> int:
        """In pixels, so that no row's words are cut off; a narrower screen scrolls the picture."""
        return round(_LETTER * max((len(f"{each.label}  {each.text}") for each in self.bars), default=0))


def gantt(spans: Sequence[Span], words: str, *, limit: timedelta | None = None, scale: timedelta = timedelta()) -> Gantt:
    """From zero to the last end, to `limit` or to `scale`, whichever is last."""
    ends = [each.latest or each.end for each in spans]
    whole = max(scale, limit or timedelta(), *ends, timedelta(seconds=1))
    tick = next((each for each in _TICKS if whole / each <= _MOST_TICKS), _TICKS[-1])
    return Gantt(
        bars=tuple(_bar(each, place, whole) for place, each in enumerate(spans)),
        ticks=tuple(_tick(tick * number, whole) for number in range(int(whole / tick) + 1)),
        limit=_share(limit, whole) if limit is not None else None,
        words=words,
    )


def _bar(each: Span, place: int, whole: timedelta) -> Bar:
    width = max(_share(each.end - each.start, whole), _LEAST)
    x = min(_share(each.start, whole), 100 - width)
    perhaps = max(_share((each.latest or each.end) - each.start, whole) - width, 0)
    return Bar(each.label, each.text, round(x, 2), round(width, 2), round(perhaps, 2), each.kind, each.stressed, place * ROW)


def _tick(at: timedelta, whole: timedelta) -> Tick:
    x = _share(at, whole)
    return Tick(duration_text(at) if at else "0", x, "start" if not at else "end" if x > _AT_THE_EDGE else "middle")


def _share(value: timedelta, whole: timedelta) -> float:
    return round(100 * (value / whole), 2)
