"""When was each duty last done, and is it overdue? Records and a moment in, standings out. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recovery.evidence.records import Record
from recovery.metric import document
from strategy.catalogue.calendar import DUTIES, OVERDUE_METRIC, Duty

SIGNED = "signed"
"""Kind of the record by which a person ends a duty that only people can do."""


@dataclass(frozen=True, slots=True)
class Standing:
    """`last` is the record of the last time; None: never, which is overdue from the start."""

    duty: Duty
    last: Record | None
    now: datetime

    @property
    def due(self) -> datetime | None:
        """When the next one is due, its grace included."""
        return self.last.at + self.duty.limit if self.last else None

    @property
    def overdue(self) -> bool:
        return self.due is None or self.now > self.due

    @property
    def state(self) -> str:
        if self.last is None:
            return "never done"
        return "overdue" if self.overdue else "done"

    def as_json(self) -> dict[str, Any]:
        return {
            "duty": self.duty.name,
            "title": self.duty.title,
            "often": self.duty.often,
            "state": self.state,
            "overdue": self.overdue,
            "last": self.last.at.isoformat() if self.last else None,
            "outcome": str(self.last.state) if self.last else None,
            "record": self.last.key if self.last else None,
            "due": self.due.isoformat() if self.due else None,
        }


def standings(records: Iterable[Record], now: datetime) -> list[Standing]:
    """Of every duty, in the calendar's order; records of later than `now` are not looked at."""
    every = [each for each in records if each.at <= now]
    return [
        Standing(duty, max((each for each in every if does(duty, each)), key=lambda each: each.at, default=None), now)
        for duty in DUTIES
    ]


def does(duty: Duty, record: Record) -> bool:
    """Whether that record is that duty done. What was prepared for a person is not done before the person signs it."""
    inside = any(record.key.startswith(f"{folder}/") for folder in duty.folders)
    return inside and (not duty.signed or record.text("kind") == SIGNED)


def metric(namespace: str, region: str, found: Iterable[Standing]) -> Mapping[str, Any]:
    """In CloudWatch's embedded format: `DutiesOverdue` by region. A day without it is a day on which nobody looked."""
    every = list(found)
    return document(namespace, {"Region": region}, {OVERDUE_METRIC: sum(each.overdue for each in every)}, every[0].now)
