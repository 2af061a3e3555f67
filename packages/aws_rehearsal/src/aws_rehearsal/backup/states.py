"""States of jobs, recovery points and vaults that are brought about, not come to.

A job that is held in a state on its way goes on afterwards where it was; one that is put into a state at its end has ended so.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aws_rehearsal.backup.core import Books
from aws_rehearsal.backup.records import OVER, Job, RecoveryPoint, Vault
from aws_rehearsal.backup.restore_jobs import RestoreJobOperations
from aws_rehearsal.faults.states import STATES

_JOBS = {"backup-job": "backup_jobs", "copy-job": "copy_jobs", "restore-job": "restore_jobs"}


class StateOperations(RestoreJobOperations):
    def put_state(self, kind: str, region: str, name: str, status: str, lasts: timedelta | None = None) -> None:
        """`name`: a job's id, a recovery point's ARN, a vault's name. Raises LookupError when there is no such thing."""
        with self.lock:
            thing: Any = self._thing(kind, region, name)
            if isinstance(thing, Job):
                self._put_job(kind, thing, status, lasts)
            else:
                self._put(kind, region, thing, status, lasts)

    def end_state(self, kind: str, region: str, name: str) -> None:
        with self.lock:
            thing = self._thing(kind, region, name)
            if isinstance(thing, Job):
                self._go_on(thing)
            else:
                self._put(kind, region, thing, "COMPLETED" if isinstance(thing, RecoveryPoint) else "AVAILABLE", None)

    def _thing(self, kind: str, region: str, name: str) -> Job | RecoveryPoint | Vault:
        books: Books = self.books(region)
        if kind in _JOBS:
            found = getattr(books, _JOBS[kind]).get(name)
        elif kind == "vault":
            found = books.vaults.get(name)
        else:
            found = next((each for each in self.points(region) if each.recovery_point_arn == name), None)
        if found is None:
            raise LookupError(f"there is no {kind} {name} in {region}")
        thing: Job | RecoveryPoint | Vault = found
        return thing

    # ------------------------------------------------------------------ jobs
    def _put_job(self, kind: str, job: Job, status: str, lasts: timedelta | None) -> None:
        if job.is_over:
            raise ValueError(f"{kind} {job.job_id} is {job.state}: a job that is over stays as it ended")
        if status == "COMPLETED":
            self._go_on(job)  # only its data makes a job complete: it goes on to there
            return
        if status in OVER:
            job.held, job.waiting = "", []
            self.move(job, status, f"{status} by a fault")
            return
        job.held = status
        self.move(job, status)
        then = STATES[kind][status].then

        def go_on() -> None:
            with self.lock:
                if job.held != status:
                    return
                if then in OVER and status == "ABORTING":
                    job.held, job.waiting = "", []
                    self.move(job, then, "Backup job was stopped by user.")
                else:
                    self._go_on(job)

        self.clock.call_after(lasts or STATES[kind][status].lasts or timedelta(0), go_on, leap=False)

    def _go_on(self, job: Job) -> None:
        """With the steps that became due meanwhile."""
        job.held, due, job.waiting = "", job.waiting, []
        for step in due:
            self.clock.call_after(timedelta(0), step)

    # ------------------------------------------------------------------ recovery points and vaults
    def _put(self, kind: str, region: str, thing: RecoveryPoint | Vault, status: str, lasts: timedelta | None) -> None:
        state = STATES[kind][status]
        if isinstance(thing, Vault):
            thing.vault_state = status
        else:
            thing.status = status

        def go_on() -> None:
            with self.lock:
                if not self._is_there(region, thing) or _status(thing) != status:
                    return
                if state.then:
                    self._put(kind, region, thing, state.then, None)
                elif isinstance(thing, RecoveryPoint):
                    self._remove(region, self.vault(region, thing.backup_vault_name), thing)

        if state.lasts is not None:
            self.clock.call_after(lasts or state.lasts, go_on, leap=False)

    def _is_there(self, region: str, thing: RecoveryPoint | Vault) -> bool:
        if isinstance(thing, Vault):
            return self.books(region).vaults.get(thing.backup_vault_name) is thing
        return any(each is thing for each in self.points(region))


def _status(thing: RecoveryPoint | Vault) -> str:
    return thing.vault_state if isinstance(thing, Vault) else thing.status
