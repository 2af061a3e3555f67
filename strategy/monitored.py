"""What the monitor of a region looks at, as one JSON value: its event. Made where there is a Strategy, read in a function.

It names no other region: it stands in the recovery region's template. Where something is of the other region, its ARN has a `*`
in that region's place. Seconds, bytes and days are whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from math import ceil
from typing import Any

from strategy import drilled, dutied, preflight
from strategy.catalogue import names, store_arns
from strategy.catalogue.alarm_table import ages
from strategy.catalogue.calendar import STORAGE_AND_COST
from strategy.catalogue.routes import Route
from strategy.cost.retained_storage import runs
from strategy.model.strategy import DynamoDbStore, MySqlStore, Scenario, Store, Strategy

FORMAT = 1
HEADROOM = 1.5
"""A vault is expected to hold this much more than full retention of today's sizes: a year's growth, and what people and
recoveries add. So a region at work stands at two thirds of what is expected."""
_ANY_DAY = date(2026, 1, 5)
"""The day matters only for a schedule that names years; a template must not change from day to day."""
_ELSEWHERE = "*"
_GIBIBYTE = 2**30


def wanted(strategy: Strategy, region: str) -> dict[str, Any]:
    primary = region == strategy.regions.primary
    asked = preflight.wanted(strategy, region)
    return {
        "format": FORMAT,
        "environment": strategy.environment,
        "prefix": strategy.prefix,
        "account": strategy.account,
        "region": region,
        "primary": primary,
        "evidence": asked["evidence"],
        "vault": names.backup_vault(strategy.prefix) if primary else names.copy_vault(strategy.prefix),
        "vaults": [names.backup_vault(strategy.prefix), names.copy_vault(strategy.prefix)],
        "expected_bytes": _expected(strategy, primary=primary),
        "exempt": {"break_glass": strategy.vault.break_glass, "deployment": names.deployment_role_arn(region, strategy.account)},
        "lock": _lock(strategy),  # empty, not null: CDK leaves nulls out of a rule's input
        "opted_in": asked["opted_in"],
        "keys": asked["keys"],
        "plan": names.backup_plan(strategy.prefix),
        "late_seconds": _seconds(strategy.alerts.late_after),
        "rules": [
            {
                "name": rule.name,
                "schedule": rule.schedule,
                "keep_days": rule.keep.days,
                "window_seconds": _seconds(rule.start_window),
                "copy_days": rule.copy_keep.days,
            }
            for rule in strategy.rules
        ],
        "stores": [_store(strategy, store, region, primary=primary) for store in strategy.stores],
        "proofs": {each: drilled.promised(strategy, region)[each] for each in ("drills", "integrity", "routes", "stores")},
        "rto_seconds": dict(_rtos(strategy, region, primary=primary)),
        "preflight": "" if primary else preflight.SCHEDULE,
        "computed_usd": dutied.wanted(strategy, region, STORAGE_AND_COST)["computed_usd"],
    }


def _store(strategy: Strategy, store: Store, region: str, *, primary: bool) -> dict[str, Any]:
    durations = strategy.durations.of(store.kind)
    found: dict[str, Any] = {
        "name": store.name,
        "kind": str(store.kind),
        "physical": store_arns.physical_name(strategy, store),
        "arn": store_arns.arn(strategy, store, region if primary else _ELSEWHERE),
        "backup_seconds": _seconds(durations.backup_job.of(store.expected_size)),
        "copy_seconds": _seconds(durations.copy_job.of(store.expected_size)),
        "point_in_time_days": store.point_in_time.days,
        "ages": [kind for kind, _ in ages(strategy, store, primary=primary)],
    }
    if isinstance(store, MySqlStore) and store.read_replica:
        found["replica"] = names.read_replica(strategy.prefix, store.name)
    if isinstance(store, DynamoDbStore):
        found["replica"] = found["physical"]
    return found


def _expected(strategy: Strategy, *, primary: bool) -> int:
    """Bytes as AWS tells them: of RDS a point's allocated storage, which is not what it bills."""
    kept = sum(ceil(each.kept(each.rule.keep if primary else each.rule.copy_keep)) for each in runs(strategy, _ANY_DAY))
    sizes = sum(
        max(store.size, store.allocated_storage_gb * _GIBIBYTE) if isinstance(store, MySqlStore) else store.size
        for store in strategy.stores
    )
    return int(kept * sizes * HEADROOM)


def _lock(strategy: Strategy) -> dict[str, int]:
    lock = strategy.vault.lock
    if lock.min_keep is None or lock.max_keep is None:
        return {}
    return {"min_days": lock.min_keep.days, "max_days": lock.max_keep.days}


def _rtos(strategy: Strategy, region: str, *, primary: bool) -> Iterator[tuple[str, int]]:
    """By `route store`: what a drill of it may take."""
    for route, name in drilled.promised(strategy, region)["routes"]:
        scenario = Scenario.POINT_IN_TIME if Route(route).to_a_moment else Scenario.RECOVERY_POINT
        promised = strategy.store(name).objectives.of(scenario if primary else Scenario.REGION_LOSS)
        yield f"{route} {name}", _seconds(promised.rto)


def _seconds(value: timedelta) -> int:
    return int(value.total_seconds())
