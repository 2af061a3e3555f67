"""Copy jobs: a physically separate recovery point in a vault of this or another region.

The job belongs to the source's region. When that region is lost in the middle, nobody there can be asked; the destination's
EventBridge is told instead. What becomes of half a copy then, AWS does not say; here it is the worst: it stays in the vault,
newer than any whole one, and CREATING for ever.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aws_rehearsal.backup import names
from aws_rehearsal.backup.durations import POLL, RETRY, START_DELAY, modelled
from aws_rehearsal.backup.lifecycles import checked_lifecycle
from aws_rehearsal.backup.listing import matching, page
from aws_rehearsal.backup.records import CREATING, CopyJob, JobFailedError, RecoveryPoint, Vault
from aws_rehearsal.backup.recovery_points import RecoveryPointOperations
from aws_rehearsal.service import ServiceError


class CopyJobOperations(RecoveryPointOperations):
    def create_copy_job(
        self,
        region: str,
        point: RecoveryPoint,
        *,
        destination: str,
        lifecycle: dict[str, Any],
        role_arn: str,
        backup_job_id: str | None,
    ) -> CopyJob:
        job = CopyJob(
            region=region,
            job_id=names.new_job_id(),
            account_id=self.account,
            resource_arn=point.resource_arn,
            resource_type=point.resource_type,
            resource_name=point.resource_name,
            iam_role_arn=role_arn,
            creation_date=self.clock.now(),
            state="CREATED",
            backup_size_in_bytes=point.backup_size_in_bytes,
            created_by=point.created_by,
            source_backup_vault_arn=point.backup_vault_arn,
            source_recovery_point_arn=point.recovery_point_arn,
            destination_backup_vault_arn=destination,
            lifecycle=lifecycle,
            created_by_backup_job_id=backup_job_id,
        )
        with self.lock:
            self.books(region).copy_jobs[job.job_id] = job
        self.events.publish(region, job)
        self.after(START_DELAY, job, self._start_copy)
        return job

    # ------------------------------------------------------------------ steps
    def _start_copy(self, job: CopyJob) -> None:
        vault = self._destination(job)
        vault.check_retention(job.lifecycle)
        self._check_copyable(job)
        if not self.claim(job):
            self.after(RETRY, job, self._start_copy)
            return
        point = self.point(job.region, names.name_of(job.source_backup_vault_arn), job.source_recovery_point_arn)
        self.check_keys("Copy", point.encryption_key_arn, vault.encryption_key_arn)
        self.may_copy(job, point, vault.encryption_key_arn)
        self.move(job, "RUNNING")
        arn = self.kind_of(job.resource_arn).copy(point, job, vault)
        with self.lock:
            job.destination_recovery_point_arn = arn
            job.destination_encryption_key_arn = vault.encryption_key_arn
            vault.points[arn] = self._copied(job, point, arn, vault)
            if job.is_over:  # a region lost while it copied
                self.discard(job)
                return
        took = modelled(job.resource_type, "copy", job.backup_size_in_bytes)
        self.after(took, job, lambda job: self._complete_copy(job, point, arn))

    def _complete_copy(self, job: CopyJob, point: RecoveryPoint, arn: str) -> None:
        if not self.kind_of(job.resource_arn).is_ready(arn):
            self.after(POLL, job, lambda job: self._complete_copy(job, point, arn))
            return
        copied = self._copied(job, point, arn, self._destination(job))
        copied.status, copied.completion_date = "COMPLETED", self.clock.now()
        tags = self.books(job.region).tags.get(point.recovery_point_arn, {})
        self.keep(names.region_of(copied.backup_vault_arn), copied, tags)
        self.move(job, "COMPLETED")

    @staticmethod
    def _copied(job: CopyJob, point: RecoveryPoint, arn: str, vault: Vault) -> RecoveryPoint:
        """As on AWS, a copy keeps its source's creation date: that is how old its data is, and where its retention starts."""
        return replace(
            point,
            recovery_point_arn=arn,
            backup_vault_name=vault.backup_vault_name,
            backup_vault_arn=vault.backup_vault_arn,
            source_backup_vault_arn=job.source_backup_vault_arn,
            iam_role_arn=str(job.iam_role_arn),
            status=CREATING,
            completion_date=None,
            lifecycle=job.lifecycle,
            encryption_key_arn=vault.encryption_key_arn,
            is_encrypted=True,
            last_restore_time=None,
            restore_metadata=dict(point.restore_metadata),
            expiry=None,
        )

    def _destination(self, job: CopyJob) -> Vault:
        region = names.region_of(job.destination_backup_vault_arn)
        if region in self.lost_regions:
            raise JobFailedError(f"Copy job failed because {region} is unavailable")
        return self.vault(region, names.name_of(job.destination_backup_vault_arn))

    def _check_copyable(self, job: CopyJob) -> None:
        """DynamoDB leaves its region only with advanced features, a setting of each region."""
        if job.resource_type != "DynamoDB":
            return
        for region in (job.region, names.region_of(job.destination_backup_vault_arn)):
            books = self.books(region)
            if not (books.opted_in.get("DynamoDB") and books.managed.get("DynamoDB")):
                raise JobFailedError(f"Copy job failed because advanced features for DynamoDB are not enabled in {region}")

    # ------------------------------------------------------------------ operations
    def start_copy_job(
        self,
        region: str,
        *,
        RecoveryPointArn: str,
        SourceBackupVaultName: str,
        DestinationBackupVaultArn: str,
        IamRoleArn: str,
        IdempotencyToken: str | None = None,
        Lifecycle: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        point = self.point(region, SourceBackupVaultName, RecoveryPointArn)
        self.check_point(point, "StartCopyJob")
        names.region_of(DestinationBackupVaultArn)
        books = self.books(region)
        started = books.tokens.get(("StartCopyJob", IdempotencyToken or ""))
        if started:
            return books.copy_jobs[started].describe()
        job = self.create_copy_job(
            region,
            point,
            destination=DestinationBackupVaultArn,
            lifecycle=checked_lifecycle(Lifecycle),
            role_arn=IamRoleArn,
            backup_job_id=None,
        )
        if IdempotencyToken:
            books.tokens["StartCopyJob", IdempotencyToken] = job.job_id
        return job.describe()

    def describe_copy_job(self, region: str, *, CopyJobId: str) -> dict[str, Any]:
        job = self.books(region).copy_jobs.get(CopyJobId)
        if job is None:
            raise ServiceError("ResourceNotFoundException", f"Cannot find copy job {CopyJobId}")
        return {"CopyJob": job.describe()}

    def list_copy_jobs(self, region: str, **parameters: Any) -> dict[str, Any]:
        found = matching(self.books(region).copy_jobs.values(), parameters)
        return page("CopyJobs", [job.describe() for job in found], parameters)
