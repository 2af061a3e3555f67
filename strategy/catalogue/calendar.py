"""The calendar: what is looked at each week, month, quarter and year, when, and where its record lies.

Safe to import in a Lambda function. Times are UTC. What people must do themselves says so: `signed`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from strategy.catalogue import names

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Duty:
    name: str
    title: str
    often: str
    """As people say it."""
    every: timedelta
    """The longest time from one to the next."""
    grace: timedelta
    """How much later it is overdue: a run may be tried again, a person may be away."""
    folders: tuple[str, ...]
    """Folders of the evidence bucket: a record in any of them is this duty done."""
    schedule: str | None
    """AWS cron at which `recovery.handlers.calendar` does it; None where it is done by a schedule of its own."""
    signed: bool = False
    """Prepared by the function, and done when a person signs it: `python -m recovery calendar sign`."""

    @property
    def limit(self) -> timedelta:
        """Longer ago than that, it is overdue."""
        return self.every + self.grace


def _own(name: str) -> tuple[str, ...]:
    return (f"{names.DUTIES}/{name}",)


JOB_REVIEW = "job-review"
STORAGE_AND_COST = "storage-and-cost"
STRATEGY_REVIEW = "strategy-review"

DUTIES = (
    Duty(JOB_REVIEW, "Review of the jobs", "weekly", 7 * _DAY, _DAY, _own(JOB_REVIEW), "cron(0 7 ? * MON *)"),
    Duty(
        STORAGE_AND_COST,
        "Review of storage and cost",
        "monthly",
        31 * _DAY,
        3 * _DAY,
        _own(STORAGE_AND_COST),
        "cron(15 7 1 * ? *)",
    ),
    Duty("integrity", "Verification of integrity", "monthly", 31 * _DAY, 3 * _DAY, (names.INTEGRITY,), None),
    Duty("restore-test", "Restore tests", "quarterly", 92 * _DAY, 7 * _DAY, (names.RESTORE_TESTS, names.DRILLS), None),
    Duty(
        STRATEGY_REVIEW,
        "Review of the strategy",
        "annually",
        366 * _DAY,
        30 * _DAY,
        _own(STRATEGY_REVIEW),
        "cron(30 7 2 1 ? *)",
        signed=True,
    ),
)
RECORDED_IN = frozenset(folder.partition("/")[0] for each in DUTIES for folder in each.folders)
"""The folders of the evidence bucket in which some duty leaves its records."""
FUNCTION = "duty"
"""Purpose of the function that does them."""
CALENDAR = "calendar"
"""What the function is asked each day: which duties are overdue. It leaves a metric, and no record."""
CALENDAR_SCHEDULE = "cron(45 7 * * ? *)"
OVERDUE_METRIC = "DutiesOverdue"


def duty(name: str) -> Duty:
    """KeyError names the known ones."""
    for each in DUTIES:
        if each.name == name:
            return each
    raise KeyError(f"no duty {name!r}; there are {', '.join(each.name for each in DUTIES)}")
