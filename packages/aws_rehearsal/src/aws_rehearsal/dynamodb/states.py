"""Statuses of tables and of what belongs to one that are brought about, not come to: kept at the table itself.

A status has a number, by which what was to follow knows whether it still is that one: moto copies a table before a transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from moto.dynamodb.models import dynamodb_backends

from aws_rehearsal.dynamodb import encryption, policies, replicas
from aws_rehearsal.faults.states import ITEM_OPERATIONS, STATES, Ends

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

_HELD = "_held_states"
_MODEL = "com.amazonaws.dynamodb.v20120810#"
_LOST, _DENIED = "INACCESSIBLE_ENCRYPTION_CREDENTIALS", replicas.NOT_AUTHORIZED


class _Held(NamedTuple):
    status: str
    number: int


_NORMAL = {
    "table": "ACTIVE",
    "index": "ACTIVE",
    "replica": "ACTIVE",
    "encryption": "ENABLED",
    "stream": "ENABLED",
    "continuous-backups": "ENABLED",
}
"""What a thing is when nothing was brought about."""


class Place(NamedTuple):
    """What has the status: a kind of `STATES`, the table, and which index or replica of it."""

    kind: str
    region: str
    table: str
    member: str = ""


def put(cloud: Cloud, account: str, place: Place, status: str, lasts: timedelta | None = None) -> None:
    """It has that status now, and goes on from there as `STATES` says. Raises LookupError when there is no such thing."""
    table = find(account, place)
    state = STATES[place.kind][status]
    number = _next(table)
    _settle(account, place, table)
    settled = place.kind == "time-to-live" and state.ends is Ends.BY_CALL
    if settled:
        table.ttl["TimeToLiveStatus"] = status
    if settled or status == _NORMAL.get(place.kind):
        _held(table).pop((place.kind, place.member), None)
        return
    _held(table)[place.kind, place.member] = _Held(status, number)
    if place.kind == "table":
        _of_table(cloud, place, table, status)

    def go_on() -> None:
        there = dynamodb_backends[account][place.region].tables.get(place.table)
        if there is None or _held(there).get((place.kind, place.member)) != _Held(status, number):
            return
        if state.then:
            put(cloud, account, place, state.then)
        else:
            _remove(account, place, there)

    if state.lasts is not None:
        cloud.clock.call_after(lasts or state.lasts, go_on, leap=False)


def end(account: str, place: Place) -> None:
    """What was brought about is over: it has the status that it had before."""
    table = find(account, place)
    _settle(account, place, table)
    _held(table).pop((place.kind, place.member), None)


def find(account: str, place: Place) -> Any:
    table = dynamodb_backends[account][place.region].tables.get(place.table)
    if table is None:
        raise LookupError(f"there is no table {place.table} in {place.region}")
    group = replicas.of(table)
    members = {
        "index": [each.name for each in table.global_indexes],
        "replica": sorted(group.regions - {place.region}) if group else [],
    }
    if place.kind in members and place.member not in members[place.kind]:
        raise LookupError(f"{place.table} in {place.region} has no {place.kind} {place.member}")
    return table


def describe(table: Any, described: dict[str, Any]) -> None:
    """Write the statuses into what DescribeTable says."""
    for (kind, member), held in _held(table).items():
        if kind == "table":
            if held.status not in {_LOST, _DENIED, "ARCHIVED"}:  # those are told by what brings them about
                described["TableStatus"] = held.status
        elif kind == "index":
            _name(described.get("GlobalSecondaryIndexes", []), "IndexName", member)["IndexStatus"] = held.status
        elif kind == "replica":
            _name(described.get("Replicas", []), "RegionName", member)["ReplicaStatus"] = held.status
        elif kind == "encryption":
            described["SSEDescription"] = {**described.get("SSEDescription", {}), "Status": held.status}


def put_backup(cloud: Cloud, account: str, place: Place, status: str, lasts: timedelta | None = None) -> None:
    """The same of an on-demand backup, whose ARN is the place's `table`. Raises LookupError."""
    backups, arn = dynamodb_backends[account][place.region].backups, place.table
    if arn not in backups:
        raise LookupError(f"there is no backup {arn}")
    backup, state = backups[arn], STATES["table-backup"][status]
    backup.status = status

    def go_on() -> None:
        if dynamodb_backends[account][place.region].backups.get(arn) is not backup or backup.status != status:
            return
        if state.then:
            put_backup(cloud, account, place, state.then)
        else:
            del backups[arn]

    if state.lasts is not None:
        cloud.clock.call_after(lasts or state.lasts, go_on, leap=False)


