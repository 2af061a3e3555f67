"""Schedules: every rule has its runs, no run is in the way of the next, none meets a window of RDS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from strategy.checks.guards.finding import Finding, error
from strategy.checks.schedule import effective, horizon, moment_text, runs
from strategy.model.field_types import duration_text, size_text
from strategy.model.stores import MySqlStore
from strategy.model.strategy import Strategy
from strategy.model.windows import DailyWindow, Span, WeeklyWindow

_SHORTEST_START_WINDOW = timedelta(minutes=60)
_BEFORE_MAINTENANCE = timedelta(hours=1)
"""RDS starts no backup in the hour before its maintenance window."""
_MOST_RULES = 10


def rules_run(strategy: Strategy, today: date) -> Iterator[Finding]:
    """A rule that never runs in the next 12 months is a promise nobody keeps."""
    span = horizon(today)
    done = effective(strategy.rules, span.start, span.end)
    for rule in strategy.rules:
        if any(run.rule.name == rule.name for run in done):
            continue
        key = f"rules[{rule.name}].schedule"
        if next(runs(rule.schedule, span.start, span.end), None) is None:
            yield error("rules-run", key, f"{rule.schedule} has no run in the 12 months from {today}; remove the rule or fix it")
            continue
        winners = sorted({run.rule.name for run in done if rule.name in run.instead_of})
        yield error(
            "rules-run",
            key,
            f"never runs in the 12 months from {today}: whenever its start window opens, that of {' or '.join(winners)} is open "
            "too, and AWS runs one job, for the rule that keeps longest; move it or remove it",
        )
    if len(strategy.rules) > _MOST_RULES:
        yield error("rules-run", "rules", f"found {len(strategy.rules)} rules; AWS allows {_MOST_RULES} in a plan")


def windows_fit(strategy: Strategy, _today: date) -> Iterator[Finding]:
    """AWS's shortest start window, and a completion window in which the job can end."""
    for rule in strategy.rules:
        if rule.start_window < _SHORTEST_START_WINDOW:
            found = f"found {duration_text(rule.start_window)}; AWS allows 60m and more"
            yield error("windows-fit", f"rules[{rule.name}].start_window", found)
        for store in strategy.stores:
            backup = strategy.durations.of(store.kind).backup_job.of(store.expected_size)
            needed = rule.start_window + backup
            if needed > rule.completion_window:
                sums = f"{_job(rule.start_window, backup)} = {duration_text(needed)}"
                message = f"found {duration_text(rule.completion_window)}, but {store.name} may need {sums}; make it longer"
                yield error("windows-fit", f"rules[{rule.name}].completion_window", message)


def one_job_at_a_time(strategy: Strategy, today: date) -> Iterator[Finding]:
    """AWS runs one backup or copy job per resource: a run must be able to start once its predecessor is done."""
    span = horizon(today)
    pairs = list(pairwise(effective(strategy.rules, span.start, span.end)))
    for store in strategy.stores:
        durations = strategy.durations.of(store.kind)
        backup, copy = durations.backup_job.of(store.expected_size), durations.copy_job.of(store.expected_size)
        told: set[tuple[str, str]] = set()
        for earlier, later in pairs:
            free = earlier.window.end + backup + copy
            names = (earlier.rule.name, later.rule.name)
            if free < later.window.end or names in told:
                continue
            told.add(names)
            sums = f"{_job(earlier.rule.start_window, backup)} + {duration_text(copy)} copy of {size_text(store.expected_size)}"
            yield error(
                "one-job-at-a-time",
                f"rules[{later.rule.name}]",
                f"its run of {moment_text(later.at)} can expire on {store.name}: {earlier.rule.name} at {earlier.at:%H:%M} + "
                f"{sums} ends at {free:%H:%M}, and its own start window closes at {later.window.end:%H:%M}; move one of the "
                "two, or make this start window longer",
            )


def database_windows(strategy: Strategy, today: date) -> Iterator[Finding]:
    """RDS starts no backup in its own backup window, in its maintenance window or in the hour before that."""
    span = horizon(today)
    for store in strategy.stores:
        if not isinstance(store, MySqlStore):
            continue
        daily, weekly = DailyWindow.parse(store.backup_window), WeeklyWindow.parse(store.maintenance_window)
        week = weekly.spans(span.start, span.start + timedelta(days=7))
        if any(True for maintenance in week for _ in daily.spans(maintenance.start, maintenance.end)):
            message = (
                f"found {store.backup_window!r}, which meets maintenance_window {store.maintenance_window!r}; RDS refuses that"
            )
            yield error("database-windows", f"stores[{store.name}].backup_window", message)
        yield from _clashes(strategy, store, span, key="backup_window", window=daily, before=timedelta())
        yield from _clashes(strategy, store, span, key="maintenance_window", window=weekly, before=_BEFORE_MAINTENANCE)


def _clashes(
    strategy: Strategy, store: MySqlStore, span: Span, *, key: str, window: DailyWindow | WeeklyWindow, before: timedelta
) -> Iterator[Finding]:
    """The first run of each rule whose job can be busy while the window, or the time before it, is open."""
    backup = strategy.durations.mysql.backup_job.of(store.expected_size)
    text = repr(getattr(store, key)) + (f" with the {duration_text(before)} before it" if before else "")
    told: set[str] = set()
    for run in effective(strategy.rules, span.start, span.end):
        # The job may start anywhere in its start window, and is then busy for as long as the backup takes.
        end = run.window.end + backup
        if run.rule.name in told or not any(window.spans(run.at, end + before)):
            continue
        told.add(run.rule.name)
        until = f"{end:%H:%M} ({_job(run.rule.start_window, backup)})"
        yield error(
            "database-windows",
            f"stores[{store.name}].{key}",
            f"found {text}: it meets {run.rule.name} on {moment_text(run.at)}, which can be busy until {until}, and RDS starts "
            "no backup then; move the window",
        )


def _job(start_window: timedelta, backup: timedelta) -> str:
    return f"{duration_text(start_window)} start window + {duration_text(backup)} backup"
