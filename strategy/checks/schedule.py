"""Which rule really runs, and when. The caller gives every date: nothing here reads a clock.

When start windows of two rules overlap, AWS Backup runs one job per resource, for the rule that keeps longest; the full start
window counts. Windows that only touch (02:00-03:00 and 03:00-04:00) do not overlap. Two rules that keep equally long are told
apart by their order in the file: AWS does not say which it picks, and nothing hangs on it but the name.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from strategy.model.cron import Cron, CronError, parse, runs
from strategy.model.windows import Span

if TYPE_CHECKING:  # the monitor's function asks for the effective schedule, and has no pydantic
    from strategy.model.backup_plan import Rule

__all__ = [
    "Cron",
    "CronError",
    "Gap",
    "Row",
    "Run",
    "distinct",
    "effective",
    "horizon",
    "moment_text",
    "parse",
    "runs",
    "table",
    "table_text",
    "widest_gap",
]

_LEAP_CYCLE = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Run:
    """One job that really runs."""

    at: datetime
    """When its rule is due; the job starts within the rule's start window."""
    rule: Rule
    instead_of: tuple[str, ...] = ()
    """Names of the rules whose run at this time gave way to this one."""

    @property
    def window(self) -> Span:
        return Span(self.at, self.at + self.rule.start_window)


@dataclass(frozen=True)
class Row:
    """A line of the table: runs that share their time of day, their rule and what they displace."""

    at: time
    days: tuple[str, ...]
    rule: str
    instead_of: tuple[str, ...]
    runs: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Gap:
    """A stretch without a new backup: the data of `start` is all there is until the job that starts at `end` is done."""

    start: datetime
    end: datetime
    """End of the next run's start window."""
    next: Run | None
    """None: nothing runs any more within the 12 months looked at."""


def horizon(today: date) -> Span:
    """The next 12 months, from midnight UTC."""
    start = datetime.combine(today, time(), UTC)
    return Span(start, start + timedelta(days=366))


@lru_cache(maxsize=64)
def effective(rules: tuple[Rule, ...], start: datetime, end: datetime) -> tuple[Run, ...]:
    """The jobs that run in [start, end), oldest first.

    Rules are settled from the longest retention down: a run is dropped when a run already settled, of another rule, has its
    start window open at the same time. A run that was dropped displaces nothing.
    """
    longest_first = sorted(rules, key=lambda rule: -rule.keep)
    widest = max(rule.start_window for rule in rules)
    # Rules reach over the ends: a window opened just before `start` still displaces, and what opened it may itself have been
    # displaced by one before, once for each rule.
    reach = widest * len(rules)
    settled: list[tuple[datetime, int]] = []
    displaced: dict[tuple[datetime, int], list[str]] = {}
    for rank, rule in enumerate(longest_first):
        mine: list[tuple[datetime, int]] = []
        for at in runs(rule.schedule, start - reach, end + reach):
            window = Span(at, at + rule.start_window)
            winner = _overlapping(settled, window, longest_first, widest)
            if winner is None:
                mine.append((at, rank))
            else:
                displaced.setdefault(winner, []).append(rule.name)
        settled = sorted([*settled, *mine])
    return tuple(Run(at, longest_first[rank], tuple(displaced.get((at, rank), ()))) for at, rank in settled if start <= at < end)


def distinct(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The fewest of `rules` that still start at every moment any of them does, for what must happen once at each moment.

    A rule is left out when another starts at all its moments; of two that start together always, the first in the file stays.
    Compared over four years, a whole cycle of leap days; a rule that names years is never left out.
    """
    moments = {rule.name: frozenset(runs(rule.schedule, *_LEAP_CYCLE)) for rule in rules}

    def spoken_for(index: int, rule: Rule) -> bool:
        own = moments[rule.name]
        others = ((at, moments[other.name]) for at, other in enumerate(rules) if other is not rule)
        return bool(own) and any(own < theirs or (own == theirs and at < index) for at, theirs in others)

    return tuple(rule for index, rule in enumerate(rules) if _names_years(rule) or not spoken_for(index, rule))


def _names_years(rule: Rule) -> bool:
    return not rule.schedule.removesuffix(")").endswith("*")


def _overlapping(
    settled: list[tuple[datetime, int]], window: Span, rules: Sequence[Rule], widest: timedelta
) -> tuple[datetime, int] | None:
    """The run of the longest retention whose start window is open within `window`."""
    index = bisect_left(settled, (window.start - widest, -1))
    found = []
    while index < len(settled) and settled[index][0] < window.end:
        at, rank = settled[index]
        if window.overlaps(Span(at, at + rules[rank].start_window)):
            found.append((rank, at))
        index += 1
    return (min(found)[1], min(found)[0]) if found else None


def widest_gap(done: Sequence[Run], within: Span) -> Gap:
    """The longest wait for the next backup to start, start windows included."""
    if not done:
        return Gap(within.start, within.end, None)
    gaps = [Gap(earlier.at, later.window.end, later) for earlier, later in pairwise(done)]
    gaps.append(Gap(within.start, done[0].window.end, done[0]))
    gaps.append(Gap(done[-1].at, within.end, None))
    return max(gaps, key=lambda gap: gap.end - gap.start)


def table(rules: tuple[Rule, ...], today: date) -> tuple[Row, ...]:
    """The effective schedule of the next 12 months, by time of day."""
    span = horizon(today)
    groups: dict[tuple[time, str, tuple[str, ...]], list[Run]] = {}
    for run in effective(rules, span.start, span.end):
        groups.setdefault((run.at.time(), run.rule.name, run.instead_of), []).append(run)
    return tuple(
        Row(
            at,
            tuple(_DAYS[day] for day in sorted({run.at.weekday() for run in group})),
            rule,
            instead_of,
            len(group),
            group[0].at,
            group[-1].at,
        )
        for (at, rule, instead_of), group in sorted(groups.items(), key=lambda item: item[0])
    )


def table_text(rows: Sequence[Row]) -> str:
    """The table in columns, for a terminal."""
    lines = [("UTC", "days", "rule that runs", "instead of", "runs", "first", "last"), *map(_cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    days = "every day" if len(row.days) == len(_DAYS) else " ".join(row.days)
    over = ", ".join(row.instead_of) or "-"
    return (f"{row.at:%H:%M}", days, row.rule, over, str(row.runs), f"{row.first:%Y-%m-%d}", f"{row.last:%Y-%m-%d}")


def moment_text(moment: datetime) -> str:
    return f"{moment:%a %Y-%m-%d %H:%M}"
