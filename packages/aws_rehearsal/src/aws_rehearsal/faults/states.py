"""Every status that AWS documents of instances, tables, backups and their jobs: what is refused meanwhile, and how it ends.

Sources. Instances: "Viewing Amazon RDS DB instance status" (RDS User Guide), and what the operations of its API Reference say of
the state that they need. Tables: the enumerations of DynamoDB's API Reference, and DeleteTable, UpdateTable, CreateTable. AWS
Backup: the enumerations of its API Reference, and DescribeRecoveryPoint. Durations are modelled where AWS gives none. What is
marked *modelled* below, AWS does not document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum


class Ends(Enum):
    """How a status ends. `Faults.end` ends each of them, as if its cause were gone."""

    STAYS = "it is what the thing is when nothing happens"
    ITSELF = "after a time"
    BY_CALL = "by a call of the API"
    BY_CAUSE = "when what caused it is mended outside of this API"
    NEVER = "the thing can only be deleted"


@dataclass(frozen=True, slots=True)
class State:
    """One status. `then`: what follows; "" after `ITSELF` or `NEVER`: the thing is gone. `by`: the operation that ends it.

    `refuses`: operation → error code. `serves`: whether clients get in: to the server of an instance, to the items of a table.
    """

    ends: Ends
    lasts: timedelta | None = None
    then: str = ""
    by: str = ""
    refuses: Mapping[str, str] = field(default_factory=dict)
    serves: bool = True


_MINUTES, _HOUR, _WEEK = timedelta(minutes=10), timedelta(hours=1), timedelta(days=7)
_UNTIL_LEFT = timedelta(hours=20)
"""How long a replica may be out of reach before DynamoDB takes it out of its group (API_ReplicaDescription)."""

# ---------------------------------------------------------------------- instances
_WRONG = "InvalidDBInstanceState"
GATED = (
    "CreateDBInstanceReadReplica",
    "CreateDBSnapshot",
    "ModifyDBInstance",
    "PromoteReadReplica",
    "RebootDBInstance",
    "StartDBInstance",
    "StopDBInstance",
)
"""What needs an instance in a certain state."""
_RUNNING = frozenset(GATED) - {"StartDBInstance"}


def _instance(ends: Ends, *, takes: frozenset[str] = frozenset(), serves: bool = True, **more: object) -> State:
    refused = {operation: _WRONG for operation in GATED if operation not in takes}
    return State(ends, refuses=refused, serves=serves, **more)  # type: ignore[arg-type]


def _passing(*, serves: bool = True, then: str = "available", lasts: timedelta = _MINUTES) -> State:
    return _instance(Ends.ITSELF, serves=serves, then=then, lasts=lasts)


def _only_deleted(*, serves: bool = False) -> State:
    return _instance(Ends.NEVER, serves=serves)


INSTANCE: Mapping[str, State] = {
    "available": _instance(Ends.STAYS, takes=_RUNNING),
    "backing-up": _passing(),
    "configuring-enhanced-monitoring": _passing(),
    "configuring-iam-database-auth": _passing(),
    "configuring-log-exports": _passing(),
    "converting-to-vpc": _passing(),
    "creating": _passing(serves=False),
    "delete-precheck": _passing(then="deleting"),
    "deleting": _passing(serves=False, then=""),
    "failed": _only_deleted(),
    "inaccessible-encryption-credentials": _only_deleted(),
    "inaccessible-encryption-credentials-recoverable": _instance(
        Ends.BY_CALL,
        takes=frozenset({"StartDBInstance"}),
        by="StartDBInstance",
        serves=False,
        lasts=_WEEK,
        then="inaccessible-encryption-credentials",
    ),
    "incompatible-create": _only_deleted(),
    "incompatible-network": _instance(Ends.BY_CAUSE),
    "incompatible-option-group": _instance(  # that the group is what it takes is modelled
        Ends.BY_CALL, takes=frozenset({"ModifyDBInstance"}), by="ModifyDBInstance"
    ),
    # "You can only reboot or delete" it: AWS knowledge center, on incompatible parameters.
    "incompatible-parameters": _instance(
        Ends.BY_CALL, takes=frozenset({"RebootDBInstance"}), by="RebootDBInstance", serves=False
    ),
    "incompatible-restore": _only_deleted(),
    "insufficient-capacity": _only_deleted(),
    "maintenance": _passing(),
    "modifying": _passing(),
    "moving-to-vpc": _passing(),
    "rebooting": _passing(serves=False),
    "renaming": _passing(),
    "resetting-master-credentials": _passing(),
    "restore-error": _only_deleted(),
    "starting": _passing(serves=False),
    # RDS starts it itself after seven days (USER_StopInstance).
    "stopped": _instance(
        Ends.BY_CALL,
        takes=frozenset({"StartDBInstance"}),
        by="StartDBInstance",
        serves=False,
        lasts=_WEEK,
        then="starting",
    ),
    "stopping": _passing(serves=False, then="stopped"),
    "storage-config-upgrade": _passing(),
    "storage-full": _instance(Ends.BY_CALL, takes=frozenset({"ModifyDBInstance"}), by="ModifyDBInstance"),
    "storage-initialization": _instance(Ends.ITSELF, takes=_RUNNING, lasts=timedelta(hours=6), then="available"),
    "storage-optimization": _instance(Ends.ITSELF, takes=_RUNNING, lasts=timedelta(hours=24), then="available"),
    "upgrade-failed": _only_deleted(),
    "upgrading": _passing(serves=False),
}
"""In `storage-full` an instance is read and not written, and takes more storage and nothing else."""

_SNAPSHOT_WRONG = "InvalidDBSnapshotState"
_OF_SNAPSHOTS = dict.fromkeys(("CopyDBSnapshot", "DeleteDBSnapshot", "RestoreDBInstanceFromDBSnapshot"), _SNAPSHOT_WRONG)
SNAPSHOT: Mapping[str, State] = {
    "available": State(Ends.STAYS),
    "creating": State(Ends.ITSELF, _MINUTES, "available", refuses=_OF_SNAPSHOTS),
    "deleting": State(Ends.ITSELF, _MINUTES, refuses=_OF_SNAPSHOTS),
    "failed": State(Ends.BY_CAUSE, refuses=_OF_SNAPSHOTS),
}
"""Of DB snapshots: what botocore's waiters for them name."""

