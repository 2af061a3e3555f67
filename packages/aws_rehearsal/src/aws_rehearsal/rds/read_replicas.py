"""Read replicas: a server of its own region that follows another one's binary log, late by as much as it is late, until promoted.

It begins as a physical backup of its source and goes on by MariaDB's own replication, asynchronous as RDS's: what the source had
not sent when its region was lost is lost. How far behind it is, in virtual time, is published as the metric `ReplicaLag`, each
time the log is uploaded rather than each minute; -1 while it does not replicate, as on RDS.
"""

from __future__ import annotations

import functools
import secrets
import shutil
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pymysql
from moto.rds.exceptions import RDSClientError
from moto.rds.utils import split_arn

from aws_rehearsal.gateway import OF_AWS
from aws_rehearsal.rds import durations
from aws_rehearsal.rds.backend import refused, wrong_state
from aws_rehearsal.rds.capture import capture
from aws_rehearsal.rds.journal import Position
from aws_rehearsal.rds.mariadb import HOST, Server
from aws_rehearsal.rds.records import Instance
from aws_rehearsal.rds.restores import Restores

USER = "rdsrepladmin"
"""The user that replication signs in with, as on RDS."""
UNKNOWN = -1.0
DRAIN_SECONDS = 600
_OWN = frozenset({"source_db_instance_identifier", "source_region", "pre_signed_url", "port"})


class Replicating:
    """The way of one replica, known to its source by `name`, to that source, which may be killed at any time."""

    def __init__(self, source: Instance, replica: Server, name: str) -> None:
        self.source_arn = str(source.arn)
        self._source, self._known, self._name = source.server, source.replicas, name
        self._replica = replica

    def begin(self, directory: Path) -> None:
        """Fill the replica's server with what the source has now, and start both it and the replication."""
        password = secrets.token_urlsafe(24)
        self._source.execute(f"CREATE OR REPLACE USER {USER}@'{HOST}' IDENTIFIED BY %s", password)
        self._source.execute(f"GRANT REPLICATION SLAVE ON *.* TO {USER}@'{HOST}'")
        taken = capture(self._source, directory)
        taken.restore(self._replica.data)
        self._replica.start()
        self._replica.execute(
            f"CHANGE MASTER TO MASTER_HOST='{HOST}', MASTER_PORT={self._source.port}, MASTER_USER='{USER}',"
            f" MASTER_PASSWORD=%s, MASTER_LOG_FILE='binlog.{taken.position.number:06d}',"
            f" MASTER_LOG_POS={taken.position.offset}, MASTER_CONNECT_RETRY=1",
            password,
        )
        self.resume()
        self._known.append(self._name)

    def resume(self) -> None:
        """After the replica's server was started, which forgets that it may not be written to."""
        self._replica.execute("SET GLOBAL read_only=1")
        self._replica.execute("START SLAVE")

    def part(self) -> None:
        """What the source has by now arrives; then the way is broken."""
        if not self.replicates:
            return
        end = self._source.position()
        deadline = time.perf_counter() + DRAIN_SECONDS
        while self._applied() < end:
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{self._name} does not catch up with {self.source_arn}")
            time.sleep(0.01)
        self._replica.execute("STOP SLAVE")

    def end(self) -> None:
        """Keeps what has arrived, and takes writes from now on."""
        self._replica.execute("STOP SLAVE")
        self._replica.execute("RESET SLAVE ALL")
        self._replica.execute("SET GLOBAL read_only=0")
        self.forget()

    def forget(self) -> None:
        """At the source, if that is still there."""
        if self._name in self._known:
            self._known.remove(self._name)

    @property
    def replicates(self) -> bool:
        state = self._state()
        return state is not None and (state["Slave_IO_Running"], state["Slave_SQL_Running"]) == ("Yes", "Yes")

    def lag(self, now: datetime) -> float:
        """Seconds of virtual time between what the replica holds and what its source does; UNKNOWN without replication."""
        state = self._state()
        if not self.replicates or state is None:
            return UNKNOWN
        try:
            end = self._source.position()
        except (OSError, pymysql.Error):
            return UNKNOWN
        applied = self._applied()
        if applied >= end:
            return 0.0
        journal = self._source.journal
        behind = [moment for position, moment in zip(journal.positions, journal.moments, strict=False) if position > applied]
        return max(0.0, (now - behind[0]).total_seconds()) if behind else 0.0

    def _applied(self) -> Position:
        """Of the source's log."""
        state = self._state() or {}
        return Position.of(state.get("Relay_Master_Log_File", ".0"), int(state.get("Exec_Master_Log_Pos", 0)))

    def _state(self) -> Mapping[str, Any] | None:
        if not self._replica.running:
            return None
        found = self._replica.named("SHOW SLAVE STATUS")
        return found[0] if found else None


