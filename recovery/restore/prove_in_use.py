"""Proof that the services use the restored store: their connections, or an item that was written since the switch.

Looked at again each minute. The restored store was beside the old one until the switch, so a service's connection to it is new.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from recovery.lambda_runtime import Left
from recovery.moments import leading_moment
from recovery.mysql import DatabaseUnreachable, LoginRefused
from recovery.restore import target
from recovery.restore.master import Client, Master, ours, users
from recovery.restore.plan import Plan
from strategy.catalogue import store_states
from strategy.contracts.restore import ProveAnswer

_RESERVE_SECONDS = 20.0


def prove(plan: Plan, client: Client, since: datetime, left: Left) -> ProveAnswer:
    """`because` where nothing can be proved and so nothing was checked."""
    if not plan.services:
        return _unchecked("no service uses this store")
    if plan.route.kind == "dynamodb":
        return _written(plan, client, since, left)
    if not ours(plan):
        return _unchecked("the accounts of this store are not ours")
    return _connected(plan, client)


def _unchecked(because: str) -> ProveAnswer:
    return ProveAnswer(proved=True, waiting_for="", because=f"not checked: {because}", connections={})


def _connected(plan: Plan, client: Client) -> ProveAnswer:
    new = target.describe(client("rds"), plan.target.name)
    if new is None or "Endpoint" not in new:
        return ProveAnswer(proved=False, waiting_for=f"{plan.target.name} to have an endpoint", because="", connections={})
    connections = Master(plan, client, new).connections(users(plan))
    old, because = _on_old(plan, client)
    missing = [f"{user} to connect to {plan.target.name}" for user, count in connections.items() if not count]
    missing += [f"{user} to leave {plan.source.name}" for user, count in old.items() if count]
    return ProveAnswer(
        proved=not missing,
        waiting_for=", ".join(missing),
        because=because,
        connections=connections,
        connections_to_old=old,
    )


def _on_old(plan: Plan, client: Client) -> tuple[Mapping[str, int], str]:
    """An old instance that is gone or does not answer has no connections that matter."""
    instance = target.describe(client("rds"), plan.source.name)
    if instance is None or "Endpoint" not in instance or store_states.of("mysql", instance["DBInstanceStatus"]).silent:
        return {}, f"{plan.source.name} is gone or stopped"
    try:
        found = Master(plan, client, instance).connections(users(plan))
    except (DatabaseUnreachable, LoginRefused) as error:
        return {}, f"connections to {plan.source.name} were not checked: {error}"
    return found, ""


def _written(plan: Plan, client: Client, since: datetime, left: Left) -> ProveAnswer:
    written_at = plan.verification.get("written_at")
    if not written_at:
        return _unchecked("the strategy names no attribute that dates the items of this table")
    pages = (
        client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=plan.target.name,
            ConsistentRead=True,
            ProjectionExpression="#at",
            ExpressionAttributeNames={"#at": written_at},
        )
    )
    seen = 0
    for page in pages:
        seen += page["Count"]
        dates = (leading_moment(item.get(written_at, {}).get("S", "")) for item in page["Items"])
        if any(each is not None and each >= since for each in dates):
            return ProveAnswer(proved=True, waiting_for="", because="", connections={})
        if left() < _RESERVE_SECONDS:
            break
    return ProveAnswer(
        proved=False,
        waiting_for=f"an item written to {plan.target.name} since {since.isoformat()}; looked at {seen}",
        because="",
        connections={},
    )
