"""A digest as a value: numbers beside their promises, jobs, proofs, what people have to do, alarms; and what was not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recovery.calendar.due_dates import Standing
from recovery.drills.proof import Proof
from recovery.findings.finding import Finding
from recovery.jobs import Job, Sums

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Number:
    """Of the monitor; `value` None: it measured none of late, which is never taken for kept."""

    part: str
    what: str
    value: float | None
    limit: float
    unit: str

    @property
    def state(self) -> str:
        if self.value is None:
            return "not measured"
        return "kept" if self.value <= self.limit else "BROKEN"


@dataclass(frozen=True, slots=True)
class Ringing:
    """An alarm that is in ALARM."""

    name: str
    since: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Digest:
    """Of one region at one moment. None stands for what was not read; `missing` says why."""

    environment: str
    prefix: str
    region: str
    role: str
    now: datetime
    numbers: tuple[Number, ...]
    sums: tuple[Sums, ...] | None
    last: tuple[Job, ...] | None
    """The newest job of each kind."""
    badly: tuple[Job, ...] | None
    proofs: tuple[Proof, ...] | None
    findings: tuple[Finding, ...] | None
    """The open ones."""
    overdue: tuple[Standing, ...] | None
    alarms: tuple[Ringing, ...] | None
    silent: tuple[str, ...] | None
    """Names of alarms that are without data."""
    missing: tuple[str, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """What somebody has to look at, one sentence each, worst first."""
        found = [f"alarm {each.name} since {each.since:%Y-%m-%d %H:%M}: {each.what}" for each in self.alarms or ()]
        found += [f"{each.what}: over its limit" for each in self.numbers if each.state == "BROKEN"]
        found += [f"{each.kind} of {_short(each.resource)}: {each.state}: {each.message or '-'}" for each in self.badly or ()]
        found += [f"{each.what}: {each.because}" for each in self.proofs or () if not each.proved]
        found += [f"finding {each.id} is open: {each.what}" for each in self.findings or ()]
        found += [f"{each.duty.title}: {each.state}" for each in self.overdue or ()]
        return tuple(found)

    @property
    def unknown(self) -> tuple[str, ...]:
        """What was not read, and what nothing measured."""
        return (*self.missing, *(f"{each.what}: not measured" for each in self.numbers if each.value is None))

    @property
    def state(self) -> str:
        if self.problems:
            return "look"
        return "not known" if self.unknown else "well"

    @property
    def headline(self) -> str:
        match self.state:
            case "look":
                return f"LOOK TODAY: {len(self.problems)} to look at"
            case "well":
                return "ALL IS WELL"
        return f"NOT ALL IS KNOWN: {len(self.unknown)} not read or not measured"

    def as_json(self) -> dict[str, Any]:
        """A contract: keys are added, never renamed or removed while `format` stays the same."""
        return {
            "format": FORMAT,
            "environment": self.environment,
            "prefix": self.prefix,
            "region": self.region,
            "role": self.role,
            "now": self.now.isoformat(timespec="seconds"),
            "state": self.state,
            "problems": list(self.problems),
            "unknown": list(self.unknown),
            "numbers": [
                {"part": each.part, "what": each.what, "value": each.value, "limit": each.limit, "unit": each.unit}
                | {"state": each.state.lower()}
                for each in self.numbers
            ],
            "jobs": None if self.sums is None else [each.as_json() for each in self.sums],
            "last_jobs": None if self.last is None else [_job(each) for each in self.last],
            "proofs": None if self.proofs is None else [each.as_json() for each in self.proofs],
            "findings": None if self.findings is None else [each.as_json(self.now.date()) for each in self.findings],
            "overdue": None if self.overdue is None else [each.as_json() for each in self.overdue],
            "alarms": None
            if self.alarms is None
            else [{"name": each.name, "since": each.since.isoformat(), "what": each.what} for each in self.alarms],
            "alarms_without_data": None if self.silent is None else list(self.silent),
        }


def _job(job: Job) -> Mapping[str, Any]:
    return {
        "kind": job.kind,
        "resource": job.resource,
        "state": job.state,
        "message": job.message,
        "created": job.created.isoformat(timespec="seconds"),
    }


def _short(arn: str) -> str:
    return arn.rsplit(":", 1)[-1].rsplit("/", 1)[-1]