class ReadReplicas(Restores):
    """Operations of the region that holds the replica."""

    def create_db_instance_read_replica(self, db_kwargs: Mapping[str, Any]) -> Instance:
        given = {name: value for name, value in db_kwargs.items() if value is not None}
        named = str(given["source_db_instance_identifier"])
        region = split_arn(named)[0] if named.startswith("arn:") else self.region_name
        source: Instance = self.get_backend("rds", region=region).instance(named, "CreateDBInstanceReadReplica")
        if not source.backup_retention_period:
            raise wrong_state(f"{named} has no automated backups: RDS replicates only an instance that has")
        if region != self.region_name and source.storage_encrypted and not given.get("kms_key_id"):
            raise refused("an encrypted instance is replicated to another region only with a KmsKeyId of that region")
        kept = {**source.kept(), "backup_retention_period": 0, "preferred_backup_window": source.preferred_backup_window}
        settings = {**kept, **{name: value for name, value in given.items() if name not in _OWN}}

        def fill(instance: Instance) -> None:
            name = str(instance.arn if region != self.region_name else instance.db_instance_identifier)
            instance.following = Replicating(source, instance.server, name)
            directory = self.plane.directory(self.region_name, "replicas") / instance.dbi_resource_id
            try:
                instance.following.begin(directory)
            finally:
                shutil.rmtree(directory, ignore_errors=True)

        replica = self.launch(settings, fill, durations.REPLICA)
        self.plane.cloud.regions_parted.append(functools.partial(_part, replica))
        self._publish(replica)
        return replica

    def promote_read_replica(self, db_kwargs: Mapping[str, Any]) -> Instance:
        given = {name: value for name, value in db_kwargs.items() if value is not None}
        instance = self.instance(given["db_instance_identifier"], "PromoteReadReplica")
        if instance.following is None:
            raise RDSClientError("InvalidDBInstanceState", f"{instance.db_instance_identifier} is not a read replica.")
        before = instance.backup_retention_period
        instance.following.end()
        instance.following = None
        for name in ("backup_retention_period", "preferred_backup_window"):
            if name in given:
                setattr(instance, name, given[name])
        instance.status = "modifying"
        start = not before or instance.automated is None
        self.later(durations.PROMOTE, instance, lambda: self.start_backups(instance) if start else None)
        return instance

    def _publish(self, replica: Instance) -> None:
        """Its lag now, and again at the next upload of the log, until it is promoted or gone."""

        def measure() -> None:
            following = replica.following
            if following is None or self.databases.get(replica.db_instance_identifier) is not replica:
                return
            now = self.plane.cloud.clock.now()
            self.plane.cloud.client("cloudwatch", self.region_name, mark=OF_AWS).put_metric_data(
                Namespace="AWS/RDS",
                MetricData=[
                    {
                        "MetricName": "ReplicaLag",
                        "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": replica.db_instance_identifier}],
                        "Value": following.lag(now),
                        "Unit": "Seconds",
                        "Timestamp": now,
                    }
                ],
            )
            self._publish(replica)

        self.plane.cloud.clock.call_after(durations.LOG_UPLOAD, measure, leap=False)


def _part(replica: Instance) -> None:
    if replica.following is not None:
        replica.following.part()
