"""The shape of an alarm: what it reads, when it goes off, how soon, and what it says. Safe to import in a Lambda function."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from strategy.catalogue.alarm_text import Said
from strategy.catalogue.metrics import Metric

ABOVE: Literal["GreaterThanThreshold"] = "GreaterThanThreshold"
BELOW: Literal["LessThanThreshold"] = "LessThanThreshold"
Missing = Literal["breaching", "ignore", "notBreaching"]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Of one region. Several metrics are added up, absent ones as 0: AWS Backup publishes only what is not 0."""

    name: str
    """In CloudWatch."""
    cause: str
    """What of the table it is about, the same in every region and environment: `late`, `drift`, …"""
    metrics: tuple[Metric, ...]
    statistic: Literal["Maximum", "Sum"]
    comparison: Literal["GreaterThanThreshold", "LessThanThreshold"]
    threshold: float
    period: timedelta
    periods: int
    """Of so many, all must be past the threshold."""
    missing: Missing
    """What silence means. The monitor's own silence has an alarm of its own: for its numbers it changes nothing."""
    notices: timedelta
    """Promised: from the cause, past its grace, to ALARM."""
    said: Said

    @property
    def expression(self) -> str | None:
        """Metric math over `m1`, `m2`, …; None where there is one metric. Each is filled, so that none silences the others."""
        if len(self.metrics) == 1:
            return None
        filled = ", ".join(f"FILL(m{number}, 0)" for number in range(1, len(self.metrics) + 1))
        return f"SUM([{filled}])"
