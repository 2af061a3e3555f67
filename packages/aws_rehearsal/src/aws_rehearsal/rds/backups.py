"""Automated backups of a region's instances: begun when an instance becomes available, daily in its window, kept or ended."""

from __future__ import annotations

import functools
import shutil
from datetime import datetime, timedelta
from typing import Any

from moto.rds.exceptions import RDSClientError

from aws_rehearsal.rds.automated import AutomatedBackup
from aws_rehearsal.rds.programs import ProgramFailed
from aws_rehearsal.rds.records import Instance
from aws_rehearsal.rds.snapshots import Snapshots


class Backups(Snapshots):
    """Operations on automated backups, and what the others do to them."""

    def start_backups(self, instance: Instance) -> None:
        """The first capture of a new instance, which opens its window; nothing when backups are off."""
        if instance.backup_retention_period:
            instance.status = "backing-up"
            backup = AutomatedBackup(
                arn=f"arn:aws:rds:{self.region_name}:{self.account_id}:auto-backup:ab-{instance.dbi_resource_id[3:].lower()}",
                resource_id=instance.dbi_resource_id,
                identifier=instance.db_instance_identifier,
                retention=timedelta(days=instance.backup_retention_period),
                journal=instance.server.journal,
                settings=instance.kept(),
                described=instance.described(),
            )
            instance.automated = self.automated_backups[backup.arn] = backup
            self._back_up(instance, backup)

    def adjust_backups(self, instance: Instance, before: int) -> None:
        """After a modification: a new retention; none at all deletes the automated backups, as on AWS."""
        days = instance.backup_retention_period
        if days and not before:
            self.start_backups(instance)
        elif before and not days:
            self.end_backups(instance, keep=False)
        elif instance.automated:
            instance.automated.retention = timedelta(days=days)
            instance.automated.settings = instance.kept()
            instance.automated.described = instance.described()

    def pause_backups(self, instance: Instance) -> None:
        if instance.automated:
            instance.automated.until = self.plane.cloud.clock.now()

    def resume_backups(self, instance: Instance) -> None:
        if instance.automated:
            instance.automated.until = None

    def end_backups(self, instance: Instance, *, keep: bool) -> None:
        """Before an instance goes: keep its captures and log for the rest of their retention, or delete both."""
        backup, instance.automated = instance.automated, None
        if backup is None:
            return
        if keep:
            kept = self.plane.directory(self.region_name, "retained", backup.resource_id) / "log"
            backup.journal = instance.server.journal.copy_until(instance.server.position(), kept)
            backup.until = self.plane.cloud.clock.now()
            shutil.copytree(instance.server.logs, kept)
            self.retain(backup)
        else:
            self._forget(backup)

    def retain(self, backup: AutomatedBackup) -> None:
        """Nothing is added any more; what is there stays for the retention it was made with."""
        backup.status = "retained"
        self.plane.cloud.clock.call_after(backup.retention, functools.partial(self._forget, backup), leap=False)

    def delete_db_instance_automated_backup(self, **name: str) -> dict[str, Any]:
        """Only a retained one: an active one ends with its instance; a replicated one is retained once its replication ends."""
        found = self.describe_db_instance_automated_backups(**name)
        arn = found[0]["DBInstanceAutomatedBackupsArn"]
        backup = self.automated_backup(arn)
        if backup.status != "retained":
            raise RDSClientError("InvalidDBInstanceAutomatedBackupState", f"{arn} is {backup.status}, not retained")
        self._forget(backup)
        return {**backup.describe(), "Status": "deleting"}

    def describe_db_instance_automated_backups(
        self,
        db_instance_identifier: str | None = None,
        dbi_resource_id: str | None = None,
        db_instance_automated_backups_arn: str | None = None,
        **_: Any,
    ) -> list[dict[str, Any]]:
        wanted = {
            "identifier": db_instance_identifier,
            "resource_id": dbi_resource_id,
            "arn": db_instance_automated_backups_arn,
        }
        asked = {name: value for name, value in wanted.items() if value is not None}
        found = [
            backup
            for backup in list(self.automated_backups.values())
            if all(getattr(backup, name) == value for name, value in asked.items())
        ]
        if not found and (dbi_resource_id or db_instance_automated_backups_arn):
            raise not_found(str(asked))
        return [backup.describe() for backup in found]

    def automated_backup(self, arn: str) -> AutomatedBackup:
        if arn not in self.automated_backups:
            raise not_found(arn)
        return self.automated_backups[arn]

    def _back_up(self, instance: Instance, backup: AutomatedBackup) -> None:
        """One automated snapshot now, and the next one when the backup window opens tomorrow."""
        if instance.automated is not backup or self.automated_backups.get(backup.arn) is not backup:
            return
        now = self.plane.cloud.clock.now()
        if instance.server.running:
            try:
                snapshot = self.snapshot(instance, f"rds:{backup.identifier}-{now:%Y-%m-%d-%H-%M}", "automated")
            except ProgramFailed:
                if instance.server.running:
                    raise
                return  # the region was lost, or the instance deleted, under the backup's feet
            snapshot.finish()
            backup.captures.append(snapshot.capture)
            for capture in backup.expired():
                self._drop(capture.directory.name)
        opens = _next_opening(now, instance.preferred_backup_window)
        self.plane.cloud.clock.call_at(opens, functools.partial(self._back_up, instance, backup), leap=False)

    def _forget(self, backup: AutomatedBackup) -> None:
        if self.automated_backups.pop(backup.arn, None):
            for capture in backup.captures:
                self._drop(capture.directory.name)
            backup.captures.clear()
            if backup.status == "retained":
                shutil.rmtree(backup.journal.logs.parent, ignore_errors=True)

    def _drop(self, folder: str) -> None:
        """Delete the automated snapshot whose files lie in `folder`."""
        for identifier, snapshot in list(self.database_snapshots.items()):
            if snapshot.snapshot_type == "automated" and snapshot.capture.directory.name == folder:
                del self.database_snapshots[identifier]
                snapshot.capture.delete()


def _next_opening(now: datetime, window: str) -> datetime:
    """The next time that `hh:mm-hh:mm` opens."""
    hour, minute = window.split("-", maxsplit=1)[0].split(":")
    opens = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return opens if opens > now else opens + timedelta(days=1)


def not_found(what: str) -> RDSClientError:
    return RDSClientError("DBInstanceAutomatedBackupNotFound", f"there is no automated backup {what}")
