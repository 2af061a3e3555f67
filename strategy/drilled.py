"""What is drilled in a region, as one JSON value: the drill's function plans by it, and what is unproved is counted by it.

It names no other region: it stands in the recovery region's template. Safe to read in a Lambda function, which has no pydantic;
made where there is a Strategy.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from strategy.catalogue import names, store_arns
from strategy.catalogue.routes import Route, Step
from strategy.model.strategy import DynamoDbStore, MySqlStore, Store, Strategy

FORMAT = 1


def wanted(strategy: Strategy, region: str) -> dict[str, Any]:
    """Of `region`: the routes of each of its stores, and what a plan says of them that is the strategy's."""
    return {
        "format": FORMAT,
        "environment": strategy.environment,
        "prefix": strategy.prefix,
        "account": strategy.account,
        "region": region,
        "role": _role(strategy, region),
        "tags": dict(strategy.tags),
        "evidence": names.evidence_bucket(strategy.prefix, region, strategy.account),
        "stores": [_store(strategy, store, region) for store in strategy.stores],
    }


def promised(strategy: Strategy, region: str) -> dict[str, Any]:
    """Of `region`: what must be proved, and how often; `recovery.drills.proof` judges by it."""
    return {
        "environment": strategy.environment,
        "prefix": strategy.prefix,
        "region": region,
        "evidence": names.evidence_bucket(strategy.prefix, region, strategy.account),
        "drills": strategy.drills.schedule,
        "integrity": strategy.drills.integrity,
        "routes": [[str(route), store.name] for store, route in drilled(strategy, region)],
        "stores": [store.name for store in strategy.stores] if _role(strategy, region) == "primary" else [],
    }


def drilled(strategy: Strategy, region: str) -> Iterator[tuple[Store, Route]]:
    """Every documented route of every store. In the recovery region those by which a lost region's stores come back: from the
    copies, and from replicated automated backups where there are any.
    """
    for store in strategy.stores:
        for route in Route:
            if route.kind == store.kind and (_role(strategy, region) == "primary" or _from_elsewhere(store, route)):
                yield store, route


def integrity_route(store: Store) -> Route:
    """To the second of a manifest."""
    return Route(f"{store.kind}-to-a-moment")


def _from_elsewhere(store: Store, route: Route) -> bool:
    return not route.to_a_moment or (isinstance(store, MySqlStore) and store.replicated_backups)


def _role(strategy: Strategy, region: str) -> str:
    return "primary" if region == strategy.regions.primary else "recovery"


def _store(strategy: Strategy, store: Store, region: str) -> dict[str, Any]:
    durations = strategy.durations
    band = durations.of(store.kind).restore_of(store.expected_size)
    expected = {Step.VERIFY: durations.verification.takes, **({Step.RESTORE: band.takes} if band else {})}
    return {
        "name": store.name,
        "kind": str(store.kind),
        "physical": store_arns.physical_name(strategy, store),
        "routes": [str(route) for each, route in drilled(strategy, region) if each.name == store.name],
        "services": [each.name for each in strategy.services_of(store.name)],
        "expected_seconds": {str(step): _seconds(takes) for step, takes in expected.items()},
        "verification": _verification(store),
        "settings": _settings(store),
    }


def _verification(store: Store) -> dict[str, Any]:
    if isinstance(store, DynamoDbStore):
        return {"written_at": store.written_at}
    return {"changes": {table: {"created": of.created, "changed": of.changed} for table, of in store.changes.items()}}


def _settings(store: Store) -> dict[str, Any]:
    """What `recovery.restore.settings` asks of a store; durations in days."""
    common = {"source": store.source, "point_in_time_days": store.point_in_time.days}
    if isinstance(store, DynamoDbStore):
        return {**common, "replica": store.replica}
    return {
        **common,
        "instance_class": store.instance_class,
        "multi_az": store.multi_az,
        "backup_window": str(store.backup_window),
        "maintenance_window": str(store.maintenance_window),
        "replicated_backups": store.replicated_backups,
        "read_replica": store.read_replica,
    }


def _seconds(value: timedelta) -> int:
    return int(value.total_seconds())
