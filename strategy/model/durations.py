"""How long things take on AWS: modelled, never measured here, and each with its source.

They decide worst cases (how old the newest usable data may be, how long a recovery takes), so none has a default. A drill's
measurement replaces an assumption by a change of the environment's file.
"""

from __future__ import annotations

import math
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from strategy.model.field_types import Bytes, Duration, Part, Text

_HUNDRED_GB = 100 * 10**9


class Modelled(Part):
    """One duration."""

    takes: Duration
    source: Text
    """Where the number comes from: the written strategy, AWS's documentation, an assumption, a dated drill."""


class Rate(Part):
    """A job whose duration grows with the data."""

    fixed: Duration
    """What it takes however small the store is."""
    per_100gb: Duration
    source: Text

    def of(self, size: int) -> timedelta:
        """Duration for `size` bytes, rounded up to the minute."""
        minutes = (self.fixed + self.per_100gb * (size / _HUNDRED_GB)) / timedelta(minutes=1)
        return timedelta(minutes=math.ceil(round(minutes, 6)))


class Band(Part):
    """A duration for stores up to a size."""

    up_to: Bytes
    takes: Duration
    source: Text


class StoreDurations(Part):
    """What every kind of store has."""

    backup_job: Rate
    copy_job: Rate
    """Copy to the other region, after the backup."""
    restore: Annotated[tuple[Band, ...], Field(min_length=1)]
    """Bands by size, ascending: the strategy estimates restores that way."""
    point_in_time_lag: Modelled
    """How far point-in-time recovery is behind now."""

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if any(later.up_to <= earlier.up_to for earlier, later in pairwise(self.restore)):
            raise ValueError("restore: the bands' up_to must ascend")
        return self

    def restore_of(self, size: int) -> Band | None:
        """The band `size` falls in; None when no band reaches that far."""
        return next((band for band in self.restore if size <= band.up_to), None)


class MySqlDurations(StoreDurations):
    """RDS MySQL."""

    replicated_backup_lag: Modelled
    """How far automated backups replicated to the recovery region are behind now."""
    read_replica_lag: Modelled
    promotion: Modelled
    """Making the read replica the writer."""


class DynamoDbDurations(StoreDurations):
    """DynamoDB."""

    replica_lag: Modelled
    """How far the replica of a global table is behind now."""


class WorkflowDurations(Part):
    """The steps that the region workflow does in place of people, or beside them."""

    approval: Modelled
    """A second person's answer; the first is the end of the assessment."""
    step: Modelled
    """Our own time in a step: a function's start and calls."""
    poll: Modelled
    """Our own time beside a job of AWS: it may have ended just after the last look."""
    services: Modelled
    """Making the services where network and cache run already (pilot light)."""
    scaling: Modelled
    """Growing services that run already (warm)."""
    wiring: Modelled
    """Passwords and endpoints: the services restart with them."""
    replica_check: Modelled
    """Schema and freshness of a promoted replica, whose content never went through a backup."""
    smoke_test: Modelled
    switch: Modelled
    """From the switch to the last client's traffic."""
    watch: Modelled


class Durations(Part):
    """The steps of a recovery, then the two kinds of stores."""

    assessment: Modelled
    """From the incident to the decision, people included."""
    infrastructure: Modelled
    """Network, cache and services in the recovery region, beside the restores."""
    verification: Modelled
    """Content of the restored data against its manifest."""
    configuration: Modelled
    """Endpoints, secrets and health in the recovery region, by hand."""
    testing: Modelled
    """Smoke tests and critical functions in the recovery region, by hand."""
    cutover: Modelled
    """Applications move to a store that was restored in their own region."""
    workflow: WorkflowDurations
    mysql: MySqlDurations
    dynamodb: DynamoDbDurations

    def of(self, kind: str) -> StoreDurations:
        return {"mysql": self.mysql, "dynamodb": self.dynamodb}[kind]
