"""Recovery points: describe, list, expire, delete; and the protected resources they add up to."""

from __future__ import annotations

from typing import Any

from aws_rehearsal.backup.job_steps import JobSteps
from aws_rehearsal.backup.lifecycles import checked_lifecycle
from aws_rehearsal.backup.listing import matching, page
from aws_rehearsal.backup.records import RecoveryPoint, Vault
from aws_rehearsal.service import ServiceError

MINUTE = 60


class RecoveryPointOperations(JobSteps):
    def keep(self, region: str, point: RecoveryPoint, tags: dict[str, str]) -> None:
        """Put a finished recovery point into its vault; it expires on the clock, which never leaps for it."""
        with self.lock:
            vault = self.vault(region, point.backup_vault_name)
            vault.points[point.recovery_point_arn] = point
            self.books(region).tags[point.recovery_point_arn] = dict(tags)
            self._plan_expiry(region, vault, point)
        self.events.publish(region, point)

    def _plan_expiry(self, region: str, vault: Vault, point: RecoveryPoint) -> None:
        """Put the point's deletion on the calendar, in place of the one that was there."""
        if point.expiry is not None:
            point.expiry.cancel()
            point.expiry = None
        if point.delete_at is not None:
            point.expiry = self.clock.call_at(point.delete_at, lambda: self._remove(region, vault, point), leap=False)

    def _remove(self, region: str, vault: Vault, point: RecoveryPoint) -> None:
        with self.lock:
            if vault.points.pop(point.recovery_point_arn, None) is None:
                return
            self.books(region).tags.pop(point.recovery_point_arn, None)
            if point.expiry is not None:
                point.expiry.cancel()
            point.status = "DELETING"
            self.delete_data(point.resource_arn, point.recovery_point_arn)
        self.events.publish(region, point)

    # ------------------------------------------------------------------ operations
    def describe_recovery_point(self, region: str, *, BackupVaultName: str, RecoveryPointArn: str, **_: Any) -> dict[str, Any]:
        return self.point(region, BackupVaultName, RecoveryPointArn).describe_at(self.clock.now())

    def get_recovery_point_restore_metadata(
        self, region: str, *, BackupVaultName: str, RecoveryPointArn: str, **_: Any
    ) -> dict[str, Any]:
        return self.point(region, BackupVaultName, RecoveryPointArn).describe()

    def list_recovery_points_by_backup_vault(self, region: str, *, BackupVaultName: str, **parameters: Any) -> dict[str, Any]:
        found = matching(self.vault(region, BackupVaultName).points.values(), parameters)
        return page("RecoveryPoints", [each.describe_at(self.clock.now()) for each in found], parameters)

    def list_recovery_points_by_resource(self, region: str, *, ResourceArn: str, **parameters: Any) -> dict[str, Any]:
        found = matching(self.points(region), {"ByResourceArn": ResourceArn})
        return page("RecoveryPoints", [each.describe_at(self.clock.now()) for each in found], parameters)

    def delete_recovery_point(self, region: str, *, BackupVaultName: str, RecoveryPointArn: str) -> None:
        vault = self.vault(region, BackupVaultName)
        point = self.point(region, BackupVaultName, RecoveryPointArn)
        self.check_point(point, "DeleteRecoveryPoint")
        if vault.locked:
            raise ServiceError("InvalidRequestException", f"Backup vault {BackupVaultName} is locked: nothing in it is deleted")
        self._remove(region, vault, point)

    def update_recovery_point_lifecycle(
        self, region: str, *, BackupVaultName: str, RecoveryPointArn: str, Lifecycle: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """A locked vault refuses it, shorter or longer (API_PutBackupVaultLockConfiguration)."""
        vault = self.vault(region, BackupVaultName)
        point = self.point(region, BackupVaultName, RecoveryPointArn)
        if vault.locked:
            raise ServiceError(
                "InvalidRequestException", f"Backup vault {BackupVaultName} is locked: the lifecycle of nothing in it is changed"
            )
        lifecycle = checked_lifecycle(Lifecycle)
        moved = "MoveToColdStorageAfterDays"
        if point.is_cold(self.clock.now()) and lifecycle.get(moved) != point.lifecycle.get(moved):
            raise ServiceError("InvalidRequestException", f"{RecoveryPointArn} is in cold storage: {moved} cannot be changed")
        point.lifecycle = lifecycle
        self._plan_expiry(region, vault, point)
        self.events.publish(region, point)
        return point.describe_at(self.clock.now())

    def list_protected_resources(self, region: str, **parameters: Any) -> dict[str, Any]:
        arns = sorted({point.resource_arn for point in self.points(region)})
        return page("Results", [self.describe_protected_resource(region, ResourceArn=arn) for arn in arns], parameters)

    def describe_protected_resource(self, region: str, *, ResourceArn: str) -> dict[str, Any]:
        found = matching(self.points(region), {"ByResourceArn": ResourceArn})
        if not found:
            raise ServiceError("ResourceNotFoundException", f"{ResourceArn} is not a protected resource in {region}")
        newest = found[0]
        answer = newest.describe() | {
            "LastBackupTime": newest.creation_date,
            "LastBackupVaultArn": newest.backup_vault_arn,
            "LastRecoveryPointArn": newest.recovery_point_arn,
        }
        restores = matching(self.books(region).restore_jobs.values(), {"ByResourceArn": ResourceArn, "ByStatus": "COMPLETED"})
        for latest in restores[:1]:
            if latest.completion_date is not None:
                took = latest.completion_date - latest.creation_date
                answer["LatestRestoreExecutionTimeMinutes"] = round(took.total_seconds() / MINUTE)
            answer["LatestRestoreJobCreationDate"] = latest.creation_date
            answer["LatestRestoreRecoveryPointCreationDate"] = latest.recovery_point_creation_date
        return answer
