"""A quarter of a year, as a report names it: `2026Q4`. UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime


class NoQuarter(ValueError):
    """What was given is no quarter; the message says what is allowed."""


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Quarter:
        found = re.fullmatch(r"(\d{4})Q([1-4])", text.strip().upper())
        if found is None or int(found[1]) == 0:
            raise NoQuarter(f"found {text!r}; allowed: a quarter such as 2026Q4")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, moment: datetime) -> Quarter:
        there = moment.astimezone(UTC)
        return cls(there.year, (there.month - 1) // 3 + 1)

    @property
    def start(self) -> datetime:
        return datetime(self.year, self.number * 3 - 2, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return self.next.start

    @property
    def next(self) -> Quarter:
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def before(self) -> Quarter:
        return Quarter(self.year - (self.number == 1), (self.number - 2) % 4 + 1)

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"
