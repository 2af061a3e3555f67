"""DB snapshots: a physical capture at the moment of the call, a physical copy per region."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from moto.rds.exceptions import (
    DBSnapshotAlreadyExistsError,
    DBSnapshotNotFoundFault,
    RDSClientError,
)
from moto.rds.utils import split_arn

from aws_rehearsal.rds import durations
from aws_rehearsal.rds.backend import RealBackend
from aws_rehearsal.rds.capture import capture
from aws_rehearsal.rds.records import Instance, Snapshot

MANAGED = "awsbackup"
"""The type of a snapshot that AWS Backup made."""
_AWS_BACKUP = re.compile(r"^awsbackup:(job|copyjob)-[a-z0-9-]+$")


class Snapshots(RealBackend):
    """Operations on snapshots. The embedded AWS Backup manages its own (`awsbackup:…`) through this same API."""

    def validate_db_snapshot_identifier(self, db_snapshot_identifier: str, parameter_name: str) -> None:
        if not _AWS_BACKUP.match(db_snapshot_identifier):
            super().validate_db_snapshot_identifier(db_snapshot_identifier, parameter_name)

    def create_db_snapshot(
        self,
        db_instance_identifier: str,
        db_snapshot_identifier: str,
        *,
        tags: list[dict[str, str]] | None = None,
    ) -> Snapshot:
        instance = self.instance(db_instance_identifier, "CreateDBSnapshot")
        self.check_key(instance.kms_key_id)
        snapshot = self.snapshot(instance, db_snapshot_identifier, type_of(db_snapshot_identifier), tags=tags)
        self.plane.cloud.clock.call_after(durations.SNAPSHOT, snapshot.finish)
        return snapshot

    def snapshot(self, instance: Instance, identifier: str, kind: str, **settings: Any) -> Snapshot:
        """Capture the instance's files now, whatever its state."""
        if identifier in self.database_snapshots:
            raise DBSnapshotAlreadyExistsError(identifier)
        files = capture(instance.server, self._files(identifier))
        snapshot = Snapshot(self, instance, identifier, capture=files, snapshot_type=kind, **settings)
        self.database_snapshots[identifier] = snapshot
        return snapshot

    def copy_db_snapshot(
        self,
        source_db_snapshot_identifier: str,
        target_db_snapshot_identifier: str,
        kms_key_id: str | None = None,
        tags: list[dict[str, str]] | None = None,
        *,
        copy_tags: bool | None = False,
        **_: Any,
    ) -> Snapshot:
        if target_db_snapshot_identifier in self.database_snapshots:
            raise DBSnapshotAlreadyExistsError(target_db_snapshot_identifier)
        source: Snapshot = self.get_db_snapshot(source_db_snapshot_identifier)
        if source.status != "available":
            raise RDSClientError("InvalidDBSnapshotState", f"{source.db_snapshot_identifier} is {source.status}, not available")
        if source.encrypted and source.region != self.region_name and not kms_key_id:
            raise RDSClientError(
                "InvalidParameterCombination", "an encrypted snapshot leaves its region only with a KmsKeyId of the new one"
            )
        self.check_key(source.kms_key_id, kms_key_id)
        target = Snapshot(
            self,
            source.database,
            target_db_snapshot_identifier,
            capture=source.capture.copy(self._files(target_db_snapshot_identifier)),
            snapshot_type=type_of(target_db_snapshot_identifier),
            tags=tags or (source.tags if copy_tags else None),
            kms_key_id=self._validate_kms_key(kms_key_id) if kms_key_id else source.kms_key_id,
            original_created_at=source.original_snapshot_create_time,
        )
        target.source_region = source.region
        target.source_db_snapshot_identifier = source.arn
        self.database_snapshots[target_db_snapshot_identifier] = target
        self.plane.cloud.clock.call_after(durations.COPY, target.finish)
        return target

    def delete_db_snapshot(self, db_snapshot_identifier: str) -> Snapshot:
        snapshot: Snapshot | None = self.database_snapshots.get(db_snapshot_identifier)
        if snapshot is None:
            raise DBSnapshotNotFoundFault(db_snapshot_identifier)
        if snapshot.snapshot_type == "automated" or snapshot.status != "available":
            state = f"{db_snapshot_identifier} is {snapshot.snapshot_type} and {snapshot.status}"
            raise RDSClientError("InvalidDBSnapshotState", f"{state}: only an available manual snapshot can be deleted")
        del self.database_snapshots[db_snapshot_identifier]
        snapshot.capture.delete()
        snapshot.status = "deleted"
        return snapshot

    def describe_db_snapshots(
        self,
        db_instance_identifier: str | None,
        db_snapshot_identifier: str | None = None,
        snapshot_type: str | None = None,
        filters: dict[str, Any] | None = None,
    ) -> list[Snapshot]:
        """By name or ARN one sees AWS Backup's snapshots too; a plain list shows them only when asked for by type."""
        if db_snapshot_identifier and db_snapshot_identifier.startswith("arn:"):
            db_snapshot_identifier = split_arn(db_snapshot_identifier)[-1]
        if db_snapshot_identifier and _AWS_BACKUP.match(db_snapshot_identifier):
            snapshot_type = snapshot_type or MANAGED
        found = super().describe_db_snapshots(db_instance_identifier, db_snapshot_identifier, snapshot_type, filters)
        plain = snapshot_type is None and not filters
        return [each for each in found if not plain or each.snapshot_type != MANAGED]

    def _files(self, identifier: str) -> Path:
        return self.plane.directory(self.region_name, "snapshots") / identifier.replace(":", "_")


def type_of(identifier: str) -> str:
    return MANAGED if _AWS_BACKUP.match(identifier) else "manual"
