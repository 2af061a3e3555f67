"""The calendar's duties: each is asked of one function, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from strategy.catalogue.calendar import CALENDAR, FUNCTION, JOB_REVIEW, STORAGE_AND_COST, STRATEGY_REVIEW
from strategy.contracts.contract import Contract


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRequest(Contract):
    """The daily look at the calendar itself, and what every duty is told besides its own."""

    FUNCTION: ClassVar[str] = FUNCTION

    format: int
    duty: str
    environment: str
    prefix: str
    region: str
    evidence: str
    """The region's bucket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReviewRequest(CalendarRequest):
    backs_up: bool
    """The plan runs here: a week without backups is a failure and not peace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageReviewRequest(CalendarRequest):
    vaults: tuple[str, ...]
    computed_usd: float
    """A month."""
    prices_of: str
    """The newest day of the prices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyReviewRequest(CalendarRequest):
    """Sentences for a person to look at."""

    promises: tuple[str, ...]
    exclusions: tuple[str, ...]
    accepted_breaches: tuple[str, ...]


REQUESTS: Mapping[str, type[CalendarRequest]] = {
    CALENDAR: CalendarRequest,
    JOB_REVIEW: JobReviewRequest,
    STORAGE_AND_COST: StorageReviewRequest,
    STRATEGY_REVIEW: StrategyReviewRequest,
}
"""By duty."""


def calendar_request(event: Mapping[str, Any]) -> CalendarRequest:
    """Of the duty that it names; a duty that nobody can do here is refused by the general one's keys, or by whoever looks."""
    return REQUESTS.get(str(event.get("duty")), CalendarRequest).from_json(event)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarAnswer(Contract):
    FUNCTION: ClassVar[str] = FUNCTION

    duty: str
    outcome: str
    record: str
    """Its key in the evidence bucket; empty for the look at the calendar itself."""
    overdue: tuple[str, ...]
    """Names of duties."""
