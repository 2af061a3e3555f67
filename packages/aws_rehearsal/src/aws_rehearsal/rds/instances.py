"""DB instances: made, changed, stopped, deleted, each with a real server doing the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from moto.logs.models import logs_backends
from moto.rds.exceptions import DBInstanceAlreadyExists, RDSClientError

from aws_rehearsal import keys
from aws_rehearsal.rds import durations, states
from aws_rehearsal.rds.backend import refused, wrong_state
from aws_rehearsal.rds.backups import Backups
from aws_rehearsal.rds.mariadb import ADMIN
from aws_rehearsal.rds.records import Instance, resource_id

LONGEST_RETENTION_DAYS = 35
RECOVERABLE = "inaccessible-encryption-credentials-recoverable"
_RECOVERABLE_FOR = timedelta(days=7)
_WITHOUT_SERVER = frozenset({"deleting", "stopped", "stopping", RECOVERABLE, "inaccessible-encryption-credentials"})
_STOPPED_FOR = timedelta(days=7)
_FAILED = frozenset({"failed", "incompatible-network", "incompatible-restore"})
"""API_DeleteDBInstance, `SkipFinalSnapshot` and `DeleteAutomatedBackups`."""
_ONLY = {
    "incompatible-option-group": ("option_group_name", "another option group"),
    "storage-full": ("allocated_storage", "more storage"),
}
"""State → the one change that an instance in it takes: parameter, and in words."""
ENGINES = frozenset({"mysql", "mariadb"})
_PRIVILEGES = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES,"
    " CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW,"
    " CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER"
)
"""What RDS grants its master user: everything but SUPER, FILE and SHUTDOWN."""
_DEFERRED = frozenset({"db_instance_class", "multi_az", "engine_version", "allocated_storage", "iops", "storage_type"})
"""Changes that wait for the maintenance window unless ApplyImmediately is given."""


def checked_retention(days: int | None) -> None:
    """Refuses automated backups kept for more days than they can be restored from (API_CreateDBInstance: 0 to 35)."""
    if days is not None and not 0 <= int(days) <= LONGEST_RETENTION_DAYS:
        raise RDSClientError(
            "InvalidParameterValue",
            f"Invalid backup retention period: {days}. Must be a value from 0 to {LONGEST_RETENTION_DAYS}.",
        )


class Instances(Backups):
    """Operations on instances. A change waiting for the maintenance window stays pending: windows are not rehearsed."""

    def create_db_instance(self, db_kwargs: Mapping[str, Any]) -> Instance:
        settings = {name: value for name, value in db_kwargs.items() if value is not None}
        if settings.get("engine") not in ENGINES or settings.get("db_cluster_identifier"):
            raise refused(f"engine {settings.get('engine')!r} has no data plane in the embedded AWS, only {sorted(ENGINES)}")
        if settings.get("manage_master_user_password"):
            raise refused("ManageMasterUserPassword is not modelled: give MasterUserPassword")
        user, password = settings.get("master_username"), settings.get("master_user_password", "")
        if not user or user == ADMIN or len(password) < 8:
            raise RDSClientError(
                "InvalidParameterValue", f"a MasterUsername, not {ADMIN}, and a password of 8 or more are needed"
            )

        def fill(instance: Instance) -> None:
            self.plane.fill(instance.server.data)
            instance.server.start()
            instance.server.execute("CREATE USER %s@'%%' IDENTIFIED BY %s", user, password)
            instance.server.execute(f"GRANT {_PRIVILEGES} ON *.* TO %s@'%%' WITH GRANT OPTION", user)
            if instance.db_name:
                instance.server.execute(f"CREATE DATABASE `{instance.db_name.replace('`', '``')}`")

        return self.launch(settings, fill, durations.CREATE)

    def launch(self, settings: Mapping[str, Any], fill: Callable[[Instance], None], duration: timedelta) -> Instance:
        """A new instance whose server `fill` starts; `creating` for `duration`, backed up, then `available`."""
        identifier = settings["db_instance_identifier"]
        self._validate_db_identifier(identifier)
        if identifier in self.databases:
            raise DBInstanceAlreadyExists
        if len(self.databases) >= self.plane.cloud.database_quota:
            raise RDSClientError("InstanceQuotaExceeded", "DB Instance quota exceeded")
        checked_retention(settings.get("backup_retention_period"))
        if settings.get("storage_encrypted") and not settings.get("kms_key_id"):
            settings = {**settings, "kms_key_id": keys.make_managed(self.region_name, self.account_id, "rds")}
        self.check_key(settings.get("kms_key_id"))
        self.check_capacity(settings.get("db_instance_class", ""))
        new_id = resource_id()
        server = self.plane.server(self.region_name, new_id)
        try:
            instance = Instance(self, server=server, dbi_resource_id=new_id, **settings)
            self.databases[identifier] = instance
            fill(instance)
        except BaseException:
            self.databases.pop(identifier, None)
            self.plane.discard(self.region_name, server)
            raise
        instance.port = server.port
        _log(instance)
        instance.add_event("DB_INSTANCE_CREATE")
        self.later(duration, instance, lambda: self.start_backups(instance))
        return instance

    def modify_db_instance(self, db_instance_identifier: str, db_kwargs: Mapping[str, Any]) -> Instance:
        instance = self.instance(db_instance_identifier, "ModifyDBInstance")
        changes = {name: value for name, value in db_kwargs.items() if value is not None}
        if new := changes.get("new_db_instance_identifier"):
            raise refused(f"renaming to {new} is not modelled")
        checked_retention(changes.get("backup_retention_period"))
        if (only := _ONLY.get(instance.status)) and only[0] not in changes:
            raise wrong_state(f"Instance {db_instance_identifier} is {instance.status}: it takes {only[1]} only.")
        if changes.get("db_instance_class", instance.db_instance_class) != instance.db_instance_class:
            self.check_capacity(changes["db_instance_class"])
        before = instance.backup_retention_period
        if changes.pop("apply_immediately", False):
            changes = {**instance.pending_modified_values, **changes}
            instance.pending_modified_values = {}
        else:
            waiting = {name for name in _DEFERRED & changes.keys() if changes[name] != getattr(instance, name)}
            instance.pending_modified_values |= {name: changes.pop(name) for name in waiting}
        password = changes.get("master_user_password")
        group = changes.get("db_parameter_group_name")
        if group not in {None, instance.db_parameter_groups()[0].name}:
            instance.parameter_apply_status = "pending-reboot"
        super().modify_db_instance(db_instance_identifier, changes)
        instance.apply(changes)
        _log(instance)
        if instance.status in _ONLY and _ONLY[instance.status][0] in instance.pending_modified_values:
            return instance  # what would mend it waits for the window
        states.writable(instance)
        if password:
            instance.server.execute("ALTER USER %s@'%%' IDENTIFIED BY %s", instance.master_username, password)
        instance.status = "resetting-master-credentials" if password else "modifying"
        self.later(durations.MODIFY, instance, lambda: self.adjust_backups(instance, before))
        return instance

    def stop_db_instance(self, db_instance_identifier: str, db_snapshot_identifier: str | None = None) -> Instance:
        instance = self.instance(db_instance_identifier, "StopDBInstance")
        if db_snapshot_identifier:
            self.create_db_snapshot(db_instance_identifier, db_snapshot_identifier)
        instance.status = "stopping"
        self.pause_backups(instance)
        instance.server.stop()
        self.later(durations.STOP, instance, lambda: self.start_after_a_week(instance), to="stopped")
        return instance

    def start_after_a_week(self, instance: Instance) -> None:
        """RDS starts a stopped instance itself after seven days ("Stopping an Amazon RDS DB instance temporarily")."""
        fault = instance.fault = instance.fault + 1

        def start() -> None:
            with instance.turn:
                here = self.databases.get(instance.db_instance_identifier) is instance
                if here and (instance.status, instance.fault) == ("stopped", fault):
                    self._start(instance, "starting", durations.START)

        self.plane.cloud.clock.call_after(_STOPPED_FOR, start, leap=False)

    def start_db_instance(self, db_instance_identifier: str) -> Instance:
        instance = self.instance(db_instance_identifier, "StartDBInstance")
        self.check_key(instance.kms_key_id)
        self.check_capacity(instance.db_instance_class)
        self._start(instance, "starting", durations.START)
        return instance

    def key_lost(self, arn: str) -> None:
        """A key was disabled, or is to be deleted: what it encrypts goes on for a while, then stops.

        "Viewing Amazon RDS DB instance status": `inaccessible-encryption-credentials-recoverable` for seven days, in which
        StartDBInstance brings it back once the key is usable, then `inaccessible-encryption-credentials`, which does not end.
        A key that AWS manages cannot be disabled on AWS, so nothing stops for it.
        """
        for instance in list(self.databases.values()):
            key = keys.find(instance.kms_key_id, self.account_id, self.region_name)
            if key is not None and key.arn == arn and key.key_manager != "AWS":
                self.plane.cloud.clock.call_after(durations.KEY_MISSED, partial(self._without_key, instance), leap=False)

    def _without_key(self, instance: Instance) -> None:
        with instance.turn:
            gone = self.databases.get(instance.db_instance_identifier) is not instance
            if gone or instance.status in _WITHOUT_SERVER or not self._key_is_lost(instance):
                return
            instance.status = RECOVERABLE
            self.pause_backups(instance)
            instance.server.stop()
        self.plane.cloud.clock.call_after(_RECOVERABLE_FOR, partial(self._lost_for_good, instance), leap=False)

    def _lost_for_good(self, instance: Instance) -> None:
        with instance.turn:
            if instance.status == RECOVERABLE and self._key_is_lost(instance):
                instance.status = "inaccessible-encryption-credentials"

    def _key_is_lost(self, instance: Instance) -> bool:
        return keys.unusable(instance.kms_key_id, self.account_id, self.region_name) is not None

    def reboot_db_instance(self, db_instance_identifier: str) -> Instance:
        instance = self.instance(db_instance_identifier, "RebootDBInstance")
        self.check_key(instance.kms_key_id)
        instance.server.stop()
        instance.parameter_apply_status = "in-sync"
        self._start(instance, "rebooting", durations.REBOOT)
        return instance

    def delete_db_instance(
        self,
        db_instance_identifier: str,
        final_db_snapshot_identifier: str | None = None,
        *,
        skip_final_snapshot: bool | None = False,
        delete_automated_backups: bool | None = True,
    ) -> Instance:
        instance = self.instance(db_instance_identifier)
        with instance.turn:
            if instance.deletion_protection:
                raise RDSClientError(
                    "InvalidParameterCombination",
                    "Cannot delete protected DB Instance, please disable deletion protection and try again.",
                )
            if instance.status in {"delete-precheck", "deleting"}:
                raise wrong_state(f"Instance {db_instance_identifier} is already being deleted.")
            if instance.status in _FAILED and (not skip_final_snapshot or delete_automated_backups is False):
                raise wrong_state(
                    f"Instance {db_instance_identifier} is {instance.status}: it is deleted only with SkipFinalSnapshot and "
                    "DeleteAutomatedBackups."
                )
            if final_db_snapshot_identifier and not skip_final_snapshot:
                self.create_db_snapshot(db_instance_identifier, final_db_snapshot_identifier)
            instance.status = "deleting"
            if instance.following:
                instance.following.forget()
            self.end_backups(instance, keep=delete_automated_backups is False)
            self.plane.discard(self.region_name, instance.server)
            self.later(durations.DELETE, instance, lambda: self.databases.pop(db_instance_identifier, None))
        return instance

    def create_blue_green_deployment(self, **_: Any) -> None:
        raise refused("blue/green deployments are not modelled")

    def _start(self, instance: Instance, status: str, duration: timedelta) -> None:
        instance.status = status
        if not instance.server.running:
            instance.server.start()
        instance.port = instance.server.port
        if instance.following:
            instance.following.resume()
        self.resume_backups(instance)
        self.later(duration, instance)


def _log(instance: Instance) -> None:
    """RDS makes the log groups that it writes to, where nobody has. What would stand in them is not modelled."""
    logs: Any = logs_backends[instance.account_id][instance.region]
    for kind in instance.enabled_cloudwatch_logs_exports:
        logs.ensure_log_group(f"/aws/rds/instance/{instance.db_instance_identifier}/{kind}")
