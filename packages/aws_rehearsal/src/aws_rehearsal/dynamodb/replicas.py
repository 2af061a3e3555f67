"""Global tables: one table in several regions, each written to in its own, and copied to the others a moment later.

Asynchronous, and the last writer of an item wins, as with AWS's eventual consistency. A write that had not been copied when its
region was lost is lost; a replica goes on without the others. While a replica's policy denies AWS's own role what it needs
(`rights`), nothing is copied to or from it; after `CONVERTED_AFTER` it is a table of its own. Not modelled: streams of what was
copied, and how long AWS takes to make a replica.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import dynamodb_backends

from aws_rehearsal.dynamodb import point_in_time, rights, time_to_live, visibility

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

LAG = timedelta(seconds=1)
"""Until a write has left for the other regions; AWS says typically within a second. What had, outlives the loss of its region."""
DELIVERED = timedelta(minutes=1)
"""How often what has arrived can be seen there. Not each second: a clock that walks an hour would stop at every one of them."""
CONVERTED_AFTER = timedelta(hours=20)
"""How long a replica may be REPLICATION_NOT_AUTHORIZED; then it is a table of one region for good (globaltables-security)."""
NOT_AUTHORIZED = "REPLICATION_NOT_AUTHORIZED"
VERSION = "2019.11.21"


@dataclass(frozen=True)
class _Write:
    """An item as it was left; None after it was deleted."""

    moment: datetime
    region: str
    key: tuple[Any, Any]
    item: Any
    only: str = ""
    """The region that it still has to reach; every other one, if empty."""


class GlobalTable:
    """The regions of one table. Each region's table carries it, as `replication`."""

    def __init__(self, cloud: Cloud, account: str, name: str, region: str) -> None:
        self._cloud, self._account, self._name = cloud, account, name
        self._lock = threading.RLock()
        self._pending: list[_Write] = []
        self._newest: dict[tuple[Any, Any], datetime] = {}
        self._due = False
        self.regions = {region}
        self.denied: dict[str, datetime] = {}
        """Regions whose policy denies replication, since when."""
        self._held: list[_Write] = []
        self._parted = False
        cloud.region_lost.append(self.leave)
        cloud.regions_parted.append(self._part)

    def __deepcopy__(self, memo: dict[int, Any]) -> GlobalTable:
        """For moto, which copies a table before a transaction: the copy is in the same regions."""
        return self

    def join(self, source: Any, region: str, wanted: Mapping[str, Any]) -> None:
        """A table of the same name in another region, with the items that there are."""
        backend = dynamodb_backends[self._account][region]
        if self._name in backend.tables or region in self.regions:
            raise MockValidationException(f"there is a table {self._name} in {region} already")
        with self._lock:
            table = copy.deepcopy(source)  # keys, indexes, capacity, time to live and items are those of its source
            table.region_name, table.table_arn = region, source.table_arn.replace(f":{source.region_name}:", f":{region}:")
            table.created_at, table.tags, table.journal = self._cloud.clock.now(), [], None
            table.deletion_protection_enabled = False
            visibility.known(table)  # a replica takes minutes to make
            if source.sse_specification:
                key = wanted.get("KMSMasterKeyId") or table._get_default_encryption_key(self._account, region)  # noqa: SLF001
                table.sse_specification = {**source.sse_specification, "KMSMasterKeyId": key}
            source.replication = table.replication = self
            backend.tables[self._name] = table
            self.regions.add(region)
            time_to_live.joined(self._cloud, table)

    def leave(self, region: str) -> None:
        """The region is lost, or its table deleted: what it had not sent never arrives."""
        with self._lock:
            self._deliver(self._cloud.clock.now() - LAG, without=region)
            self.regions.discard(region)
            self.denied.pop(region, None)
            self._pending = [each for each in self._pending if each.region != region]
            self._held = [each for each in self._held if region not in {each.region, each.only}]

    def judge(self, region: str, document: str | None) -> None:
        """A replica's policy is this now; None: it has none. What was held back is copied once replication may go on."""
        with self._lock:
            if region not in self.regions:
                return
            table = dynamodb_backends[self._account][region].tables[self._name]
            if document is not None and rights.refused(document, table.table_arn):
                self.deny(region)
            elif self.denied.pop(region, None) is not None:
                self._pending, self._held = [*self._held, *self._pending], []
                self._plan()

    def deny(self, region: str) -> None:
        """Nothing is copied to or from the region until it is judged otherwise; for too long, and it is alone."""
        with self._lock:
            if region not in self.denied:
                since = self.denied[region] = self._cloud.clock.now()
                self._cloud.clock.call_at(since + CONVERTED_AFTER, lambda: self._convert(region, since), leap=False)

    def part_from(self, region: str) -> None:
        """The replica is out of the group, and a table of its own."""
        with self._lock:
            self.leave(region)
            dynamodb_backends[self._account][region].tables[self._name].__dict__["replication"] = None

    def _convert(self, region: str, since: datetime) -> None:
        with self._lock:
            if self.denied.get(region) == since:
                self.part_from(region)

    def written(self, table: Any, key: tuple[Any, Any]) -> None:
        """An item was written in a region: it will be in the others."""
        with self._lock:
            if self._parted or len(self.regions) < 2 or table.region_name not in self.regions:
                return
            now = self._cloud.clock.now()
            self._newest[key] = now
            self._pending.append(_Write(now, table.region_name, key, copy.deepcopy(table.get_item(*key))))
            self._plan()

    def _plan(self) -> None:
        """One appointment for all that is on its way; the clock does not leap for it."""
        if self._pending and not self._due:
            self._due = True
            self._cloud.clock.call_after(DELIVERED, self._copy, leap=False)

    def _part(self) -> None:
        with self._lock:
            self._deliver(self._cloud.clock.now())
            self._parted = True

    def _copy(self) -> None:
        with self._lock:
            self._due = False
            self._deliver(self._cloud.clock.now() - LAG)
            self._plan()

    def _deliver(self, old: datetime, *, without: str = "") -> None:
        """What was written by then, to every region but one that is gone."""
        with self._lock:
            arrived = [each for each in self._pending if each.moment <= old]
            self._pending = [each for each in self._pending if each.moment > old]
            for write in arrived:
                if self._newest[write.key] == write.moment:  # else there is a later one, from wherever
                    for region in ({write.only} if write.only else self.regions) - {write.region, without}:
                        if self.denied.keys() & {write.region, region}:
                            self._held.append(replace(write, only=region))
                        else:
                            self._put(dynamodb_backends[self._account][region].tables[self._name], write)

    @staticmethod
    def _put(table: Any, write: _Write) -> None:
        hash_key, range_key = write.key
        if write.item is None and range_key is None:
            table.items.pop(hash_key, None)
        elif write.item is None:
            table.items[hash_key].pop(range_key, None)
        elif range_key is None:
            table.items[hash_key] = copy.deepcopy(write.item)
        else:
            table.items[hash_key][range_key] = copy.deepcopy(write.item)
        journal = point_in_time.journal_of(table)
        if journal is not None:
            journal.record(table, hash_key, range_key)


