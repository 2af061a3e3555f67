"""Restore jobs: PENDING, RUNNING, and COMPLETED only when the restored resource can be used."""

from __future__ import annotations

from typing import Any

from aws_rehearsal import keys
from aws_rehearsal.backup import names
from aws_rehearsal.backup.backup_jobs import BackupJobOperations
from aws_rehearsal.backup.durations import POLL, START_DELAY, modelled
from aws_rehearsal.backup.listing import matching, page
from aws_rehearsal.backup.records import JobFailedError, RecoveryPoint, RestoreJob
from aws_rehearsal.backup.recovery_points import MINUTE
from aws_rehearsal.service import ServiceError


class RestoreJobOperations(BackupJobOperations):
    def _begin_restore(self, job: RestoreJob, point: RecoveryPoint) -> None:
        self.move(job, "RUNNING")
        if problem := keys.problem(point.encryption_key_arn, self.account):
            raise JobFailedError(f"{point.recovery_point_arn} cannot be restored: {problem}")
        self.may_restore(job, point)
        tags = self.books(job.region).tags.get(point.recovery_point_arn, {}) if job.copy_tags else {}
        self.kind_of(point.resource_arn).begin_restore(point, job, tags | job.tags)
        took = modelled(job.resource_type, "restore", job.backup_size_in_bytes)
        job.expected_completion_time_minutes = round(took.total_seconds() / MINUTE)
        self.after(took, job, lambda job: self._finish_restore(job, point))

    def _finish_restore(self, job: RestoreJob, point: RecoveryPoint) -> None:
        arn = self.kind_of(point.resource_arn).finish_restore(point, job)
        if arn is None:
            self.after(POLL, job, lambda job: self._finish_restore(job, point))
            return
        with self.lock:
            job.created_resource_arn = arn
            point.last_restore_time = self.clock.now()
            self.restored(job)
        self.move(job, "COMPLETED")

    def restored(self, job: RestoreJob) -> None:
        """What follows a restore; restore tests have more to do."""

    # ------------------------------------------------------------------ operations
    def start_restore_job(
        self,
        region: str,
        *,
        RecoveryPointArn: str,
        Metadata: dict[str, str],
        IamRoleArn: str | None = None,
        IdempotencyToken: str | None = None,
        ResourceType: str | None = None,
        CopySourceTagsToRestoredResource: bool = False,
    ) -> dict[str, Any]:
        """The same IdempotencyToken is the same job, whatever became of it."""
        books = self.books(region)
        started = books.tokens.get(("StartRestoreJob", IdempotencyToken or ""))
        if started:
            return {"RestoreJobId": started}
        point = next((each for each in self.points(region) if each.recovery_point_arn == RecoveryPointArn), None)
        if point is None:
            raise ServiceError("ResourceNotFoundException", f"Cannot find recovery point {RecoveryPointArn} in {region}")
        if ResourceType not in {None, point.resource_type}:
            raise ServiceError("InvalidParameterValueException", f"{RecoveryPointArn} is of type {point.resource_type}")
        self.check_point(point, "StartRestoreJob")
        job = RestoreJob(
            **self.restore_of(region, point),
            iam_role_arn=IamRoleArn,
            metadata=Metadata,
            copy_tags=CopySourceTagsToRestoredResource,
        )
        if IdempotencyToken:
            books.tokens["StartRestoreJob", IdempotencyToken] = job.job_id
        self.begin(job, point)
        return {"RestoreJobId": job.job_id}

    def restore_of(self, region: str, point: RecoveryPoint) -> dict[str, Any]:
        """The fields of a new job that restores a recovery point."""
        return {
            "region": region,
            "job_id": names.new_job_id(),
            "account_id": self.account,
            "resource_arn": point.resource_arn,
            "resource_type": point.resource_type,
            "resource_name": point.resource_name,
            "creation_date": self.clock.now(),
            "state": "PENDING",
            "backup_size_in_bytes": point.backup_size_in_bytes,
            "recovery_point_arn": point.recovery_point_arn,
            "recovery_point_creation_date": point.creation_date,
            "backup_vault_arn": point.backup_vault_arn,
        }

    def begin(self, job: RestoreJob, point: RecoveryPoint) -> None:
        self.books(job.region).restore_jobs[job.job_id] = job
        self.events.publish(job.region, job)
        self.after(START_DELAY, job, lambda job: self._begin_restore(job, point))

    def restore_job(self, region: str, job_id: str) -> RestoreJob:
        job = self.books(region).restore_jobs.get(job_id)
        if job is None:
            raise ServiceError("ResourceNotFoundException", f"Cannot find restore job {job_id}")
        return job

    def describe_restore_job(self, region: str, *, RestoreJobId: str) -> dict[str, Any]:
        return self.restore_job(region, RestoreJobId).describe()

    def get_restore_job_metadata(self, region: str, *, RestoreJobId: str) -> dict[str, Any]:
        return {"RestoreJobId": RestoreJobId, "Metadata": self.restore_job(region, RestoreJobId).metadata}

    def list_restore_jobs(self, region: str, **parameters: Any) -> dict[str, Any]:
        found = matching(self.books(region).restore_jobs.values(), parameters)
        return page("RestoreJobs", [job.describe() for job in found], parameters)
