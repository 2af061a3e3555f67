"""One look of the monitor: what it was asked, the moment, and answers of AWS that several readings need, each asked for once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from recovery.recovery_points import RecoveryPoint, as_point
from strategy.contracts.monitor import MonitoredStore, MonitorRequest

Client = Callable[[str], Any]
"""A client of this region by the service's name."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Number:
    """A metric of the monitor's table, and its dimensions besides the region; `because` is for the log where it is no good."""

    name: str
    value: float
    dimensions: tuple[tuple[str, str], ...] = ()
    because: str = ""


Reading = Callable[["Look"], Iterator[Number]]
"""Raises whatever AWS answers: the look then counts as not checked."""


@dataclass(frozen=True, slots=True)
class Held:
    """A recovery point as its vault lists it."""

    point: RecoveryPoint
    resource: str
    bytes: int


class Look:
    """Raises what boto3 raises, each time it is asked again: a reading that needs it cannot be made."""

    def __init__(self, wanted: MonitorRequest, client: Client, now: datetime) -> None:
        self.wanted, self.client, self.now = wanted, client, now
        self._held: dict[str, tuple[Held, ...]] = {}

    @cached_property
    def vaults(self) -> Mapping[str, Mapping[str, Any]]:
        """Both vaults of the region, as AWS describes them."""
        backup = self.client("backup")
        return {name: backup.describe_backup_vault(BackupVaultName=name) for name in self.wanted.vaults}

    @cached_property
    def since(self) -> datetime:
        """When this region was set up: its vault was made then, and is never made again."""
        return utc(self.vaults[self.wanted.vault]["CreationDate"])

    @property
    def held(self) -> tuple[Held, ...]:
        """What the vault of the region's role holds."""
        return self.held_in(self.wanted.vault)

    def held_in(self, vault: str) -> tuple[Held, ...]:
        if vault not in self._held:
            pages = self.client("backup").get_paginator("list_recovery_points_by_backup_vault").paginate(BackupVaultName=vault)
            self._held[vault] = tuple(
                Held(as_point(each), str(each["ResourceArn"]), int(each.get("BackupSizeInBytes") or 0))
                for page in pages
                for each in page["RecoveryPoints"]
            )
        return self._held[vault]

    def of(self, store: MonitoredStore) -> tuple[Held, ...]:
        """Of one store, newest first."""
        mine = (each for each in self.held if fnmatchcase(each.resource, store.arn))
        return tuple(sorted(mine, key=lambda each: each.point.created, reverse=True))

    @cached_property
    def made(self) -> Mapping[str, datetime]:
        """When each store of this region was made, by its name; one that is not there is left out."""
        found = {}
        for store in self.wanted.stores:
            live = self.live[store.name]
            moment = live.get("InstanceCreateTime") or live.get("CreationDateTime")
            if moment is not None:
                found[store.name] = utc(moment)
        return found

    @cached_property
    def live(self) -> Mapping[str, Mapping[str, Any]]:
        """Each store of this region as AWS describes it, by its name; empty for one that is not there."""
        return {store.name: self._live(store) for store in self.wanted.stores}

    def _live(self, store: MonitoredStore) -> Mapping[str, Any]:
        if store.kind == "mysql":
            rds = self.client("rds")
            try:
                found = rds.describe_db_instances(DBInstanceIdentifier=store.physical)["DBInstances"]
            except rds.exceptions.DBInstanceNotFoundFault:
                return {}
            return dict(found[0])
        dynamodb = self.client("dynamodb")
        try:
            return dict(dynamodb.describe_table(TableName=store.physical)["Table"])
        except dynamodb.exceptions.ResourceNotFoundException:
            return {}

    def number(self, name: str, value: float, because: str = "", **dimensions: str) -> Number:
        return Number(name, round(value, 2), tuple(dimensions.items()), because)

    def minutes_since(self, moment: datetime) -> float:
        """Whole minutes, not below 0: what DynamoDB can restore is five minutes old by design, and asking takes seconds."""
        return max(self.now - moment, timedelta()) // MINUTE


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
