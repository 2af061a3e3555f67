"""What the operations of AWS Backup share: the books of each region, the clock, the kinds of resource, the events.

One lock guards the books. It is held while an operation answers and while a job's step changes a record, and never while
another service is called: that service may call back.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from werkzeug.wrappers import Response

from aws_rehearsal.backup import names
from aws_rehearsal.backup.capture_dynamodb import ProtectedDynamoDb
from aws_rehearsal.backup.capture_rds import ProtectedRds
from aws_rehearsal.backup.events import Events
from aws_rehearsal.backup.protected import Protected
from aws_rehearsal.backup.records import BackupJob, CopyJob, RecoveryPoint, RestoreJob, Vault
from aws_rehearsal.faults.states import STATES
from aws_rehearsal.service import Service, ServiceError

if TYPE_CHECKING:
    from aws_rehearsal.backup.plan_records import Plan
    from aws_rehearsal.backup.testing_records import TestingPlan
    from aws_rehearsal.cloud import Cloud


@dataclass
class Books:
    """Everything AWS Backup remembers of one region."""

    vaults: dict[str, Vault] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    backup_jobs: dict[str, BackupJob] = field(default_factory=dict)
    copy_jobs: dict[str, CopyJob] = field(default_factory=dict)
    restore_jobs: dict[str, RestoreJob] = field(default_factory=dict)
    testing_plans: dict[str, TestingPlan] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)
    """(operation, IdempotencyToken) → the job it started."""
    busy: dict[str, str] = field(default_factory=dict)
    """Resource → the one backup or copy job that runs for it."""
    opted_in: dict[str, bool] = field(default_factory=lambda: {"DynamoDB": True, "RDS": True})
    managed: dict[str, bool] = field(default_factory=lambda: {"DynamoDB": True})
    """Fully managed types; for DynamoDB: its advanced features. On in a new account."""


class Core(Service):
    """Base of the operations: each part of `Backup` extends it."""

    name: ClassVar[str] = "backup"

    def __init__(self, cloud: Cloud, account: str) -> None:
        self.account = account
        self.cloud = cloud
        self.clock = cloud.clock
        self.events = Events(cloud)
        self.lock = threading.RLock()
        self.lost_regions = cloud.gateway.lost_regions
        self._books: dict[str, Books] = {}
        self._kinds: dict[str, Protected] = {"dynamodb": ProtectedDynamoDb(cloud), "rds": ProtectedRds(cloud)}

    def answer(self, region: str, environ: dict[str, Any]) -> Response:
        with self.lock:
            return super().answer(region, environ)

    def books(self, region: str) -> Books:
        return self._books.setdefault(region, Books())

    def kinds(self) -> list[Protected]:
        return list(self._kinds.values())

    def kind_of(self, resource_arn: str) -> Protected:
        """Refuses a kind of resource the embedded AWS cannot back up."""
        kind = self._kinds.get(names.service_of(resource_arn))
        if kind is None or (":rds:" in resource_arn and ":db:" not in resource_arn):
            raise ServiceError("InvalidParameterValueException", f"Unsupported resource type: {resource_arn}")
        return kind

    def vault(self, region: str, name: str) -> Vault:
        vault = self.books(region).vaults.get(name)
        if vault is None:
            raise ServiceError("ResourceNotFoundException", f"Backup vault {name} cannot be found in {region}")
        return vault

    def point(self, region: str, vault_name: str, arn: str) -> RecoveryPoint:
        point = self.vault(region, vault_name).points.get(arn)
        if point is None:
            raise ServiceError("ResourceNotFoundException", f"Cannot find recovery point {arn} in {vault_name}")
        return point

    @staticmethod
    def check_point(point: RecoveryPoint, operation: str) -> None:
        """Refuses what a recovery point in its state does not take."""
        if code := STATES["recovery-point"][point.status].refuses.get(operation):
            raise ServiceError(code, f"{point.recovery_point_arn} is {point.status}: it does not take {operation}")

    def points(self, region: str) -> list[RecoveryPoint]:
        return [point for vault in self.books(region).vaults.values() for point in vault.points.values()]