def status(table: Any, kind: str) -> str | None:
    """What was brought about of that kind, which has no members."""
    held = _held(table).get((kind, ""))
    return held.status if held else None


def refusal(backend: Any, operation: str, request: Mapping[str, Any]) -> tuple[str, str] | None:
    """(error, why) of a request that a status refuses."""
    backup = backend.backups.get(request.get("BackupArn", ""))
    if backup is not None and (code := STATES["table-backup"][backup.status].refuses.get(operation)):
        return _MODEL + code, f"backup {backup.arn} is {backup.status}: {operation} is not taken"
    for name in sorted(_named(operation, request)):
        table = backend.tables.get(name)
        for (kind, member), held in _held(table).items() if table is not None else ():
            code = STATES[kind][held.status].refuses.get(operation)
            if code is None or not _meant(kind, member, held.status, operation, request):
                continue
            what = f"{kind} {member} of {name}" if member else f"{kind} of {name}"
            return _MODEL + code, f"{what} is {held.status}: {operation} is not taken"
    return None


def _meant(kind: str, member: str, status: str, operation: str, request: Mapping[str, Any]) -> bool:
    if kind == "index" and operation in ITEM_OPERATIONS:
        return request.get("IndexName") == member
    if kind == "table" and status == _DENIED:
        return bool(request.get("ReplicaUpdates"))
    return not (kind == "table" and status in {_LOST, "ARCHIVED"} and operation in ITEM_OPERATIONS)  # encryption tells


def _named(operation: str, request: Mapping[str, Any]) -> set[str]:
    return {table.rsplit("/", 1)[-1] for _, table in policies.used(operation, request)}


def _of_table(cloud: Cloud, place: Place, table: Any, status: str) -> None:
    if status == _LOST:
        encryption.lose(table, cloud.clock)
    elif status == "ARCHIVED":
        encryption.archive(table, cloud.clock)
    elif status == _DENIED:
        group = replicas.of(table)
        if group is None:
            raise LookupError(f"{place.table} in {place.region} is no replica: nothing denies its replication")
        group.deny(place.region)


def _settle(account: str, place: Place, table: Any) -> None:
    """Take back what the status before did."""
    held = _held(table).get((place.kind, place.member))
    if place.kind != "table" or held is None:
        return
    if held.status in {_LOST, "ARCHIVED"}:
        encryption.find_again(table)
    elif held.status == _DENIED and (group := replicas.of(table)):
        policy = dynamodb_backends[account][place.region].resource_policies.get(table.table_arn)
        group.judge(place.region, policy.policy_doc if policy else None)


def _remove(account: str, place: Place, table: Any) -> None:
    _held(table).pop((place.kind, place.member), None)
    if place.kind == "table":
        table.deletion_protection_enabled = False
        dynamodb_backends[account][place.region].delete_table(place.table)
    elif place.kind == "index":
        table.global_indexes = [each for each in table.global_indexes if each.name != place.member]
    elif place.kind == "replica" and (group := replicas.of(table)):
        group.part_from(place.member)


def _held(table: Any) -> dict[tuple[str, str], _Held]:
    held: dict[tuple[str, str], _Held] = table.__dict__.setdefault(_HELD, {})
    return held


def _next(table: Any) -> int:
    number: int = table.__dict__.get("_state_number", 0) + 1
    table.__dict__["_state_number"] = number
    return number


def _name(members: Iterable[dict[str, Any]], key: str, name: str) -> dict[str, Any]:
    return next((each for each in members if each.get(key) == name), {})
