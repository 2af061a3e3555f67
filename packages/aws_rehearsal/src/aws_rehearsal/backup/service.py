"""AWS Backup of the embedded AWS, put together: one method per operation it knows, everything else refused by name."""

from __future__ import annotations

from aws_rehearsal.backup import names
from aws_rehearsal.backup.restore_tests import RestoreTestOperations
from aws_rehearsal.backup.settings import SettingsOperations
from aws_rehearsal.backup.states import StateOperations
from aws_rehearsal.backup.vaults import VaultOperations


class Backup(VaultOperations, StateOperations, RestoreTestOperations, SettingsOperations):
    def forget(self, region: str) -> None:
        """The region is lost: its vaults, plans, jobs and recovery points are no more, and its calendar stops.

        Copies under way to it fail where they were started. Copies under way from it have no region left that would list
        them: they fail too, and the destination's EventBridge is told.
        """
        message = f"Copy job failed because {region} was lost"
        with self.lock:
            lost = self.books(region)
            for plan in lost.plans.values():
                self.unschedule(plan)
            for tested in lost.testing_plans.values():
                self.cancel_test(tested)
            for point in self.points(region):
                if point.expiry is not None:
                    point.expiry.cancel()
            for job in (*lost.backup_jobs.values(), *lost.restore_jobs.values()):
                self.move(job, "FAILED", f"{region} was lost")
            for other, books in self._books.items():
                for copy in books.copy_jobs.values():
                    to = names.region_of(copy.destination_backup_vault_arn)
                    if region not in {other, to} or copy.is_over:
                        continue
                    self.move(copy, "FAILED", message)
                    if other == region:
                        self.events.publish(to, copy)
            del self._books[region]
