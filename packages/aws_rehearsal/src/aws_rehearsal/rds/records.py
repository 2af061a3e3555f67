"""What RDS knows about an instance and a snapshot, on top of moto's records: the server, the files, honest states."""

from __future__ import annotations

import string
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from moto.moto_api._internal import mock_random
from moto.rds.models import DBInstance, DBSnapshot

from aws_rehearsal.rds.automated import AutomatedBackup
from aws_rehearsal.rds.capture import Capture
from aws_rehearsal.rds.mariadb import HOST, Server

_KEPT = (
    "engine",
    "engine_version",
    "db_instance_class",
    "allocated_storage",
    "storage_type",
    "iops",
    "storage_throughput",
    "license_model",
    "db_name",
    "character_set_name",
    "master_username",
    "storage_encrypted",
    "kms_key_id",
    "backup_retention_period",
    "preferred_backup_window",
    "preferred_maintenance_window",
)

_UNKNOWN_TO_MOTO = {
    "database_insights_mode": "database_insights_mode",
    "enable_performance_insights": "performance_insights_enabled",
    "performance_insights_kms_key_id": "performance_insights_kms_key_id",
    "performance_insights_retention_period": "performance_insights_retention_period",
}
"""Parameter → what DescribeDBInstances shows it as."""


class Following(Protocol):
    """A replica's way to its source."""

    source_arn: str

    def resume(self) -> None: ...

    def part(self) -> None: ...

    def end(self) -> None: ...

    def forget(self) -> None: ...

    @property
    def replicates(self) -> bool: ...

    def lag(self, now: datetime) -> float: ...


def resource_id() -> str:
    """A new DbiResourceId: an instance of the same name made later has another one."""
    return "db-" + "".join(mock_random.choices(string.ascii_uppercase + string.digits, k=26))


class Instance(DBInstance):
    """A DB instance with a server behind it. The endpoint appears when the instance has left `creating`."""

    def __init__(self, backend: Any, *, server: Server, dbi_resource_id: str, **settings: Any) -> None:
        super().__init__(backend, **settings)
        self.server = server
        self.dbi_resource_id = dbi_resource_id
        self.status = "creating"
        self.fault = 0
        """Counts the states that were brought about: what was on its way before one does not settle it."""
        self.turn = threading.RLock()
        """Held from one state to the next: a deletion may come while the base backup of a new instance is being taken."""
        self.automated: AutomatedBackup | None = None
        self.following: Following | None = None
        """Of a read replica."""
        self.pending_modified_values: dict[str, Any] = {}
        self.db_instance_automated_backups_replications: list[dict[str, str]] = []
        self.parameter_apply_status = "in-sync"
        self.network_type = settings.get("network_type", "IPV4")
        self.apply({name: value for name, value in settings.items() if name in _UNKNOWN_TO_MOTO})

    def apply(self, settings: Mapping[str, Any]) -> None:
        """Settings that moto neither keeps at creation nor shows under the name they are given by."""
        for name, value in settings.items():
            setattr(self, _UNKNOWN_TO_MOTO.get(name, name), value)

    @property
    def db_parameter_group_status_list(self) -> list[dict[str, str]]:
        """Moto writes the status into the group, which other instances have too."""
        names = (str(group.name) for group in self.db_parameter_groups())
        return [{"DBParameterGroupName": name, "ParameterApplyStatus": self.parameter_apply_status} for name in names]

    @property
    def address(self) -> str:
        return HOST

    @property
    def endpoint(self) -> dict[str, Any] | None:
        return None if self.status == "creating" else {"Address": HOST, "Port": self.server.port}

    @property
    def read_replica_source_db_instance_identifier(self) -> str | None:
        return self.following.source_arn if self.following else None

    @property
    def status_infos(self) -> list[dict[str, Any]]:
        if self.following is None:
            return []
        well = self.following.replicates
        return [{"StatusType": "read replication", "Normal": well, "Status": "replicating" if well else "error"}]

    @property
    def latest_restorable_time(self) -> datetime | None:
        window = self.automated.window if self.automated else None
        return window.latest if window else None

    def kept(self) -> dict[str, Any]:
        """The settings that a restore carries over. Everything else is AWS's default unless the restore asks for it."""
        settings = {name: getattr(self, name) for name in _KEPT}
        return {**settings, "master_user_password": self._master_user_password}

    def described(self) -> Mapping[str, Any]:
        """What an automated backup shows of its instance."""
        return {
            "DBInstanceArn": self.arn,
            "Region": self.region,
            "AllocatedStorage": self.allocated_storage,
            "Port": self.server.port,
            "AvailabilityZone": self.availability_zone,
            "InstanceCreateTime": self.instance_create_time,
            "MasterUsername": self.master_username,
            "Engine": self.engine,
            "EngineVersion": self.engine_version,
            "LicenseModel": self.license_model,
            "Encrypted": self.storage_encrypted,
            "StorageType": self.storage_type,
            "KmsKeyId": self.kms_key_id,
            "PreferredBackupWindow": self.preferred_backup_window,
            "IAMDatabaseAuthenticationEnabled": self.enable_iam_database_authentication,
        }


class Snapshot(DBSnapshot):
    """A DB snapshot with files behind it."""

    def __init__(self, backend: Any, instance: Instance, identifier: str, *, capture: Capture, **settings: Any) -> None:
        super().__init__(backend, instance, identifier, **settings)
        self.capture = capture
        self.status = "creating"
        self.percent_progress = 0
        self.availability_zone = instance.availability_zone
        self.license_model = instance.license_model
        self.storage_type = instance.storage_type
        self.source_region: str | None = None
        self.source_db_snapshot_identifier: str | None = None

    def finish(self) -> None:
        self.status = "available"
        self.percent_progress = 100
