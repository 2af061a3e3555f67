"""Point-in-time recovery that honours its time.

Stock moto copies today's items whatever time is asked for, and reports success. Here a restore gives the newest state at or
before RestoreDateTime, into a new table that takes its modelled time to become ACTIVE and, as on AWS, comes back without
point-in-time recovery, TTL, streams, tags and deletion protection.

Not modelled: restore into another region.
"""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.exceptions import (
    MockValidationException,
    PointInTimeRecoveryUnavailable,
    ResourceNotFoundException,
    TableAlreadyExistsException,
    TableNotFoundException,
)
from moto.dynamodb.models.table import (
    Backup,
    GlobalSecondaryIndex,
    LocalSecondaryIndex,
    RestoredPITTable,
)

from aws_rehearsal.dynamodb.items import Items
from aws_rehearsal.dynamodb.journal import Journal

if TYPE_CHECKING:
    from aws_rehearsal.clock import Clock

DEFAULT_PERIOD_DAYS = 35
RESTORE_DURATION = timedelta(minutes=20)
"""Modelled: AWS needs at least twenty minutes, whatever the size of the table."""
SYSTEM_BACKUP_KEPT = timedelta(days=35)
"""How long AWS keeps the last state of a table that was deleted with point-in-time recovery on."""


class RestoringTable(RestoredPITTable):
    """A table made by a point-in-time restore. Until it is `ready` it is CREATING, and its items cannot be reached."""

    def __init__(self, name: str, source: Any, items: list[Any], moment: datetime, overrides: dict[str, Any]) -> None:
        empty = copy.copy(source)
        empty.items = Items()  # the parent class copies the source's items of today
        super().__init__(name, account_id=source.account_id, region=source.region_name, source=empty)
        self.billing_mode = overrides.get("BillingModeOverride", source.billing_mode)
        self.sse_specification = overrides.get("SSESpecificationOverride", copy.deepcopy(source.sse_specification))
        self.throughput: Any = overrides.get("ProvisionedThroughputOverride", copy.deepcopy(source.throughput))
        self.indexes: Any = _chosen(
            copy.deepcopy(source.indexes), overrides.get("LocalSecondaryIndexOverride"), LocalSecondaryIndex, self
        )
        self.global_indexes: Any = _chosen(
            copy.deepcopy(source.global_indexes), overrides.get("GlobalSecondaryIndexOverride"), GlobalSecondaryIndex, self
        )
        self.restore_date_time = moment
        self._ready_at = datetime.now(UTC) + RESTORE_DURATION
        for item in items:
            if item.range_key is None:
                self.items[item.hash_key] = item
            else:
                self.items[item.hash_key][item.range_key] = item

    @property
    def ready(self) -> bool:
        return datetime.now(UTC) >= self._ready_at

    def describe(self, base_key: str = "TableDescription") -> dict[str, Any]:
        described: dict[str, Any] = super().describe(base_key=base_key)
        if not self.ready:
            described[base_key] |= {"TableStatus": "CREATING", "ItemCount": 0}
            described[base_key]["RestoreSummary"]["RestoreInProgress"] = True
        return described

    def _refuse_until_ready(self) -> None:
        if not self.ready:
            raise ResourceNotFoundException

    def put_item(self, *args: Any, **kwargs: Any) -> Any:
        self._refuse_until_ready()
        return super().put_item(*args, **kwargs)

    def get_item(self, *args: Any, **kwargs: Any) -> Any:
        self._refuse_until_ready()
        return super().get_item(*args, **kwargs)

    def query(self, *args: Any, **kwargs: Any) -> Any:
        self._refuse_until_ready()
        return super().query(*args, **kwargs)

    def scan(self, *args: Any, **kwargs: Any) -> Any:
        self._refuse_until_ready()
        return super().scan(*args, **kwargs)


def _chosen(indexes: list[Any], override: list[dict[str, Any]] | None, kind: Any, table: Any) -> list[Any]:
    """The source's indexes, or of those the ones an override names; an empty override leaves all of them out."""
    if override is None:
        return indexes
    known = {index.name for index in indexes}
    for index in override:
        if index["IndexName"] not in known:
            raise MockValidationException(f"the source table has no index {index['IndexName']}")
    return [kind.create(index, table.table_key_attrs) for index in override]


