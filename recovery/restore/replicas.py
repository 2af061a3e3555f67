"""Replicas of a lost region's stores in this region: how far one had come, or why it is no source. Reads only, here only.

How late a read replica was, is read from what RDS published while it still followed: its own word afterwards is only that it no
longer does. How far a table's replica had come nobody here can say before it is looked at: AWS's figure stands for it in the
plan, and the verification tells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from recovery.restore import target
from recovery.restore.plan import Place
from strategy import Strategy
from strategy.catalogue import names, store_states
from strategy.catalogue.store_arns import physical_name
from strategy.catalogue.store_states import Course
from strategy.model.stores import Scenario
from strategy.model.strategy import DynamoDbStore, MySqlStore

Client = Callable[[str], Any]
_LAG, _NAMESPACE = "ReplicaLag", "AWS/RDS"
_MOST_POINTS = 1_440
"""Of one GetMetricStatistics."""


class NoReplica(Exception):
    """The store has no replica here that can be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A replica, and the moment of the data that it is known or taken to have."""

    place: Place
    moment: datetime


def wanted(store: MySqlStore | DynamoDbStore) -> bool:
    """Whether the strategy gives the store one."""
    return store.read_replica if isinstance(store, MySqlStore) else store.replica


def not_before(store: MySqlStore | DynamoDbStore, incident: datetime) -> datetime:
    """A replica that came less far breaks the promise for a lost region."""
    return incident - store.objectives.of(Scenario.REGION_LOSS).rpo


def find(strategy: Strategy, region: str, store: MySqlStore | DynamoDbStore, client: Client, *, incident: datetime) -> Reached:
    """Raises NoReplica."""
    if isinstance(store, MySqlStore):
        return _read_replica(strategy, region, store, client, incident)
    name = physical_name(strategy, store)
    try:
        table = client("dynamodb").describe_table(TableName=name)["Table"]
    except client("dynamodb").exceptions.ResourceNotFoundException:
        raise NoReplica(f"there is no table {name} in {region}") from None
    if "GlobalTableVersion" not in table:
        raise NoReplica(f"table {name} in {region} is no replica: nothing ties it to the other region")
    if not store_states.table_serves(table["TableStatus"]):
        raise NoReplica(f"the replica {name} is {table['TableStatus']}")
    return Reached(Place(name, str(table["TableArn"])), _second(incident - strategy.durations.dynamodb.replica_lag.takes))


def _read_replica(strategy: Strategy, region: str, store: MySqlStore, client: Client, incident: datetime) -> Reached:
    name = names.read_replica(strategy.prefix, store.name)
    instance = target.describe(client("rds"), name)
    if instance is None:
        raise NoReplica(f"there is no read replica {name} in {region}")
    if not instance.get("ReadReplicaSourceDBInstanceIdentifier"):
        raise NoReplica(f"{name} replicates nothing: it was promoted before")
    if store_states.of("mysql", instance["DBInstanceStatus"]).course is not Course.OPERATIONAL:
        raise NoReplica(f"the read replica {name} is {instance['DBInstanceStatus']}")
    oldest = not_before(store, incident)
    reached = _followed(client("cloudwatch"), name, oldest, incident)
    if reached is None:
        raise NoReplica(f"the read replica {name} is not known to have replicated since {oldest.isoformat()}")
    if reached < oldest:
        raise NoReplica(f"the read replica {name} had only reached {reached.isoformat()}: more is lost than is promised")
    return Reached(Place(name, str(instance["DBInstanceArn"])), _second(reached))


def _followed(cloudwatch: Any, name: str, since: datetime, until: datetime) -> datetime | None:
    """The furthest moment that it is known to have had: when it was measured, less how late it was. Negative is not known."""
    minutes = max(1, -(-int((until - since) / timedelta(minutes=1)) // _MOST_POINTS))
    answer = cloudwatch.get_metric_statistics(
        Namespace=_NAMESPACE,
        MetricName=_LAG,
        Dimensions=[{"Name": "DBInstanceIdentifier", "Value": name}],
        StartTime=since,
        EndTime=until,
        Period=60 * minutes,
        Statistics=["Maximum", "Minimum"],
    )
    known = [each for each in answer["Datapoints"] if each["Minimum"] >= 0]
    return max((each["Timestamp"] - timedelta(seconds=each["Maximum"]) for each in known), default=None)


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
