"""Drills: planned, exercised, marked, torn down and recorded by one function each; and what is unproved, counted each day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from strategy.contracts.contract import Contract, Document
from strategy.contracts.dates import Dates


# ---------------------------------------------------------------------- what is drilled in a region
@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings(Contract):
    """Of a MySQL store, as `recovery.restore.settings` reads them."""

    source: str
    point_in_time_days: int
    instance_class: str
    multi_az: bool
    backup_window: str
    maintenance_window: str
    replicated_backups: bool
    read_replica: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSettings(Contract):
    source: str
    point_in_time_days: int
    replica: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrilledStore(Contract):
    name: str
    kind: str
    physical: str
    routes: tuple[str, ...]
    services: tuple[str, ...]
    expected_seconds: Mapping[str, int]
    """By step."""
    verification: Dates
    settings: DatabaseSettings | TableSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled(Contract):
    """The routes of each store of a region, and what a plan says of them that is the strategy's."""

    format: int
    environment: str
    prefix: str
    account: str
    region: str
    role: str
    tags: Mapping[str, str]
    evidence: str
    stores: tuple[DrilledStore, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofsRequest(Contract):
    """What must be proved in a region, and how often."""

    FUNCTION: ClassVar[str] = "proofs"

    environment: str
    prefix: str
    region: str
    evidence: str
    drills: str
    """AWS cron, as is `integrity`."""
    integrity: str
    routes: tuple[tuple[str, str], ...]
    """Route and store."""
    stores: tuple[str, ...]
    """Whose data is checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofsAnswer(Contract):
    """The metrics by their names, and what is unproved and why."""

    FUNCTION: ClassVar[str] = "proofs"

    RoutesUnproved: int
    IntegrityOverdue: int
    unproved: tuple[str, ...]


# ---------------------------------------------------------------------- one drill
@dataclass(frozen=True, slots=True, kw_only=True)
class DrillAsked(Contract):
    """What an execution of the drill's workflow is started with; by a schedule where `by` is missing."""

    route: str
    store: str
    purpose: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanAsked(Contract):
    """Instead: the ARN of a drill that was ended from outside, to tear down what it left."""

    clean: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillPlanRequest(Contract):
    FUNCTION: ClassVar[str] = "drill-plan"

    wanted: Drilled
    asked: Document
    """`DrillAsked` or `CleanAsked`; what is neither is answered in words, since a person may have typed it."""
    execution: str
    """ARN of the drill's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillPlanAnswer(Contract):
    FUNCTION: ClassVar[str] = "drill-plan"

    plan: Document
    """Empty where there is nothing to clean."""
    clean: bool


class ExerciseAction(StrEnum):
    EXERCISE = "exercise"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseRequest(Contract):
    FUNCTION: ClassVar[str] = "drill-exercise"

    plan: Document
    action: ExerciseAction


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseAnswer(Contract):
    """All but the first two once the restore has ended."""

    FUNCTION: ClassVar[str] = "drill-exercise"

    done: bool
    waiting_for: str
    status: str | None = None
    outcome: str | None = None
    problem: str | None = None
    exists: str | None = None
    verification: Document | None = None
    record_key: str | None = None
    started: str | None = None
    finished: str | None = None
    steps: tuple[Document, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseEnded(ExerciseAnswer):
    verified_at: str | None
    """When the data could have been used; null where it could not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAnswer(Contract):
    FUNCTION: ClassVar[str] = "drill-exercise"

    stopped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRequest(Contract):
    FUNCTION: ClassVar[str] = "drill-mark"

    plan: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class TearDownRequest(Contract):
    FUNCTION: ClassVar[str] = "drill-tear-down"

    plan: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class TearDownAnswer(Contract):
    """Of marking, too. `there`: whether AWS still shows the store."""

    FUNCTION: ClassVar[str] = "drill-tear-down"

    done: bool
    waiting_for: str
    there: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRecordRequest(Contract):
    """What the workflow knows at its end; documents are empty where it did not come so far."""

    FUNCTION: ClassVar[str] = "drill-record"

    environment: str
    region: str
    evidence: str
    execution: str
    asked: Document
    plan: Document
    restore: Document
    torn: Document
    trouble: str
    started: str