# ---------------------------------------------------------------------- tables
_IN_USE, _NOT_FOUND = "ResourceInUseException", "ResourceNotFoundException"
ITEM_OPERATIONS = (
    "BatchExecuteStatement",
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "ExecuteStatement",
    "ExecuteTransaction",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
)
_CHANGES = dict.fromkeys(("DeleteTable", "UpdateTable", "UpdateTimeToLive"), _IN_USE)
_BACKUPS = {"CreateBackup": "TableInUseException"}


def _items(code: str) -> dict[str, str]:
    return dict.fromkeys(ITEM_OPERATIONS, code)


TABLE: Mapping[str, State] = {
    "ACTIVE": State(Ends.STAYS),
    "CREATING": State(Ends.ITSELF, _MINUTES, "ACTIVE", refuses=_CHANGES | _BACKUPS | _items(_NOT_FOUND), serves=False),
    "UPDATING": State(Ends.ITSELF, _MINUTES, "ACTIVE", refuses=_CHANGES),
    "DELETING": State(
        Ends.ITSELF, _MINUTES, refuses={"UpdateTable": _IN_USE, "UpdateTimeToLive": _IN_USE} | _BACKUPS
    ),  # DeleteTable is no error, and items may go on being read and written
    "INACCESSIBLE_ENCRYPTION_CREDENTIALS": State(
        Ends.BY_CAUSE, _WEEK, "ARCHIVING", refuses=_items("AccessDeniedException"), serves=False
    ),
    "ARCHIVING": State(Ends.ITSELF, _HOUR, "ARCHIVED", refuses=_CHANGES | _BACKUPS | _items(_IN_USE), serves=False),
    "ARCHIVED": State(
        Ends.NEVER,
        refuses={"UpdateTable": _IN_USE, "UpdateTimeToLive": _IN_USE} | _BACKUPS | _items(_IN_USE),
        serves=False,
    ),
    "REPLICATION_NOT_AUTHORIZED": State(Ends.BY_CAUSE, _UNTIL_LEFT, "ACTIVE", refuses={"UpdateTable": "ValidationException"}),
}
"""REPLICATION_NOT_AUTHORIZED is of a replica only, refuses changes of replicas only, and after its time there is no group."""
_OF_INDEXES = {"UpdateTable": _IN_USE}
INDEX: Mapping[str, State] = {
    "ACTIVE": State(Ends.STAYS),
    "CREATING": State(
        Ends.ITSELF, _MINUTES, "ACTIVE", refuses=_OF_INDEXES | {"Query": "ValidationException", "Scan": "ValidationException"}
    ),
    "UPDATING": State(Ends.ITSELF, _MINUTES, "ACTIVE", refuses=_OF_INDEXES),
    "DELETING": State(
        Ends.ITSELF, _MINUTES, refuses=_OF_INDEXES | {"Query": "ValidationException", "Scan": "ValidationException"}
    ),
}
"""Query and Scan are refused by the index alone; the table goes on."""
REPLICA: Mapping[str, State] = {
    "ACTIVE": State(Ends.STAYS),
    "CREATING": State(Ends.ITSELF, _MINUTES, "ACTIVE", refuses=_OF_INDEXES),
    "CREATION_FAILED": State(Ends.BY_CAUSE),
    "UPDATING": State(Ends.ITSELF, _MINUTES, "ACTIVE", refuses=_OF_INDEXES),
    "DELETING": State(Ends.ITSELF, _MINUTES, refuses=_OF_INDEXES),
    "REGION_DISABLED": State(Ends.BY_CAUSE, _UNTIL_LEFT),
    "INACCESSIBLE_ENCRYPTION_CREDENTIALS": State(Ends.BY_CAUSE, _UNTIL_LEFT),
    "ARCHIVING": State(Ends.ITSELF, _HOUR, "ARCHIVED"),
    "ARCHIVED": State(Ends.BY_CAUSE),
    "REPLICATION_NOT_AUTHORIZED": State(Ends.BY_CAUSE, _UNTIL_LEFT),
}
"""As the other regions' tables list it; gone means out of the group, and its table stays."""
_BACKUP_IN_USE = {"DeleteBackup": "BackupInUseException", "RestoreTableFromBackup": "BackupInUseException"}
TABLE_BACKUP: Mapping[str, State] = {
    "AVAILABLE": State(Ends.STAYS),
    "CREATING": State(Ends.ITSELF, _MINUTES, "AVAILABLE", refuses=_BACKUP_IN_USE),
    "DELETED": State(Ends.ITSELF, _MINUTES, refuses=_BACKUP_IN_USE),
}
"""Of on-demand backups."""
_TTL_REFUSED = {"UpdateTimeToLive": "ValidationException"}
TIME_TO_LIVE: Mapping[str, State] = {
    "DISABLED": State(Ends.BY_CALL, by="UpdateTimeToLive"),
    "ENABLED": State(Ends.BY_CALL, by="UpdateTimeToLive"),
    "ENABLING": State(Ends.ITSELF, _HOUR, "ENABLED", refuses=_TTL_REFUSED),
    "DISABLING": State(Ends.ITSELF, _HOUR, "DISABLED", refuses=_TTL_REFUSED),
}
"""API_UpdateTimeToLive: a change takes up to an hour, and another one meanwhile is a ValidationException."""
ENCRYPTION: Mapping[str, State] = {
    "ENABLED": State(Ends.STAYS),
    "DISABLED": State(Ends.STAYS),
    "ENABLING": State(Ends.ITSELF, _MINUTES, "ENABLED", refuses=_OF_INDEXES),
    "DISABLING": State(Ends.ITSELF, _MINUTES, "DISABLED", refuses=_OF_INDEXES),
    "UPDATING": State(Ends.ITSELF, _MINUTES, "ENABLED", refuses=_OF_INDEXES),
}
STREAM: Mapping[str, State] = {
    "ENABLED": State(Ends.STAYS),
    "ENABLING": State(Ends.ITSELF, _MINUTES, "ENABLED"),
    "DISABLING": State(Ends.ITSELF, _MINUTES, "DISABLED"),
    "DISABLED": State(Ends.BY_CAUSE),
}
CONTINUOUS_BACKUPS: Mapping[str, State] = {
    "ENABLED": State(Ends.STAYS),
    "DISABLED": State(
        Ends.ITSELF, _MINUTES, "ENABLED", refuses={"UpdateContinuousBackups": "ContinuousBackupsUnavailableException"}
    ),
}
"""A table that was just made has none yet. Point-in-time recovery itself is switched by UpdateContinuousBackups."""

