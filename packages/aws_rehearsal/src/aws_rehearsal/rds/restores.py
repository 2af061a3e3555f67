"""Restores: always a new instance, from a snapshot's files, or from a capture and the log after it up to a moment.

What AWS loses is lost here: security groups, subnet group, parameter and option group, Multi-AZ, deletion protection, IAM
authentication, monitoring, log exports and public access are the defaults unless the restore asks. Tags come from the
source instance only at a snapshot restore without tags of its own, while that instance is still in the region.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.rds.exceptions import InvalidParameterCombination, InvalidParameterValue, RDSClientError

from aws_rehearsal.rds import durations
from aws_rehearsal.rds.automated import AutomatedBackup
from aws_rehearsal.rds.capture import replay
from aws_rehearsal.rds.instances import Instances
from aws_rehearsal.rds.records import Instance, Snapshot

_ABOUT_THE_SOURCE = frozenset(
    {
        "db_snapshot_identifier",
        "port",  # a real server takes the port that is free; the endpoint tells which
        "restore_time",
        "source_db_instance_automated_backups_arn",
        "source_db_instance_identifier",
        "source_dbi_resource_id",
        "target_db_instance_identifier",
        "use_latest_restorable_time",
    }
)


class Restores(Instances):
    """The two restore operations."""

    def restore_db_instance_from_db_snapshot(self, from_snapshot_id: str, overrides: Mapping[str, Any]) -> Instance:
        snapshot: Snapshot = self.describe_db_snapshots(None, from_snapshot_id)[0]
        if snapshot.status != "available":
            raise RDSClientError(
                "InvalidDBSnapshotState", f"{snapshot.db_snapshot_identifier} is {snapshot.status}, not available"
            )
        self.check_key(snapshot.kms_key_id)
        kept = {**snapshot.database.kept(), "kms_key_id": snapshot.kms_key_id, "storage_encrypted": snapshot.storage_encrypted}
        settings = _settings(kept, overrides, overrides["db_instance_identifier"])
        source = self.databases.get(snapshot.db_instance_identifier)
        if source is not None and source.dbi_resource_id == snapshot.dbi_resource_id:
            settings.setdefault("tags", source.tags)

        def fill(instance: Instance) -> None:
            snapshot.capture.restore(instance.server.data)
            instance.server.start()

        return self.launch(settings, fill, durations.RESTORE)

    def restore_db_instance_to_point_in_time(
        self,
        source_db_identifier: str | None,
        target_db_identifier: str,
        overrides: Mapping[str, Any],
    ) -> Instance:
        backup = self._source(source_db_identifier, overrides)
        moment = _moment(backup, overrides)
        settings = _settings(backup.settings, overrides, target_db_identifier)

        def fill(instance: Instance) -> None:
            capture, end = backup.base(moment)
            capture.restore(instance.server.data)
            instance.server.start()
            replay(backup.journal.logs, capture.position, end, instance.server)

        return self.launch(settings, fill, durations.POINT_IN_TIME)

    def _source(self, identifier: str | None, overrides: Mapping[str, Any]) -> AutomatedBackup:
        """The automated backup named in one of the three ways AWS knows."""
        arn = overrides.get("source_db_instance_automated_backups_arn")
        resource_id = overrides.get("source_dbi_resource_id")
        if sum(each is not None for each in (identifier, arn, resource_id)) != 1:
            raise InvalidParameterCombination("name exactly one source: an instance, a resource id or an automated backup")
        if arn:
            return self.automated_backup(arn)
        if resource_id:
            found = self.describe_db_instance_automated_backups(dbi_resource_id=resource_id)[0]
            return self.automated_backup(found["DBInstanceAutomatedBackupsArn"])
        source = self.instance(str(identifier))
        if source.automated is None:
            raise RDSClientError("PointInTimeRestoreNotEnabled", f"{identifier} has no automated backups to restore from")
        return source.automated


def _moment(backup: AutomatedBackup, overrides: Mapping[str, Any]) -> datetime:
    """The moment asked for, inside the window."""
    asked, latest = overrides.get("restore_time"), overrides.get("use_latest_restorable_time")
    if bool(asked) == bool(latest):
        raise InvalidParameterCombination("give either RestoreTime or UseLatestRestorableTime")
    window = backup.window
    if window is None:
        raise RDSClientError("InvalidRestoreFault", f"{backup.identifier} has no restorable time yet")
    if not asked:
        return window.latest
    moment: datetime = asked if asked.tzinfo else asked.replace(tzinfo=UTC)
    if moment not in window:
        at = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        raise RDSClientError("InvalidRestoreFault", f"{backup.identifier} cannot be restored to {at}: restorable is {window}")
    return moment


def _settings(kept: Mapping[str, Any], overrides: Mapping[str, Any], identifier: str) -> dict[str, Any]:
    """What the source keeps, what was asked for, and nothing else."""
    asked = {name: value for name, value in overrides.items() if value is not None and name not in _ABOUT_THE_SOURCE}
    if asked.get("allocated_storage", kept["allocated_storage"]) < kept["allocated_storage"]:
        raise InvalidParameterValue("The allocated storage size can't be less than the source snapshot or backup size.")
    return {**kept, **asked, "db_instance_identifier": identifier}
