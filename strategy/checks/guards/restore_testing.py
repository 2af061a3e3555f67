"""Restore testing: AWS's limits, a point to test every time, and time to judge. Drills: often enough for what they prove."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from strategy.catalogue.restore_test_names import ANSWERED_WITHIN
from strategy.checks.guards.finding import Finding, error
from strategy.checks.schedule import effective, horizon, runs, widest_gap
from strategy.model.field_types import duration_text
from strategy.model.strategy import Strategy

_OFTEN = {"schedule": ("quarter", timedelta(days=92)), "integrity": ("month", timedelta(days=31))}
"""By key of `drills`: how far apart two runs may be."""
_LIMITS = {
    "start_window": (timedelta(hours=1), timedelta(hours=168)),
    "selection_window": (timedelta(days=1), timedelta(days=365)),
    "validation_window": (timedelta(), timedelta(hours=168)),
}


def restore_testing(strategy: Strategy, today: date) -> Iterator[Finding]:
    testing = strategy.restore_testing
    for key, (least, most) in _LIMITS.items():
        value: timedelta = getattr(testing, key)
        if not least <= value <= most or value % timedelta(hours=1):
            allowed = f"AWS allows whole hours from {duration_text(least)} to {duration_text(most)}"
            yield error("restore-testing", f"restore_testing.{key}", f"found {duration_text(value)}; {allowed}")
    if testing.validation_window <= ANSWERED_WITHIN:
        yield error(
            "restore-testing",
            "restore_testing.validation_window",
            f"found {duration_text(testing.validation_window)}; what a test restored may be verified for "
            f"{duration_text(ANSWERED_WITHIN)}: keep it longer",
        )
    span = horizon(today)
    if next(runs(testing.schedule, span.start, span.end), None) is None:
        message = f"{testing.schedule} has no run in the 12 months from {today}: no restore would ever be tested"
        yield error("restore-testing", "restore_testing.schedule", message)
    gap = widest_gap(effective(strategy.rules, span.start, span.end), span)
    oldest = gap.end - gap.start
    needed = oldest + testing.start_window
    if testing.selection_window < needed:
        yield error(
            "restore-testing",
            "restore_testing.selection_window",
            f"found {duration_text(testing.selection_window)}, but the newest recovery point can be {duration_text(oldest)} "
            f"old + {duration_text(testing.start_window)} start window of the test = {duration_text(needed)}; make it longer",
        )


def drills(strategy: Strategy, today: date) -> Iterator[Finding]:
    span = horizon(today)
    for key, (every, most) in _OFTEN.items():
        expression: str = getattr(strategy.drills, key)
        found = [span.start, *runs(expression, span.start, span.end), span.end]
        widest = max(later - earlier for earlier, later in pairwise(found))
        if widest > most:
            message = f"{expression} leaves {duration_text(widest)} without a run; each {every} must have one"
            yield error("drills", f"drills.{key}", message)
