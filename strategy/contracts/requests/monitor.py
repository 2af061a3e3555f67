"""What the monitor of a region looks at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import ceil

from strategy.catalogue import names, store_arns
from strategy.catalogue.alarm_table import ages
from strategy.catalogue.routes import Route
from strategy.contracts.monitor import Exempt, Lock, MonitoredProofs, MonitoredRule, MonitoredStore, MonitorRequest
from strategy.contracts.preflight import SCHEDULE
from strategy.contracts.requests import calendar, preflight
from strategy.contracts.requests.drills import proofs_for
from strategy.cost.retained_storage import runs
from strategy.formatting import whole_seconds
from strategy.model.strategy import DynamoDbStore, MySqlStore, Scenario, Store, Strategy

FORMAT = 1
HEADROOM = 1.5
"""A vault is expected to hold this much more than full retention of today's sizes: a year's growth, and what people and
recoveries add. So a region at work stands at two thirds of what is expected."""
_ANY_DAY = date(2026, 1, 5)
"""The day matters only for a schedule that names years; a template must not change from day to day."""
_ELSEWHERE = "*"
_GIBIBYTE = 2**30


def request_for(strategy: Strategy, region: str) -> MonitorRequest:
    primary, prefix = region == strategy.regions.primary, strategy.prefix
    asked, proofs = preflight.request_for(strategy, region), proofs_for(strategy, region)
    return MonitorRequest(
        format=FORMAT,
        environment=strategy.environment,
        prefix=prefix,
        account=strategy.account,
        region=region,
        primary=primary,
        evidence=asked.evidence,
        vault=names.backup_vault(prefix) if primary else names.copy_vault(prefix),
        vaults=(names.backup_vault(prefix), names.copy_vault(prefix)),
        expected_bytes=_expected(strategy, primary=primary),
        exempt=Exempt(break_glass=strategy.vault.break_glass, deployment=names.deployment_role_arn(region, strategy.account)),
        lock=_lock(strategy),
        opted_in=asked.opted_in,
        keys=asked.keys,
        plan=names.backup_plan(prefix),
        late_seconds=whole_seconds(strategy.alerts.late_after),
        rules=tuple(
            MonitoredRule(
                name=rule.name,
                schedule=rule.schedule,
                keep_days=rule.keep.days,
                window_seconds=whole_seconds(rule.start_window),
                copy_days=rule.copy_keep.days,
            )
            for rule in strategy.rules
        ),
        stores=tuple(_store(strategy, store, region, primary=primary) for store in strategy.stores),
        proofs=MonitoredProofs(drills=proofs.drills, integrity=proofs.integrity, routes=proofs.routes, stores=proofs.stores),
        rto_seconds=dict(_rtos(strategy, region, primary=primary)),
        preflight="" if primary else SCHEDULE,
        computed_usd=calendar.computed(strategy)[0],
    )


def _store(strategy: Strategy, store: Store, region: str, *, primary: bool) -> MonitoredStore:
    durations, physical = strategy.durations.of(store.kind), store_arns.physical_name(strategy, store)
    return MonitoredStore(
        name=store.name,
        kind=str(store.kind),
        physical=physical,
        arn=store_arns.arn(strategy, store, region if primary else _ELSEWHERE),
        backup_seconds=whole_seconds(durations.backup_job.of(store.expected_size)),
        copy_seconds=whole_seconds(durations.copy_job.of(store.expected_size)),
        point_in_time_days=store.point_in_time.days,
        ages=tuple(kind for kind, _ in ages(strategy, store, primary=primary)),
        replica=_replica(strategy, store, physical),
    )


def _replica(strategy: Strategy, store: Store, physical: str) -> str:
    if isinstance(store, DynamoDbStore):
        return physical
    return names.read_replica(strategy.prefix, store.name) if store.read_replica else ""


def _expected(strategy: Strategy, *, primary: bool) -> int:
    """Bytes as AWS tells them: of RDS a point's allocated storage, which is not what it bills."""
    kept = sum(ceil(each.kept(each.rule.keep if primary else each.rule.copy_keep)) for each in runs(strategy, _ANY_DAY))
    sizes = sum(
        max(store.size, store.allocated_storage_gb * _GIBIBYTE) if isinstance(store, MySqlStore) else store.size
        for store in strategy.stores
    )
    return int(kept * sizes * HEADROOM)


def _lock(strategy: Strategy) -> Lock:
    lock = strategy.vault.lock
    if lock.min_keep is None or lock.max_keep is None:
        return Lock()
    return Lock(min_days=lock.min_keep.days, max_days=lock.max_keep.days)


def _rtos(strategy: Strategy, region: str, *, primary: bool) -> Iterator[tuple[str, int]]:
    """By `route store`: what a drill of it may take."""
    for route, name in proofs_for(strategy, region).routes:
        scenario = Scenario.POINT_IN_TIME if Route(route).to_a_moment else Scenario.RECOVERY_POINT
        promised = strategy.store(name).objectives.of(scenario if primary else Scenario.REGION_LOSS)
        yield f"{route} {name}", whole_seconds(promised.rto)
