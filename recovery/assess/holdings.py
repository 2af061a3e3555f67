"""What an account was found to hold in two regions, as plain values. A question that was refused is a `NotChecked`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from recovery.aws import NotChecked


@dataclass(frozen=True, slots=True)
class Copy:
    """Where a rule copies to."""

    region: str
    vault: str
    keep: timedelta | None
    """None: for ever."""


@dataclass(frozen=True, slots=True)
class LiveRule:
    plan: str
    name: str
    schedule: str
    """AWS's expression, as it stands."""
    start_window: timedelta
    keep: timedelta | None
    copies: tuple[Copy, ...]
    role: str
    """ARN of the role that takes the backups."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An RDS instance for MySQL that is no read replica."""

    name: str
    arn: str
    keeps: timedelta
    """Automated backups; nothing: they are off."""
    backup_window: str
    maintenance_window: str
    encrypted: bool
    deletion_protected: bool
    public: bool
    multi_az: bool
    allocated_gb: int
    instance_class: str
    engine_version: str
    database: str | None
    rules: tuple[LiveRule, ...]
    newest: datetime | NotChecked | None
    """Of its recovery points here; None: there is none."""
    newest_copy: datetime | NotChecked | None
    """Of those in the other region."""


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    arn: str
    keeps: timedelta | NotChecked | None
    """Point-in-time recovery; None: it is off."""
    size: int
    """Bytes, as DynamoDB last counted: it does every six hours."""
    deletion_protected: bool
    replicas: tuple[str, ...]
    rules: tuple[LiveRule, ...]
    newest: datetime | NotChecked | None
    newest_copy: datetime | NotChecked | None


@dataclass(frozen=True, slots=True)
class Topic:
    region: str
    name: str
    encrypted: bool
    listeners: int
    """Confirmed subscriptions."""


@dataclass(frozen=True, slots=True)
class Bucket:
    name: str
    versioned: bool
    replicated: bool


@dataclass(frozen=True, slots=True)
class BackupKey:
    """A key that a store or a vault is encrypted with."""

    arn: str
    of: str
    state: str
    """AWS's own word; `Enabled` is the only good one."""


@dataclass(frozen=True, slots=True)
class Holdings:
    account: str
    primary: str
    recovery: str
    now: datetime
    instances: tuple[Instance, ...] | NotChecked
    tables: tuple[Table, ...] | NotChecked
    restorers: dict[str, tuple[str, ...]] | NotChecked
    """Roles that AWS Backup may take and that may restore, by kind of store."""
    backup_roles: tuple[str, ...]
    """All roles that AWS Backup may take."""
    advanced_tables: bool | NotChecked
    """Whether AWS Backup manages DynamoDB whole: plain backups of it cannot be copied to another region."""
    topics: tuple[Topic, ...] | NotChecked
    failures_told: bool | NotChecked
    """Whether an EventBridge rule in the primary region listens to AWS Backup."""
    restore_tests: bool | NotChecked
    buckets: tuple[Bucket, ...] | NotChecked
    keys: tuple[BackupKey, ...] | NotChecked
