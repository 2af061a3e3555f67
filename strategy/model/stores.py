"""Data stores: what they are, where they stand, what is promised for them, and what the recovery region gets besides copies."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from strategy.model.field_types import (
    Bytes,
    Count,
    DailyWindowText,
    Duration,
    Flag,
    Name,
    Part,
    Retention,
    Text,
    WeeklyWindowText,
)

_MONTHS_AHEAD = 12
MOST_TEXT = 2_800
"""Characters of a store's invariants: what a function's environment (4 KB) holds beside the rest."""


class StoreKind(StrEnum):
    MYSQL = "mysql"
    DYNAMODB = "dynamodb"


class Scenario(StrEnum):
    """What went wrong, and so which data is left to recover from."""

    POINT_IN_TIME = "point_in_time"
    """Rows or items are wrong; the region stands: back to a point in time."""
    RECOVERY_POINT = "recovery_point"
    """The store is gone; the region stands: its newest recovery point."""
    REGION_LOSS = "region_loss"
    """The region is gone: what the recovery region holds."""


class Objective(Part):
    """A promise for one scenario."""

    rpo: Duration
    """At most this much data, in time, is lost."""
    rto: Duration
    """The application works again within this time."""


class Objectives(Part):
    """The promises of one store."""

    point_in_time: Objective
    recovery_point: Objective
    region_loss: Objective

    def of(self, scenario: Scenario) -> Objective:
        return {
            Scenario.POINT_IN_TIME: self.point_in_time,
            Scenario.RECOVERY_POINT: self.recovery_point,
            Scenario.REGION_LOSS: self.region_loss,
        }[scenario]


class Changes(Part):
    """Which columns say when a row was made and when it was last changed: what a point-in-time restore is verified by."""

    created: Text
    changed: Text


_QUERY = re.compile(r"\s*(?:SELECT|WITH)\b[^;]*", re.IGNORECASE)
_CHANGES = re.compile(
    r"\b(?:INTO\s+(?:OUTFILE|DUMPFILE|@)|FOR\s+(?:UPDATE|SHARE)|LOCK\s+IN|SLEEP\s*\(|BENCHMARK\s*\()", re.IGNORECASE
)


class Invariant(Part):
    """What must be true of the data whatever it is, as a query that lists the keys of what offends it."""

    name: Name
    meaning: Text
    """In a sentence, for whoever reads that it does not hold."""
    offending: Text
    """One SELECT of technical keys; at most 5 of them are shown, in the verification's report only."""

    @model_validator(mode="after")
    def _only_reads(self) -> Self:
        found = " ".join(self.offending.split())
        if not _QUERY.fullmatch(self.offending):
            raise ValueError(f"invariant {self.name!r}: offending is {found!r}; allowed: one SELECT, without a semicolon")
        if changing := _CHANGES.search(self.offending):
            raise ValueError(
                f"invariant {self.name!r}: offending holds {changing[0]!r}; a query that locks, writes or waits is refused"
            )
        return self


class _Store(Part):
    name: Name
    """Short name in this strategy; the physical name is `{prefix}-{name}` unless `arn` says otherwise."""
    source: Literal["managed", "existing"]
    """`managed`: this app creates it. `existing`: it belongs to someone else's code, and `arn` names it."""
    identifier: Annotated[str, Field(pattern=r"^[a-zA-Z][a-zA-Z0-9_.-]{2,62}$")] | None = None
    """Name in AWS of a managed store that is no longer its first one but a restored one, adopted. Else `{prefix}-{name}`."""
    arn: Text | None = None
    """ARN of an existing store, in either region; absent for a managed one."""
    point_in_time: Retention
    """Native point-in-time recovery window."""
    size: Bytes
    """Data today."""
    growth_per_month: Bytes
    objectives: Objectives

    _arn: ClassVar[str]

    @property
    def expected_size(self) -> int:
        """Data in 12 months: promises are checked for the year ahead, so the sizes are too."""
        return self.size + _MONTHS_AHEAD * self.growth_per_month

    def arn_in(self, region: str) -> str | None:
        """ARN of an existing store in that region: a store is restored under its own name."""
        if self.arn is None:
            return None
        parts = self.arn.split(":")
        return ":".join([*parts[:3], region, *parts[4:]])

    @model_validator(mode="after")
    def _known_by_arn(self) -> Self:
        if (self.source == "existing") != (self.arn is not None):
            raise ValueError("source 'existing' needs an arn, and source 'managed' takes none")
        if self.identifier is not None and self.arn is not None:
            raise ValueError("identifier is for a managed store; an existing one has its name in its arn")
        if self.arn is not None and not re.fullmatch(self._arn, self.arn):
            raise ValueError(f"arn is {self.arn!r}; allowed: {self._arn}")
        return self