def journal_of(table: Any) -> Journal | None:
    """The table's journal, when point-in-time recovery is on."""
    journal: Journal | None = getattr(table, "journal", None)
    return journal


def note(table: Any, item: Any) -> None:
    """Note a write of `item` in the table's journal, if it keeps one."""
    journal = journal_of(table)
    if journal is not None:
        journal.record(table, item.hash_key, item.range_key)


def switch(table: Any, *, enabled: bool, days: int | None) -> None:
    """Turn recovery on or off, or change its period. Raises a validation error outside 1 to 35 days."""
    if days is not None and not 1 <= days <= DEFAULT_PERIOD_DAYS:
        raise MockValidationException(f"RecoveryPeriodInDays must be between 1 and {DEFAULT_PERIOD_DAYS}, got {days}")
    journal = journal_of(table)
    if not enabled:
        table.journal = None
    elif journal is None:
        table.journal = Journal(table, timedelta(days=days or DEFAULT_PERIOD_DAYS))
    elif days is not None:
        journal.period = timedelta(days=days)


def describe(table: Any) -> dict[str, Any]:
    """ContinuousBackupsDescription of a table."""
    recovery: dict[str, Any] = {"PointInTimeRecoveryStatus": "DISABLED"}
    journal = journal_of(table)
    if journal is not None:
        earliest, latest = journal.window()
        recovery = {
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": journal.period.days,
            "EarliestRestorableDateTime": earliest,
            "LatestRestorableDateTime": latest,
        }
    return {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery}


def restore(backend: Any, request: dict[str, Any], clock: Clock) -> Any:
    """RestoreTableToPointInTime; returns the new table."""
    source = _source(backend, request)
    journal = journal_of(source)
    if journal is None:
        raise PointInTimeRecoveryUnavailable(source.name)
    moment = _moment(journal, request)
    name = request["TargetTableName"]
    if name in backend.tables:
        raise TableAlreadyExistsException(name)
    table = RestoringTable(name, source, list(journal.items_at(moment)), moment, request)
    backend.tables[name] = table
    clock.call_after(RESTORE_DURATION, lambda: None)  # a moment the clock may leap to; the table itself reads the time
    return table


def keep_deleted(backend: Any, table: Any, clock: Clock) -> None:
    """AWS keeps the last state of a deleted table that had recovery on, as a system backup, for 35 days."""
    if journal_of(table) is None:
        return
    backup = Backup(backend.account_id, backend.region_name, f"{table.name}$DeletedTableBackup", table, type_="SYSTEM")
    backend.backups[backup.arn] = backup
    clock.call_after(SYSTEM_BACKUP_KEPT, lambda: backend.backups.pop(backup.arn, None), leap=False)


def _source(backend: Any, request: dict[str, Any]) -> Any:
    name = request.get("SourceTableName") or request.get("SourceTableArn")
    if not name:
        raise MockValidationException("SourceTableName or SourceTableArn is required")
    try:
        return backend.get_table(name)
    except ResourceNotFoundException as error:
        raise TableNotFoundException(name) from error


def _moment(journal: Journal, request: dict[str, Any]) -> datetime:
    """The moment asked for. Raises InvalidRestoreTimeException, naming the window, when it lies outside."""
    earliest, latest = journal.window()
    asked = request.get("RestoreDateTime")
    if bool(request.get("UseLatestRestorableTime")) == bool(asked):
        raise MockValidationException("Exactly one of UseLatestRestorableTime and RestoreDateTime is required")
    if asked is None:
        return latest
    moment: datetime = asked.replace(tzinfo=UTC) if asked.tzinfo is None else asked.astimezone(UTC)
    if not earliest <= moment <= latest:
        raise JsonRESTError(
            "com.amazonaws.dynamodb.v20120810#InvalidRestoreTimeException",
            f"{moment.isoformat()} is outside the restorable window {earliest.isoformat()} to {latest.isoformat()}",
        )
    return moment
