"""How long a job of the embedded AWS Backup takes in virtual time. Modelled numbers, the only ones: AWS promises none.

They order events plausibly (a copy ends after its backup, a larger database takes longer). They are not measurements of AWS.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Work = Literal["backup", "copy", "restore"]

START_DELAY = timedelta(seconds=10)
"""Between a job's creation and its first attempt to run."""
RETRY = timedelta(minutes=10)
"""A job whose resource is busy tries again this often, until its start window closes."""
POLL = timedelta(minutes=1)
"""How often a job asks the other service whether its part is done, once the modelled time is over."""

_GIGABYTE = 10**9


@dataclass(frozen=True)
class _Duration:
    base: timedelta
    per_gigabyte: timedelta

    def of(self, size: int) -> timedelta:
        return self.base + self.per_gigabyte * (size / _GIGABYTE)


_MODEL: dict[tuple[str, Work], _Duration] = {
    ("RDS", "backup"): _Duration(timedelta(minutes=5), timedelta(seconds=6)),
    ("RDS", "copy"): _Duration(timedelta(minutes=10), timedelta(seconds=20)),
    ("RDS", "restore"): _Duration(timedelta(minutes=20), timedelta(seconds=15)),
    ("DynamoDB", "backup"): _Duration(timedelta(minutes=3), timedelta(seconds=10)),
    ("DynamoDB", "copy"): _Duration(timedelta(minutes=5), timedelta(seconds=20)),
    ("DynamoDB", "restore"): _Duration(timedelta(minutes=20), timedelta(seconds=60)),
}


def modelled(resource_type: str, work: Work, size: int) -> timedelta:
    return _MODEL[resource_type, work].of(size)
