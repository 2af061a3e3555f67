"""Datapoints by minute, and what a statistic makes of them by period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Key = tuple[str, str, frozenset[tuple[str, str]]]
"""Namespace, name and dimensions: another set of dimensions is another metric, as on AWS."""


def key(namespace: str, name: str, dimensions: Iterable[tuple[str, str]]) -> Key:
    return namespace, name, frozenset(dimensions)


@dataclass(slots=True)
class Minute:
    """All values of one minute."""

    count: float
    total: float
    least: float
    most: float

    def add(self, other: Minute) -> None:
        self.count += other.count
        self.total += other.total
        self.least, self.most = min(self.least, other.least), max(self.most, other.most)


_STATISTICS = {
    "SampleCount": lambda found: found.count,
    "Sum": lambda found: found.total,
    "Average": lambda found: found.total / found.count,
    "Minimum": lambda found: found.least,
    "Maximum": lambda found: found.most,
}


class Series:
    """The metrics of one region."""

    def __init__(self) -> None:
        self.minutes: dict[Key, dict[datetime, Minute]] = {}

    def add(self, metric: Key, moment: datetime, value: Minute) -> None:
        minute = moment.astimezone(UTC).replace(second=0, microsecond=0)
        known = self.minutes.setdefault(metric, {})
        if minute in known:
            known[minute].add(value)
        else:
            known[minute] = value

    def by_period(
        self, metric: Key, statistic: str, period: timedelta, start: datetime, end: datetime
    ) -> Mapping[datetime, float]:
        """By the start of each period that holds a datapoint in [start, end). ValueError for a percentile."""
        if statistic not in _STATISTICS:
            raise ValueError(f"the embedded CloudWatch does not compute the statistic {statistic!r}")
        sums: dict[datetime, Minute] = {}
        known = self.minutes.get(metric, {})
        for minute in sorted(each for each in known if start <= each < end):
            each = known[minute]
            sums.setdefault(floor(minute, period), Minute(0, 0, each.least, each.most)).add(each)
        return {at: _STATISTICS[statistic](found) for at, found in sums.items()}


def floor(moment: datetime, period: timedelta) -> datetime:
    """The start of the period that a moment lies in; periods count from the epoch."""
    seconds = int(moment.timestamp())
    return datetime.fromtimestamp(seconds - seconds % int(period.total_seconds()), UTC)
