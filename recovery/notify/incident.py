"""What people are told of: one incident, as it begins or as it clears."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from strategy.catalogue.severity import Severity


@dataclass(frozen=True, slots=True)
class Incident:
    """`name` is the alarm's, or the job's; `resource` the ARN of what it is about; times are UTC."""

    name: str
    resource: str
    region: str
    environment: str
    severity: Severity
    what: str
    since: datetime
    seen: str
    promised: str
    command: str
    why: str
    """AWS's own words."""
    cleared: datetime | None = None
    """None while it lasts."""
    clears: bool = True
    """Whether a second message will come: a job that failed stays failed."""
    job: str = ""
    """Which kind of job it is about, where its own event told it."""

    @property
    def lasted(self) -> timedelta | None:
        return self.cleared - self.since if self.cleared is not None else None

    @property
    def id(self) -> str:
        """The same when it begins and when it clears: chats keep both in one thread."""
        return f"{self.name}-{self.since:%Y%m%dT%H%M%SZ}"
