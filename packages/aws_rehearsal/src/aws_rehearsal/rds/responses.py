"""RDS operations that moto's front door does not have, and the one check that only the caller's words allow."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import RDSClientError
from moto.rds.responses import RDSResponse

from aws_rehearsal.gateway import OF_AWS
from aws_rehearsal.rds.backend import refused
from aws_rehearsal.rds.snapshots import MANAGED, type_of


class Response(RDSResponse):
    def delete_db_instance(self) -> Any:
        if not self.params.get("SkipFinalSnapshot") and not self.params.get("FinalDBSnapshotIdentifier"):
            raise refused("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
        return super().delete_db_instance()

    def delete_db_snapshot(self) -> Any:
        """Only manual snapshots are deleted by RDS; AWS Backup alone deletes its own (API_DeleteRecoveryPoint)."""
        name = self.params["DBSnapshotIdentifier"]
        of_aws = OF_AWS in self.headers.get("User-Agent", "")
        if name in self.backend.database_snapshots and type_of(name) == MANAGED and not of_aws:
            raise RDSClientError("InvalidDBSnapshotState", f"{name} is managed by AWS Backup: delete its recovery point instead.")
        return super().delete_db_snapshot()

    def describe_account_attributes(self) -> Any:
        used, most = len(self.backend.databases), self.backend.plane.cloud.database_quota
        return ActionResult({"AccountQuotas": [{"AccountQuotaName": "DBInstances", "Used": used, "Max": most}]})

    def delete_db_instance_automated_backup(self) -> Any:
        if len(self.params) != 1:
            raise refused("name the automated backup either by DbiResourceId or by DBInstanceAutomatedBackupsArn")
        return ActionResult({"DBInstanceAutomatedBackup": self.backend.delete_db_instance_automated_backup(**self.params)})

    def start_db_instance_automated_backups_replication(self) -> Any:
        backup = self.backend.start_db_instance_automated_backups_replication(**self.params)
        return ActionResult({"DBInstanceAutomatedBackup": backup})

    def stop_db_instance_automated_backups_replication(self) -> Any:
        backup = self.backend.stop_db_instance_automated_backups_replication(self.params["SourceDBInstanceArn"])
        return ActionResult({"DBInstanceAutomatedBackup": backup})
