"""How every job moves: by appointments on the virtual clock, one step each, until it is over.

A step that raises ends its job as FAILED with the error as its StatusMessage. A job already over (stopped, or its region
lost) takes no further step, and what a failed or stopped job had captured is deleted: no half a recovery point stays behind.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from aws_rehearsal import keys
from aws_rehearsal.backup import names
from aws_rehearsal.backup.durations import POLL
from aws_rehearsal.backup.job_roles import JobRoles
from aws_rehearsal.backup.records import BackupJob, CopyJob, Job, JobFailedError, RestoreJob
from aws_rehearsal.service import ServiceError

J = TypeVar("J", BackupJob, CopyJob, RestoreJob)


class JobSteps(JobRoles):
    def after(self, delay: timedelta, job: J, step: Callable[[J], None]) -> None:
        """The job's next step, in virtual time; the clock may leap to it."""

        def take() -> None:
            if job.is_over:
                return
            if job.held:
                job.waiting.append(take)
                return
            try:
                step(job)
            except ServiceError as error:
                self.move(job, "FAILED", error.message)
            except (JobFailedError, ClientError, BotoCoreError) as error:
                self.move(job, "FAILED", str(error))

        self.clock.call_after(delay, take)

    def check_keys(self, kind: str, *arns: str | None) -> None:
        """JobFailedError for the first key that is disabled or pending deletion."""
        for arn in arns:
            if problem := keys.problem(arn, self.account):
                raise JobFailedError(f"{kind} job failed because {problem}")

    def move(self, job: Job, state: str, message: str | None = None) -> None:
        """Change a job's state and tell EventBridge; a job already over stays as it ended."""
        with self.lock:
            if job.is_over:
                return
            job.state, job.status_message = state, message
            if job.is_over:
                job.completion_date = self.clock.now()
                job.percent_done = "100.0" if state == "COMPLETED" else job.percent_done
                self._release(job)
                if state != "COMPLETED":
                    self.discard(job)
            self.events.publish(job.region, job)

    def claim(self, job: BackupJob | CopyJob) -> bool:
        """AWS runs one backup or copy job per resource at a time."""
        with self.lock:
            return self.books(job.region).busy.setdefault(job.resource_arn, job.job_id) == job.job_id

    def _release(self, job: Job) -> None:
        busy = self.books(job.region).busy
        if busy.get(job.resource_arn) == job.job_id:
            del busy[job.resource_arn]

    def discard(self, job: Job) -> None:
        """Delete what a job captured and will not complete. A restore leaves what it made, for someone to look at."""
        match job:
            case BackupJob(recovery_point_arn=str(arn)):
                self.delete_data(job.resource_arn, arn)
            case CopyJob(destination_recovery_point_arn=str(arn), destination_backup_vault_arn=vault):
                if job.region in self.lost_regions:
                    return  # nobody is left to clear it away
                vaults = self.books(names.region_of(vault)).vaults
                if names.name_of(vault) in vaults:
                    vaults[names.name_of(vault)].points.pop(arn, None)
                self.delete_data(job.resource_arn, arn)

    def delete_data(self, resource_arn: str, recovery_point_arn: str) -> None:
        """Through an appointment: it calls another service, and the caller may hold the lock.

        A snapshot still being made is tried again later; nobody waits for that, so the clock does not leap for it.
        """
        kind = self.kind_of(resource_arn)

        def delete() -> None:
            if names.region_of(recovery_point_arn) not in self.lost_regions and not kind.delete(recovery_point_arn):
                self.clock.call_after(POLL, delete, leap=False)

        self.clock.call_after(timedelta(0), delete)
