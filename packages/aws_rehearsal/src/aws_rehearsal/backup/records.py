"""What AWS Backup remembers: vaults, recovery points and jobs. Fields are AWS's names in snake case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from aws_rehearsal.clock import Appointment

OVER = frozenset({"COMPLETED", "FAILED", "EXPIRED", "ABORTED", "PARTIAL"})
"""States from which no job moves on."""
CREATING = "CREATING"
"""Of a recovery point that is listed already, and cannot be restored."""
LONGEST_RETENTION_DAYS = 36500
"""The longest retention AWS takes, and what none counts as: a job that keeps for ever is longer than any other maximum of a lock.

API_BackupRuleInput and API_StartBackupJob, `Lifecycle`: "a maximum value of 100 years (36,500 days)".
"""


_OURS = frozenset({"held", "waiting"})
"""Fields that AWS has no word for."""


class JobFailedError(Exception):
    """The job ends as FAILED, and this is its StatusMessage."""


@dataclass(frozen=True)
class Capture:
    """What a backup got hold of."""

    recovery_point_arn: str
    resource_name: str
    size: int
    restore_metadata: dict[str, str]
    encrypted: bool
    encryption_key_arn: str | None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Record:
    """Something with an AWS shape; what the shape does not name is dropped when the answer is serialised."""

    def describe(self) -> dict[str, Any]:
        """The fields that have a value, under AWS's names."""
        values = ((each.name, getattr(self, each.name)) for each in fields(self) if each.name not in _OURS)
        return {_pascal(name): value for name, value in values if value is not None}


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


@dataclass(kw_only=True)
class RecoveryPoint(Record):
    """One backup or copy. Its data is found by its ARN: an RDS snapshot, or a file in the region's directory."""

    recovery_point_arn: str
    backup_vault_name: str
    backup_vault_arn: str
    source_backup_vault_arn: str | None
    resource_arn: str
    resource_type: str
    resource_name: str
    created_by: dict[str, str] | None
    iam_role_arn: str
    status: str
    creation_date: datetime
    completion_date: datetime | None
    backup_size_in_bytes: int
    lifecycle: dict[str, Any]
    encryption_key_arn: str | None
    is_encrypted: bool
    vault_type: str = "BACKUP_VAULT"
    is_parent: bool = False
    last_restore_time: datetime | None = None
    restore_metadata: dict[str, str] = field(default_factory=dict)
    expiry: Appointment | None = field(default=None, compare=False)

    @property
    def delete_at(self) -> datetime | None:
        return self._after("DeleteAfterDays")

    @property
    def cold_at(self) -> datetime | None:
        return self._after("MoveToColdStorageAfterDays")

    def _after(self, key: str) -> datetime | None:
        return self.creation_date + timedelta(days=self.lifecycle[key]) if key in self.lifecycle else None

    def is_cold(self, now: datetime) -> bool:
        """RDS has no cold tier: its points stay warm whatever the lifecycle says."""
        return self.resource_type != "RDS" and self.cold_at is not None and self.cold_at <= now

    def describe_at(self, now: datetime) -> dict[str, Any]:
        calculated = {"DeleteAt": self.delete_at, "MoveToColdStorageAt": self.cold_at}
        return self.describe() | {
            "CalculatedLifecycle": {key: value for key, value in calculated.items() if value is not None},
            "StorageClass": "COLD" if self.is_cold(now) else "WARM",
            "BackupSizeBytes": self.backup_size_in_bytes,
        }


