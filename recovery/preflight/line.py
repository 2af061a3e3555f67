"""One answer of the pre-flight: what was looked at, what was seen beside what is promised, and the command that fixes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from strategy.contracts.preflight import PreflightRequest

Client: TypeAlias = Callable[[str], Any]
"""A client of this region by the service's name."""


class State(StrEnum):
    GREEN = "green"
    RED = "red"
    NOT_CHECKED = "not checked"
    """Refused, or not answered: never taken for green."""


@dataclass(frozen=True, slots=True)
class Line:
    """`mend` is empty for a green line only."""

    check: str
    what: str
    state: State
    seen: str
    promised: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """Makes the lines of one check about one thing."""

    check: str
    what: str
    promised: str
    mend: str

    def says(self, problem: str | None, seen: str = "") -> Line:
        """Red with the problem; green with what was seen where there is none."""
        if problem is not None:
            return Line(self.check, self.what, State.RED, problem, self.promised, self.mend)
        return Line(self.check, self.what, State.GREEN, seen or "as promised", self.promised)

    def refused(self, because: str) -> Line:
        return Line(
            self.check, self.what, State.NOT_CHECKED, because, self.promised, f"allow it, and repeat; if red: {self.mend}"
        )


Check: TypeAlias = Callable[[PreflightRequest, Client, datetime], list[Line]]
