"""The store that a plan makes, or the replica that it takes over: is it there, whose is it, and can it become usable?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from recovery.restore.plan import Plan
from strategy.catalogue import names, store_states
from strategy.catalogue.routes import Kind
from strategy.catalogue.store_states import State

GONE = frozenset({"DBInstanceNotFound", "DBInstanceNotFoundFault", "ResourceNotFoundException", "TableNotFoundException"})


class StoreStuck(Exception):
    """The store is in a state from which waiting does not bring it; the message says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """`status` is AWS's word. `marked`: it says itself that it is the plan's; else the plan's restore job says so."""

    kind: Kind
    ours: bool
    status: str
    marked: bool = False

    @property
    def state(self) -> State:
        return store_states.of(self.kind, self.status)


def find(plan: Plan, client: Callable[[str], Any], record: Mapping[str, str]) -> Target | None:
    """None: the name is free. `record`: what the plans table holds of the plan."""
    if plan.route.kind == "mysql":
        instance = describe(client("rds"), plan.target.name)
        if instance is None:
            return None
        tags = {tag["Key"]: tag["Value"] for tag in instance.get("TagList", [])}
        # AWS Backup makes an instance without our tags; the settings step adds them.
        marked = tags.get(names.PLAN_TAG) == plan.plan_id
        follows = plan.replica and bool(instance.get("ReadReplicaSourceDBInstanceIdentifier"))
        ours = marked if names.PLAN_TAG in tags else follows or _by_our_job(plan, record)
        return Target("mysql", ours, str(instance["DBInstanceStatus"]), marked)
    try:
        table = client("dynamodb").describe_table(TableName=plan.target.name)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] in GONE:
            return None
        raise
    if plan.replica:
        return Target("dynamodb", "GlobalTableVersion" in table, str(table["TableStatus"]), marked=True)
    summary = table.get("RestoreSummary", {})
    restored = summary.get("SourceTableArn") == plan.source.arn if plan.route.to_a_moment else _by_our_job(plan, record)
    return Target("dynamodb", restored, str(table["TableStatus"]))


def describe(rds: Any, name: str) -> Any | None:
    """An instance as RDS describes it; None when it is gone."""
    try:
        return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] in GONE:
            return None
        raise


def check(plan: Plan, status: str) -> None:
    """Raises StoreStuck when waiting for the plan's store does not help."""
    if store_states.of(plan.route.kind, status).stuck:
        raise StoreStuck(f"{store_states.said(plan.route.kind, plan.target.name, status)}. It was left as it is.")


def _by_our_job(plan: Plan, record: Mapping[str, str]) -> bool:
    """A job is announced in the record before it is started, so that a crash in between is no doubt."""
    return not plan.route.to_a_moment and ("job_id" in record or "announced" in record)
