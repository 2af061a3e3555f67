"""Backup jobs: CREATED, RUNNING while the resource is captured, then COMPLETED with a recovery point, and its copies start."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aws_rehearsal.backup import names
from aws_rehearsal.backup.copy_jobs import CopyJobOperations
from aws_rehearsal.backup.durations import POLL, RETRY, START_DELAY, modelled
from aws_rehearsal.backup.lifecycles import checked_lifecycle
from aws_rehearsal.backup.listing import matching, page
from aws_rehearsal.backup.records import BackupJob, Capture, RecoveryPoint
from aws_rehearsal.faults.states import STATES
from aws_rehearsal.service import ServiceError

START_WINDOW_MINUTES = 480
COMPLETION_WINDOW_MINUTES = 7 * 24 * 60
BUSY = "Backup job failed because there was a running job for the same resource."


class BackupJobOperations(CopyJobOperations):
    def create_backup_job(
        self,
        region: str,
        *,
        resource_arn: str,
        vault_name: str,
        role_arn: str,
        lifecycle: dict[str, Any],
        start_window: int,
        completion_window: int,
        tags: dict[str, str],
        copy_actions: list[dict[str, Any]],
        created_by: dict[str, str] | None,
    ) -> BackupJob:
        """What StartBackupJob and the rules of a plan have in common. Windows are minutes."""
        now = self.clock.now()
        job = BackupJob(
            region=region,
            job_id=names.new_job_id(),
            account_id=self.account,
            resource_arn=resource_arn,
            resource_type=self.kind_of(resource_arn).type_name,
            resource_name=names.name_of(resource_arn),
            iam_role_arn=role_arn,
            creation_date=now,
            state="CREATED",
            created_by=created_by,
            backup_vault_name=vault_name,
            backup_vault_arn=names.vault_arn(region, self.account, vault_name),
            lifecycle=lifecycle,
            start_by=now + timedelta(minutes=start_window),
            complete_by=now + timedelta(minutes=completion_window),
            recovery_point_tags=tags,
            copy_actions=copy_actions,
        )
        with self.lock:
            self.books(region).backup_jobs[job.job_id] = job
        self.events.publish(region, job)
        self.after(START_DELAY, job, self._start)
        return job

    # ------------------------------------------------------------------ steps
    def _start(self, job: BackupJob) -> None:
        now = self.clock.now()
        vault = self.vault(job.region, job.backup_vault_name)
        vault.check_retention(job.lifecycle)
        self.check_keys("Backup", vault.encryption_key_arn)
        if not self.claim(job):
            if now >= job.start_by:
                self.move(job, "EXPIRED", BUSY)
            else:
                self.after(min(RETRY, job.start_by - now), job, self._start)
            return
        self.may_back_up(job)
        job.initiation_date = now
        self.move(job, "RUNNING")
        kind = self.kind_of(job.resource_arn)
        capture = kind.capture(job.region, job, vault)
        with self.lock:
            job.capture, job.recovery_point_arn = capture, capture.recovery_point_arn
            job.backup_size_in_bytes = capture.size
            if job.is_over:  # stopped, or its region lost, while it captured
                self.discard(job)
                return
        took = modelled(kind.type_name, "backup", capture.size)
        job.expected_completion_date = now + took
        self.after(took, job, lambda job: self._complete(job, capture))

    def _complete(self, job: BackupJob, capture: Capture) -> None:
        if not self.kind_of(job.resource_arn).is_ready(capture.recovery_point_arn):
            if self.clock.now() >= job.complete_by:
                self.move(job, "EXPIRED", "Backup job did not complete within its completion window.")
            else:
                self.after(POLL, job, lambda job: self._complete(job, capture))
            return
        point = RecoveryPoint(
            recovery_point_arn=capture.recovery_point_arn,
            backup_vault_name=job.backup_vault_name,
            backup_vault_arn=job.backup_vault_arn,
            source_backup_vault_arn=None,
            resource_arn=job.resource_arn,
            resource_type=job.resource_type,
            resource_name=capture.resource_name,
            created_by=job.created_by,
            iam_role_arn=str(job.iam_role_arn),
            status="COMPLETED",
            creation_date=job.initiation_date or job.creation_date,
            completion_date=self.clock.now(),
            backup_size_in_bytes=capture.size,
            lifecycle=job.lifecycle,
            encryption_key_arn=capture.encryption_key_arn,
            is_encrypted=capture.encrypted,
            restore_metadata=capture.restore_metadata,
        )
        self.keep(job.region, point, capture.tags | job.recovery_point_tags)
        self.move(job, "COMPLETED")
        for action in job.copy_actions:
            self.create_copy_job(
                job.region,
                point,
                destination=action["DestinationBackupVaultArn"],
                lifecycle=action["Lifecycle"],
                role_arn=point.iam_role_arn,
                backup_job_id=job.job_id,
            )

    # ------------------------------------------------------------------ operations
    def start_backup_job(
        self,
        region: str,
        *,
        BackupVaultName: str,
        ResourceArn: str,
        IamRoleArn: str,
        IdempotencyToken: str | None = None,
        StartWindowMinutes: int = START_WINDOW_MINUTES,
        CompleteWindowMinutes: int = COMPLETION_WINDOW_MINUTES,
        Lifecycle: dict[str, Any] | None = None,
        RecoveryPointTags: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        vault = self.vault(region, BackupVaultName)
        if code := STATES["vault"][vault.vault_state].refuses.get("StartBackupJob"):
            raise ServiceError(code, f"Backup vault {BackupVaultName} is {vault.vault_state}")
        if names.region_of(ResourceArn) != region:
            raise ServiceError("InvalidParameterValueException", f"{ResourceArn} is not in {region}")
        books = self.books(region)
        started = books.tokens.get(("StartBackupJob", IdempotencyToken or ""))
        if started:
            return books.backup_jobs[started].describe()
        job = self.create_backup_job(
            region,
            resource_arn=ResourceArn,
            vault_name=BackupVaultName,
            role_arn=IamRoleArn,
            lifecycle=checked_lifecycle(Lifecycle),
            start_window=StartWindowMinutes,
            completion_window=CompleteWindowMinutes,
            tags=RecoveryPointTags or {},
            copy_actions=[],
            created_by=None,
        )
        if IdempotencyToken:
            books.tokens["StartBackupJob", IdempotencyToken] = job.job_id
        return job.describe()

    def _backup_job(self, region: str, job_id: str) -> BackupJob:
        job = self.books(region).backup_jobs.get(job_id)
        if job is None:
            raise ServiceError("ResourceNotFoundException", f"Cannot find backup job {job_id}")
        return job

    def describe_backup_job(self, region: str, *, BackupJobId: str) -> dict[str, Any]:
        return self._backup_job(region, BackupJobId).describe()

    def list_backup_jobs(self, region: str, **parameters: Any) -> dict[str, Any]:
        found = matching(self.books(region).backup_jobs.values(), parameters)
        return page("BackupJobs", [job.describe() for job in found], parameters)

    def stop_backup_job(self, region: str, *, BackupJobId: str) -> None:
        job = self._backup_job(region, BackupJobId)
        if code := STATES["backup-job"][job.state].refuses.get("StopBackupJob"):
            raise ServiceError(code, f"Backup job {BackupJobId} is already {job.state}")
        self.move(job, "ABORTED", "Backup job was stopped by user.")
