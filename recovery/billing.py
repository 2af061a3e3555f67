"""What AWS billed for backups, from Cost Explorer. Safe to import in a Lambda function."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

HOME = "us-east-1"
"""Where AWS answers about prices and bills."""
_MONTHLY = "UnblendedCost"
_OF_BACKUPS = re.compile(r"ChargedBackupUsage|TimedBackupStorage|TimedPITRStorage|Backup|CrossRegion|EarlyDelete", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Billed:
    """Of a whole calendar month: what usage types of backups cost, US dollars, largest first."""

    month: date
    usage: tuple[tuple[str, float], ...]

    @property
    def usd(self) -> float:
        return sum(usd for _, usd in self.usage)


def billed(explorer: Any, day: date) -> Billed:
    """The last whole month before `day`. Raises what boto3 raises."""
    end = day.replace(day=1)
    start = (end - timedelta(days=1)).replace(day=1)
    answer = explorer.get_cost_and_usage(
        TimePeriod={"Start": start.isoformat(), "End": end.isoformat()},
        Granularity="MONTHLY",
        Metrics=[_MONTHLY],
        GroupBy=[{"Type": "DIMENSION", "Key": "USAGE_TYPE"}],
        Filter={
            "Dimensions": {
                "Key": "SERVICE",
                "Values": ["AWS Backup", "Amazon DynamoDB", "Amazon Relational Database Service"],
            }
        },
    )
    groups = [
        (str(group["Keys"][0]), float(group["Metrics"][_MONTHLY]["Amount"]))
        for each in answer["ResultsByTime"]
        for group in each["Groups"]
    ]
    mine = [(usage, usd) for usage, usd in groups if _OF_BACKUPS.search(usage)]
    return Billed(start, tuple(sorted(mine, key=lambda each: -each[1])))