# ---------------------------------------------------------------------- AWS Backup
_INVALID = "InvalidRequestException"
_STOP = {"StopBackupJob": _INVALID}
BACKUP_JOB: Mapping[str, State] = {
    "CREATED": State(Ends.ITSELF, _HOUR, "RUNNING"),
    "PENDING": State(Ends.ITSELF, _HOUR, "RUNNING"),
    "RUNNING": State(Ends.ITSELF, _HOUR, "COMPLETED"),
    "ABORTING": State(Ends.ITSELF, _MINUTES, "ABORTED", refuses=_STOP),
    "ABORTED": State(Ends.STAYS, refuses=_STOP),
    "COMPLETED": State(Ends.STAYS, refuses=_STOP),
    "FAILED": State(Ends.STAYS, refuses=_STOP),
    "EXPIRED": State(Ends.STAYS, refuses=_STOP),
    "PARTIAL": State(Ends.STAYS, refuses=_STOP),
}
COPY_JOB: Mapping[str, State] = {
    "CREATED": State(Ends.ITSELF, _HOUR, "RUNNING"),
    "RUNNING": State(Ends.ITSELF, _HOUR, "COMPLETED"),
    "COMPLETED": State(Ends.STAYS),
    "FAILED": State(Ends.STAYS),
    "PARTIAL": State(Ends.STAYS),
}
RESTORE_JOB: Mapping[str, State] = {
    "PENDING": State(Ends.ITSELF, _HOUR, "RUNNING"),
    "RUNNING": State(Ends.ITSELF, _HOUR, "COMPLETED"),
    "COMPLETED": State(Ends.STAYS),
    "ABORTED": State(Ends.STAYS),
    "FAILED": State(Ends.STAYS),
}
_NO_SOURCE = dict.fromkeys(("StartCopyJob", "StartRestoreJob"), _INVALID)
RECOVERY_POINT: Mapping[str, State] = {
    "COMPLETED": State(Ends.STAYS),
    "AVAILABLE": State(Ends.STAYS),
    "PARTIAL": State(Ends.STAYS),
    "STOPPED": State(Ends.STAYS),
    "CREATING": State(
        Ends.ITSELF, _HOUR, "COMPLETED", refuses=_NO_SOURCE | {"DeleteRecoveryPoint": "InvalidResourceStateException"}
    ),
    "DELETING": State(Ends.ITSELF, _MINUTES, refuses=_NO_SOURCE | {"DeleteRecoveryPoint": "InvalidResourceStateException"}),
    "EXPIRED": State(Ends.BY_CALL, by="DeleteRecoveryPoint", refuses=_NO_SOURCE),
}
"""That an expired one is no source any more is modelled: its time is over, and AWS only failed to delete it."""
_OF_VAULTS = {"StartBackupJob": _INVALID}
VAULT: Mapping[str, State] = {
    "AVAILABLE": State(Ends.STAYS),
    "CREATING": State(Ends.ITSELF, _MINUTES, "AVAILABLE", refuses=_OF_VAULTS),
    "FAILED": State(Ends.BY_CALL, by="DeleteBackupVault", refuses=_OF_VAULTS),
}

STATES: Mapping[str, Mapping[str, State]] = {
    "instance": INSTANCE,
    "snapshot": SNAPSHOT,
    "table": TABLE,
    "index": INDEX,
    "replica": REPLICA,
    "table-backup": TABLE_BACKUP,
    "time-to-live": TIME_TO_LIVE,
    "encryption": ENCRYPTION,
    "stream": STREAM,
    "continuous-backups": CONTINUOUS_BACKUPS,
    "backup-job": BACKUP_JOB,
    "copy-job": COPY_JOB,
    "restore-job": RESTORE_JOB,
    "recovery-point": RECOVERY_POINT,
    "vault": VAULT,
}
"""By kind of thing, as `Faults.put` takes it."""
