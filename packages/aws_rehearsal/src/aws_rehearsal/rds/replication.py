"""Automated backups replicated to another region: asked for there, kept there, restored there without the source."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pymysql
from moto.moto_api._internal import mock_random
from moto.rds.exceptions import RDSClientError
from moto.rds.utils import split_arn

from aws_rehearsal.rds.automated import Replica
from aws_rehearsal.rds.backend import refused, wrong_state
from aws_rehearsal.rds.backups import not_found
from aws_rehearsal.rds.durations import LOG_UPLOAD
from aws_rehearsal.rds.read_replicas import ReadReplicas
from aws_rehearsal.rds.records import Instance


class Replication(ReadReplicas):
    """Operations of the destination region. Every upload of the source's log is copied five modelled minutes apart."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.replicas: dict[str, Replica] = {}
        """By the ARN of the source instance."""
        self.parted = False

    def start_db_instance_automated_backups_replication(
        self,
        source_db_instance_arn: str,
        backup_retention_period: int | None = None,
        kms_key_id: str | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        region, _account, _kind, name = split_arn(source_db_instance_arn)
        if region == self.region_name:
            raise refused(f"{source_db_instance_arn} is in this region: ask in the region that is to receive the replica")
        source: Instance = self.get_backend("rds", region=region).instance(name, "CreateDBInstanceReadReplica")
        if source.automated is None:
            raise wrong_state(f"{name} has no automated backups to replicate")
        if source_db_instance_arn in self.replicas:
            raise RDSClientError("InvalidDBInstanceAutomatedBackupState", f"{name} is replicated to {self.region_name} already")
        if source.storage_encrypted and not kms_key_id:
            raise refused("an encrypted instance is replicated only with a KmsKeyId of the receiving region")
        self.check_key(source.kms_key_id, kms_key_id)
        key = self._validate_kms_key(kms_key_id) if kms_key_id else None
        days = backup_retention_period or source.backup_retention_period
        arn = f"arn:aws:rds:{self.region_name}:{self.account_id}:auto-backup:ab-{mock_random.get_random_hex(26)}"
        mine = copy.copy(source.automated)
        mine.arn, mine.retention, mine.captures = arn, timedelta(days=days), []
        mine.settings = {**mine.settings, "kms_key_id": key}
        mine.described = {**mine.described, "KmsKeyId": key}
        directory = self.plane.directory(self.region_name, "replicated", arn.rsplit(":", 1)[-1])
        replica = Replica(source.automated, source.server, mine, directory)
        replica.refresh()
        mine.status = "replicating"
        self.replicas[source_db_instance_arn] = replica
        self.plane.cloud.regions_parted.append(self._part)
        self.automated_backups[arn] = mine
        source.db_instance_automated_backups_replications.append({"DBInstanceAutomatedBackupsArn": arn})
        self._schedule(source_db_instance_arn, source, replica)
        return mine.describe()

    def stop_db_instance_automated_backups_replication(self, source_db_instance_arn: str) -> dict[str, Any]:
        """Nothing more is copied; what was copied is retained, and can be restored, for its own retention."""
        replica = self.replicas.get(source_db_instance_arn)
        if replica is None:
            raise not_found(f"replicated from {source_db_instance_arn}")
        self._end(source_db_instance_arn, replica)
        return replica.copy.describe()

    def _part(self) -> None:
        self.parted = True

    def _end(self, source_arn: str, replica: Replica) -> None:
        del self.replicas[source_arn]
        self.retain(replica.copy)

    def _schedule(self, source_arn: str, source: Instance, replica: Replica) -> None:
        def refresh() -> None:
            if self.replicas.get(source_arn) is not replica:
                return
            if source.automated is not replica.source:  # deleted, or its backups switched off
                self._end(source_arn, replica)
                return
            try:
                if source.server.running and not self.parted:  # a stopped or lost one writes nothing
                    replica.refresh()
            except (OSError, pymysql.Error):
                if source.server.running:
                    raise
            self._schedule(source_arn, source, replica)

        self.plane.cloud.clock.call_after(LOG_UPLOAD, refresh, leap=False)
