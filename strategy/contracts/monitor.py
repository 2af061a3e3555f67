"""The monitor of a region: everything that it looks at each quarter of an hour, and its first beat.

Where something is of the other region, its ARN has a `*` in that region's place. Seconds, bytes and days are whole numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from strategy.catalogue import names
from strategy.contracts.contract import Contract


@dataclass(frozen=True, slots=True, kw_only=True)
class Exempt(Contract):
    """ARNs of the roles that a vault's policy leaves a way open for."""

    break_glass: str
    deployment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock(Contract):
    """Of both vaults; without either number there is none."""

    min_days: int | None = None
    max_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoredRule(Contract):
    name: str
    schedule: str
    keep_days: int
    window_seconds: int
    copy_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoredStore(Contract):
    name: str
    kind: str
    physical: str
    arn: str
    backup_seconds: int
    copy_seconds: int
    point_in_time_days: int
    ages: tuple[str, ...]
    """Kinds of ways to bring it back (`strategy.catalogue.metrics`)."""
    replica: str = ""
    """Of a running copy in the recovery region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoredProofs(Contract):
    """As in `ProofsRequest`."""

    drills: str
    integrity: str
    routes: tuple[tuple[str, str], ...]
    stores: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorRequest(Contract):
    FUNCTION: ClassVar[str] = names.MONITOR

    format: int
    environment: str
    prefix: str
    account: str
    region: str
    primary: bool
    evidence: str
    vault: str
    """Of the region's role."""
    vaults: tuple[str, ...]
    expected_bytes: int
    exempt: Exempt
    lock: Lock
    opted_in: tuple[str, ...]
    keys: tuple[str, ...]
    plan: str
    late_seconds: int
    rules: tuple[MonitoredRule, ...]
    stores: tuple[MonitoredStore, ...]
    proofs: MonitoredProofs
    rto_seconds: Mapping[str, int]
    """By `route store`: what a drill of it may take."""
    preflight: str
    """AWS cron; empty where there is none."""
    computed_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorAnswer(Contract):
    FUNCTION: ClassVar[str] = names.MONITOR

    numbers: int
    not_checked: tuple[str, ...]
    pushed: bool
    """Whether the beat reached the other region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstBeatProperties(Contract):
    """Of the custom resource."""

    FUNCTION: ClassVar[str] = "first-beat"

    Prefix: str
    Region: str