class MySqlStore(_Store):
    """An RDS MySQL instance and the databases on it."""

    kind: Literal[StoreKind.MYSQL]
    databases: Annotated[tuple[Text, ...], Field(min_length=1)]
    engine_version: Text
    instance_class: Text
    multi_az: Flag
    allocated_storage_gb: Annotated[Count, Field(ge=20)]
    backup_window: DailyWindowText
    """RDS's own daily backup window, `hh:mm-hh:mm` UTC, clear of every rule."""
    maintenance_window: WeeklyWindowText
    """RDS's weekly maintenance window, `ddd:hh:mm-ddd:hh:mm` UTC; it and the hour before it clear of every rule."""
    replicated_backups: Flag
    """Automated backups replicated to the recovery region: minutes of loss instead of hours."""
    replicated_backups_keep: Retention
    """Point-in-time window in the recovery region, where backups are replicated."""
    read_replica: Flag
    """A running read replica in the recovery region."""
    subnet_group: Text | None = None
    """Name of an existing store's DB subnet group, in both regions; absent: whichever it has. A managed one has the app's own."""
    parameter_group: Text | None = None
    """As above, of its DB parameter group."""
    option_group: Text | None = None
    """As above, of its option group."""

    changes: dict[Annotated[str, Field(pattern=r"^\w+\.\w+$")], Changes]
    """By `database.table`; a table that is not named can be verified at a manifest's own moment only."""

    invariants: tuple[Invariant, ...]
    """Asked of what was restored, after its content was compared."""

    @model_validator(mode="after")
    def _invariants_fit(self) -> Self:
        """A function's environment holds 4 KB; all stores' invariants go into one."""
        names = [each.name for each in self.invariants]
        if len(set(names)) < len(names):
            raise ValueError(f"invariants: a name is used twice among {', '.join(names)}; each needs its own")
        length = sum(len(each.name) + len(each.meaning) + len(each.offending) for each in self.invariants)
        if length > MOST_TEXT:
            raise ValueError(f"invariants: found {length} characters; allowed: {MOST_TEXT}, in all")
        return self

    @model_validator(mode="after")
    def _groups_are_its_owners(self) -> Self:
        named = [each for each in ("subnet_group", "parameter_group", "option_group") if getattr(self, each) is not None]
        if self.source == "managed" and named:
            raise ValueError(f"{', '.join(named)}: for an existing store; a managed one gets the groups that this app makes")
        return self

    _arn: ClassVar[str] = r"arn:aws:rds:[a-z0-9-]+:\d{12}:db:[a-zA-Z][a-zA-Z0-9-]*"


class DynamoDbStore(_Store):
    """A DynamoDB table."""

    kind: Literal[StoreKind.DYNAMODB]
    replica: Flag
    """A replica of the table in the recovery region (global table)."""
    must_live: Retention
    """How long an item must be readable, by law: no TTL and no archive rule may be shorter."""
    time_to_live: Retention
    """The life its writers give an item (the TTL attribute)."""
    archive_keep: Retention | None = None
    """How long an archive of it keeps items; absent when there is no archive."""

    written_at: Text | None = None
    """Attribute with the moment an item was written, as text that sorts by time (ISO 8601, UTC); items never change after."""

    _arn: ClassVar[str] = r"arn:aws:dynamodb:[a-z0-9-]+:\d{12}:table/[a-zA-Z0-9_.-]{3,255}"


Store = Annotated[MySqlStore | DynamoDbStore, Field(discriminator="kind")]
