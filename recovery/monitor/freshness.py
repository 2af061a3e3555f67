"""How old is the newest data that each store could be brought back from, by each way that this region has? Live reads only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fnmatch import fnmatchcase

from recovery.monitor.snapshot import Look, Number
from recovery.recovery_points import Keys, NoUsableRecoveryPoint, choose
from recovery.status import sources
from recovery.status.facts import Live, Missing, Window
from strategy.catalogue import metrics
from strategy.contracts.monitor import MonitoredStore

FIRST_REPLICA = timedelta(days=1)
"""After a region was set up, until its replicas must follow: they are deployed last."""


def ages(look: Look) -> Iterator[Number]:
    """`AgeMinutes` by store and kind. Where there is nothing, it is as old as the store, or as what the region was set up for."""
    for store in look.wanted.stores:
        for kind in store.ages:
            age, because = _READERS[kind](look, store)
            yield look.number(metrics.AGE, age, because, Store=store.name, Kind=kind)


def _points(look: Look, store: MonitoredStore) -> tuple[float, str]:
    """Of the newest usable one, chosen as a restore chooses it."""
    listed = [each.point for each in look.of(store)]
    try:
        found = choose(
            listed,
            kind=store.kind,
            store=store.name,
            vault=look.wanted.vault,
            keys=Keys(look.client("kms")),
            now=look.now,
        )
    except NoUsableRecoveryPoint as none:
        return _never(look, store), str(none)
    return look.minutes_since(found.point.created), ""


def _history(look: Look, store: MonitoredStore) -> tuple[float, str]:
    if store.kind == "mysql":
        return _window(look, store, sources.mysql_window(look.client("rds"), store.arn))
    return _window(look, store, sources.table_window(look.client("dynamodb"), store.physical))


def _replicated(look: Look, store: MonitoredStore) -> tuple[float, str]:
    """The automated backups that RDS replicates to here."""
    rds = look.client("rds")
    pages = rds.get_paginator("describe_db_instance_automated_backups").paginate()
    arns = {str(each.get("DBInstanceArn", "")) for page in pages for each in page["DBInstanceAutomatedBackups"]}
    arn = next((each for each in sorted(arns) if fnmatchcase(each, store.arn)), None)
    fact = sources.mysql_window(rds, arn) if arn else Missing("there are no replicated backups")
    if isinstance(fact, Missing):
        age = look.minutes_since(look.since + FIRST_REPLICA)
        return age, fact.why if age else ""
    return look.minutes_since(fact.latest), ""


def _replica(look: Look, store: MonitoredStore) -> tuple[float, str]:
    """0 while it follows: how far behind it is, RDS says itself (`ReplicaLag`), and DynamoDB nowhere."""
    if store.kind == "mysql":
        fact = sources.read_replica(look.client("rds"), store.replica)
    else:
        fact = sources.replica_table(look.client("dynamodb"), store.replica)
    if isinstance(fact, Live) and fact.ready:
        return 0, ""
    age = look.minutes_since(look.since + FIRST_REPLICA)
    return age, (fact.state if isinstance(fact, Live) else fact.why) if age else ""


def _window(look: Look, store: MonitoredStore, fact: Window | Missing) -> tuple[float, str]:
    if isinstance(fact, Missing):
        return _never(look, store), fact.why
    return look.minutes_since(fact.latest), ""


def _never(look: Look, store: MonitoredStore) -> float:
    """Nothing there: as old as the store itself where it stands here, and at most as old as the region."""
    made = look.made.get(store.name) if look.wanted.primary else None
    return look.minutes_since(max(made, look.since) if made else look.since)


_READERS = {
    metrics.POINT_IN_TIME: _history,
    metrics.RECOVERY_POINTS: _points,
    metrics.COPIES: _points,
    metrics.REPLICATED_BACKUPS: _replicated,
    metrics.REPLICA: _replica,
}