def of(table: Any) -> GlobalTable | None:
    """None: a table of one region."""
    found: GlobalTable | None = getattr(table, "replication", None)
    return found


def note(table: Any, item: Any) -> None:
    replication = of(table)
    if replication is not None:
        replication.written(table, (item.hash_key, item.range_key))


def update(cloud: Cloud, backend: Any, name: str, updates: list[dict[str, Any]]) -> None:
    """UpdateTable's ReplicaUpdates. AWS takes one at a time, and a new replica only of a table with a stream."""
    if len(updates) != 1:
        raise MockValidationException("ReplicaUpdates: one replica can be changed at a time")
    (change,), table = updates, backend.get_table(name)
    known = of(table)
    policy = backend.resource_policies.get(table.table_arn)
    if (known is not None and known.denied) or (policy is not None and rights.refused(policy.policy_doc, table.table_arn)):
        raise MockValidationException(f"Replicas cannot be added or deleted: the resource-based policy denies {rights.NAME}")
    if wanted := change.get("Create"):
        stream = table.stream_specification or {}
        if not stream.get("StreamEnabled") or stream.get("StreamViewType") != "NEW_AND_OLD_IMAGES":
            raise MockValidationException("a table is replicated only with a stream of NEW_AND_OLD_IMAGES")
        group = of(table) or GlobalTable(cloud, backend.account_id, name, backend.region_name)
        group.join(table, wanted["RegionName"], wanted)
        return
    if gone := change.get("Delete"):
        region = gone["RegionName"]
        if known is None or region not in known.regions:
            raise MockValidationException(f"{name} has no replica in {region}")
        dynamodb_backends[backend.account_id][region].delete_table(name)
        return
    raise MockValidationException("ReplicaUpdates: the embedded AWS knows Create and Delete")


def describe(table: Any) -> dict[str, Any]:
    """What DescribeTable says besides: the other regions."""
    group = of(table)
    if group is None:
        return {}
    others = [
        {"RegionName": each, "ReplicaStatus": NOT_AUTHORIZED if each in group.denied else "ACTIVE"}
        for each in sorted(group.regions - {table.region_name})
    ]
    own = {"TableStatus": NOT_AUTHORIZED} if table.region_name in group.denied else {}
    return {"GlobalTableVersion": VERSION, **own, **({"Replicas": others} if others else {})}
