"""AWS Backup's own lists of jobs of one region: which ran, how they ended, and how long they took.

AWS forgets jobs after some weeks: the weekly review keeps their sums, and AWS's daily reports in the evidence bucket all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from strategy.formatting import whole_seconds

KINDS = ("backup", "copy", "restore")
_WELL = frozenset({"COMPLETED"})
_BADLY = frozenset({"ABORTED", "EXPIRED", "FAILED", "PARTIAL"})


@dataclass(frozen=True, slots=True)
class Job:
    """`state` is AWS's own word, `kind` one of KINDS. Copies are listed where they come from."""

    kind: str
    region: str
    resource: str
    state: str
    message: str
    created: datetime
    ended: datetime | None

    @property
    def well(self) -> bool:
        """A job that completed with a message did not do all that it was asked."""
        return self.state in _WELL and not self.message

    @property
    def remarked(self) -> bool:
        """Completed, and with a message."""
        return self.state in _WELL and bool(self.message)

    @property
    def badly(self) -> bool:
        return self.state in _BADLY or self.remarked

    @property
    def took(self) -> timedelta | None:
        return self.ended - self.created if self.ended else None


@dataclass(frozen=True, slots=True)
class Sums:
    """Of the jobs of one kind in one region."""

    kind: str
    region: str
    well: int
    badly: int
    running: int
    typical: timedelta | None
    longest: timedelta | None

    @property
    def success(self) -> float | None:
        """Of those that ended; None where none did, which is no success."""
        ended = self.well + self.badly
        return self.well / ended if ended else None

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "region": self.region,
            "well": self.well,
            "badly": self.badly,
            "running": self.running,
            "success": round(self.success, 4) if self.success is not None else None,
            "typical_seconds": whole_seconds(self.typical),
            "longest_seconds": whole_seconds(self.longest),
        }


def jobs(backup: Any, region: str, since: datetime, until: datetime) -> list[Job]:
    """Created in that time, oldest first. Raises what boto3 raises."""
    found = [
        _job(kind, region, each)
        for kind in KINDS
        for page in backup.get_paginator(f"list_{kind}_jobs").paginate(ByCreatedAfter=since, ByCreatedBefore=until)
        for each in page[f"{kind.title()}Jobs"]
    ]
    return sorted(found, key=lambda each: each.created)


def sums(found: Iterable[Job]) -> Iterator[Sums]:
    """By kind and region; what has no job has no line."""
    every = list(found)
    for (kind, region), _ in sorted(Counter((each.kind, each.region) for each in every).items()):
        mine = [each for each in every if (each.kind, each.region) == (kind, region)]
        took = [each.took for each in mine if each.well and each.took is not None]
        well, badly = sum(each.well for each in mine), sum(each.badly for each in mine)
        middle = timedelta(seconds=median(each.total_seconds() for each in took)) if took else None
        yield Sums(kind, region, well, badly, len(mine) - well - badly, middle, max(took, default=None))


def _job(kind: str, region: str, each: dict[str, Any]) -> Job:
    ended = each.get("CompletionDate")
    return Job(
        kind=kind,
        region=region,
        resource=str(each.get("ResourceArn") or each.get("CreatedResourceArn") or each.get("RecoveryPointArn") or "unknown"),
        state=str(each.get("State") or each.get("Status")),
        message=_message(each),
        created=each["CreationDate"].astimezone(UTC),
        ended=ended.astimezone(UTC) if ended else None,
    )


def _message(each: dict[str, Any]) -> str:
    """AWS's message, and its category where it is none of the good ones."""
    category = each.get("MessageCategory")
    return "" if category == "SUCCESS" else str(each.get("StatusMessage") or (category or ""))
