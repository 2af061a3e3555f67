"""The state of one alarm at one moment: its metric or its expression, by period, M of N, and what missing data means to it.

As AWS documents it: of the periods looked at, somewhat more than N, the newest N that have data decide; where fewer have, the
rest counts as `TreatMissingData` says. The period that is still open counts once it has data, and is never missing.
How many more AWS looks at it does not say; here two, which makes silence be noticed late rather than early.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aws_rehearsal.metrics import expressions
from aws_rehearsal.metrics.expressions import Points
from aws_rehearsal.metrics.store import Key, Series, floor, key

MORE_PERIODS = 2
OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
_COMPARED: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True, slots=True)
class Judgement:
    state: str
    reason: str
    missing_all: bool
    """Nothing of what was looked at had data: until some comes, this stays the answer."""
    recent: tuple[float, ...] = ()
    """The datapoints that decided, oldest first."""


def period(alarm: Any) -> timedelta:
    if not alarm.metric_data_queries:
        return timedelta(seconds=int(alarm.period))
    seconds = [
        int(each.metric_stat.period if each.metric_stat else each.period or 0)
        for each in alarm.metric_data_queries
        if each.metric_stat or each.period
    ]
    return timedelta(seconds=max(seconds))


def metrics(alarm: Any) -> list[Key]:
    """All that a metric alarm reads."""
    if not alarm.metric_data_queries:
        return [key(alarm.namespace, alarm.metric_name, ((each.name, each.value) for each in alarm.dimensions))]
    return [_stat_key(each.metric_stat) for each in alarm.metric_data_queries if each.metric_stat]


def judge(alarm: Any, series: Series, now: datetime) -> Judgement:
    wide, count = period(alarm), int(alarm.evaluation_periods)
    open_ = floor(now, wide)
    periods = [open_ - wide * back for back in range(count + MORE_PERIODS, -1, -1)]
    points = _points(alarm, series, periods, wide, now)
    looked_at = periods if open_ in points else periods[:-1]
    looked_at = looked_at[-(count + MORE_PERIODS) :]
    there = [at for at in looked_at if at in points][-count:]
    compare, threshold = _COMPARED[alarm.comparison_operator], float(alarm.threshold)
    breaching = [at for at in there if compare(points[at], threshold)]
    missing = count - len(there)
    wanted = int(alarm.datapoints_to_alarm or count)
    treat = alarm.treat_missing_data or "missing"
    values = ", ".join(f"{points[at]:g} ({at:%d/%m/%y %H:%M:%S})" for at in reversed(there)) or "no datapoints"
    said = f"{len(breaching)} of {count} datapoints [{values}] were {alarm.comparison_operator} {threshold:g}"
    if missing:
        said += f"; {missing} missing, treated as {treat}"
    if treat == "ignore" and not there:
        return Judgement(alarm.state_value, said, missing_all=True)
    if treat == "missing" and not there:
        return Judgement(INSUFFICIENT, said, missing_all=True)
    bad = len(breaching) + (missing if treat == "breaching" else 0)
    recent = tuple(points[at] for at in there)
    return Judgement(ALARM if bad >= wanted else OK, f"Threshold Crossed: {said}" if bad >= wanted else said, not there, recent)


def _points(alarm: Any, series: Series, periods: list[datetime], wide: timedelta, now: datetime) -> Points:
    start, end = periods[0], max(now, periods[-1]) + timedelta(minutes=1)
    if not alarm.metric_data_queries:
        (metric,) = metrics(alarm)
        return series.by_period(metric, alarm.statistic, wide, start, end)
    found: dict[str, Points] = {}
    returned = None
    pending = list(alarm.metric_data_queries)
    for each in pending:
        if each.metric_stat:
            found[each.id] = series.by_period(_stat_key(each.metric_stat), each.metric_stat.stat, wide, start, end)
    for each in pending:
        if each.expression:
            found[each.id] = expressions.evaluate(each.expression, found, periods)
    for each in pending:
        if str(each.return_data).lower() != "false":
            returned = each.id
    if returned is None:
        raise ValueError(f"alarm {alarm.name}: none of its queries returns data")
    return found[returned]


def _stat_key(stat: Any) -> Key:
    return key(stat.metric.namespace, stat.metric.metric_name, ((each.name, each.value) for each in stat.metric.dimensions))