@dataclass(kw_only=True)
class Vault(Record):
    backup_vault_name: str
    backup_vault_arn: str
    creation_date: datetime
    encryption_key_arn: str
    encryption_key_type: str
    creator_request_id: str | None = None
    vault_type: str = "BACKUP_VAULT"
    vault_state: str = "AVAILABLE"
    locked: bool = False
    min_retention_days: int | None = None
    max_retention_days: int | None = None
    lock_date: datetime | None = None
    access_policy: str | None = None
    notifications: dict[str, Any] | None = None
    points: dict[str, RecoveryPoint] = field(default_factory=dict)

    @property
    def has_own_key(self) -> bool:
        return self.encryption_key_type == "CUSTOMER_MANAGED_KMS_KEY"

    def describe(self) -> dict[str, Any]:
        return super().describe() | {"NumberOfRecoveryPoints": len(self.points)}

    def check_retention(self, lifecycle: dict[str, Any]) -> None:
        """A lock fails the jobs whose retention it does not allow; it never shortens or lengthens it.

        API_PutBackupVaultLockConfiguration, `MinRetentionDays` and `MaxRetentionDays`. Raises JobFailedError.
        """
        days = lifecycle.get("DeleteAfterDays", LONGEST_RETENTION_DAYS)
        if self.locked and days < (self.min_retention_days or 0):
            raise JobFailedError(
                f"The retention period of {days} days is less than the minimum retention period of"
                f" {self.min_retention_days} days of backup vault {self.backup_vault_name}"
            )
        if self.locked and days > (self.max_retention_days or LONGEST_RETENTION_DAYS):
            raise JobFailedError(
                f"The retention period of {days} days is more than the maximum retention period of"
                f" {self.max_retention_days} days of backup vault {self.backup_vault_name}"
            )


@dataclass(kw_only=True)
class Job(Record):
    """What the three kinds of job share. A job over never moves again: each step of a job asks first."""

    region: str
    job_id: str
    account_id: str
    resource_arn: str
    resource_type: str
    resource_name: str
    iam_role_arn: str | None
    creation_date: datetime
    state: str
    percent_done: str = "0.0"
    status_message: str | None = None
    completion_date: datetime | None = None
    backup_size_in_bytes: int = 0
    created_by: dict[str, str] | None = None
    is_parent: bool = False
    held: str = ""
    """A state that was brought about: the job goes no further until it is over."""
    waiting: list[Callable[[], None]] = field(default_factory=list)
    """Steps that became due meanwhile."""

    @property
    def is_over(self) -> bool:
        return self.state in OVER


@dataclass(kw_only=True)
class BackupJob(Job):
    backup_vault_name: str
    backup_vault_arn: str
    lifecycle: dict[str, Any]
    start_by: datetime
    complete_by: datetime
    recovery_point_tags: dict[str, str] = field(default_factory=dict)
    copy_actions: list[dict[str, Any]] = field(default_factory=list)
    initiation_date: datetime | None = None
    expected_completion_date: datetime | None = None
    recovery_point_arn: str | None = None
    capture: Capture | None = None

    def describe(self) -> dict[str, Any]:
        return super().describe() | {"BackupJobId": self.job_id, "RecoveryPointLifecycle": self.lifecycle}


@dataclass(kw_only=True)
class CopyJob(Job):
    source_backup_vault_arn: str
    source_recovery_point_arn: str
    destination_backup_vault_arn: str
    lifecycle: dict[str, Any]
    created_by_backup_job_id: str | None = None
    destination_recovery_point_arn: str | None = None
    destination_encryption_key_arn: str | None = None

    def describe(self) -> dict[str, Any]:
        return super().describe() | {"CopyJobId": self.job_id, "DestinationRecoveryPointLifecycle": self.lifecycle}


@dataclass(kw_only=True)
class RestoreJob(Job):
    recovery_point_arn: str
    recovery_point_creation_date: datetime
    backup_vault_arn: str
    metadata: dict[str, str]
    copy_tags: bool
    expected_completion_time_minutes: int = 0
    created_resource_arn: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    """Put on what is restored."""
    validation_window: timedelta | None = None
    """How long what a restore test made is kept; None for what no test started."""
    validation_status: str | None = None
    validation_status_message: str | None = None
    deletion_status: str | None = None
    deletion_status_message: str | None = None

    @property
    def testing_plan_arn(self) -> str | None:
        return (self.created_by or {}).get("RestoreTestingPlanArn")

    def describe(self) -> dict[str, Any]:
        answer = super().describe() | {"RestoreJobId": self.job_id, "SourceResourceArn": self.resource_arn}
        answer["Status"] = answer.pop("State")  # the one job whose state AWS calls a status
        return answer
