"""Making a plan: the strategy, one region and what the operator asks for in, a `Plan` out. Makes only read calls.

Whatever is `newest` or `latest` is settled here, so that the plan that is shown is the plan that runs.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from recovery import endpoint
from recovery.aws import Region
from recovery.errors import WrongInput
from recovery.evidence import bucket as evidence
from recovery.restore import sources
from recovery.restore.plan import Place, Plan, PlannedStep, RecoveryPoint
from recovery.restore.replicas import Reached
from recovery.restore.settings.dynamodb import wanted_dynamodb
from recovery.restore.settings.live import live_mysql, live_table
from recovery.restore.settings.mysql import wanted_mysql
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.routes import Mode, Route, Step, modes, steps
from strategy.catalogue.store_arns import physical_name
from strategy.contracts.requests.dates import dates_of
from strategy.formatting import whole_seconds
from strategy.model.strategy import DynamoDbStore, MySqlStore, Store

_NO_MANIFEST = (
    "no manifest of its moment is in the evidence bucket, so the content cannot be verified: the restore ends before the "
    "application uses it, unless --accept-unverified says who answers for it"
)


class CannotPlan(WrongInput):
    """What was asked for does not fit; the message says what, and what does."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the operator wants. `point` is a recovery point's ARN, or one that was found before; None is the newest usable one.

    `lost_region`: where the store was, when it is not this region.
    """

    route: Route
    mode: Mode = Mode.SWITCH
    store: str | None = None
    moment: datetime | Literal["latest"] | None = None
    point: str | RecoveryPoint | None = None
    drill: bool = False
    accept_unverified: str | None = None
    lost_region: str | None = None
    replica: Reached | None = None
    """A replica of a lost region's store, to be promoted instead of restoring anything; and `not_before` of its newest write."""
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A plan, and what its reader should know besides."""

    plan: Plan
    notes: tuple[str, ...]


def make_plan(strategy: Strategy, region: Region, asked: Asked, *, now: datetime, made_by: str) -> Made:
    """Raises CannotPlan for what was asked wrongly, and NothingToRestore where the region holds nothing for it."""
    store = store_of(strategy, asked.route, asked.store)
    mode = _mode(asked)
    client, plan_id = region.client, new_id()
    # What a lost region's services used nobody can ask; what this region's endpoint says may be its store of an earlier time.
    named = physical_name(strategy, store)
    name = named if asked.lost_region else endpoint.in_use(client("ssm"), strategy.prefix, store.name, otherwise=named)
    source = Place(name, names.store_arn(store.kind, asked.lost_region or region.name, strategy.account, name))
    restored = names.restored(name, plan_id)
    target = Place(restored, names.store_arn(store.kind, region.name, strategy.account, restored))
    moment, point, notes = _data(strategy, region, store, source, asked, now=now)
    data_of = moment or (point.created if point else now)
    bucket = names.evidence_bucket(strategy.prefix, region.name, strategy.account)
    find = evidence.newest_manifest if asked.route.to_a_moment else evidence.nearest_manifest
    plan = Plan(
        plan_id=plan_id,
        route=asked.route,
        mode=mode,
        environment=strategy.environment,
        prefix=strategy.prefix,
        account=strategy.account,
        region=region.name,
        store=store.name,
        source=source,
        target=asked.replica.place if asked.replica else target,
        moment=moment,
        recovery_point=point,
        manifest_key=find(client("s3"), bucket, store.name, data_of),
        settings=_settings(strategy, client, store, source, point, plan_id=plan_id, asked=asked),
        verification=_verification(store, asked.not_before),
        services=tuple(each.name for each in strategy.services_of(store.name)),
        steps=_steps(strategy, store, asked.route, mode, replica=asked.replica is not None),
        made=now.replace(microsecond=0),
        made_by=made_by,
        drill=asked.drill,
        replica=asked.replica is not None,
        accept_unverified=asked.accept_unverified,
    )
    plan.check()
    if plan.manifest_key is None:
        notes = (*notes, _NO_MANIFEST)
    return Made(plan, notes)


def new_id() -> str:
    return f"r{secrets.token_hex(4)}"


def store_of(strategy: Strategy, route: Route, name: str | None) -> MySqlStore | DynamoDbStore:
    """The only store of the route's kind, or the one that is named."""
    fitting = {each.name: each for each in strategy.stores if each.kind == route.kind}
    if name is None and len(fitting) == 1:
        return next(iter(fitting.values()))
    if name in fitting:
        return fitting[name]
    allowed = ", ".join(fitting) or f"none: {strategy.environment} has no {route.kind} store"
    raise CannotPlan(f"--store: found {name!r}; allowed for {route}: {allowed}")


def _mode(asked: Asked) -> Mode:
    if asked.drill and asked.mode is Mode.REPAIR:
        raise CannotPlan("--drill: a drill leaves the live table alone, so it has no --mode repair")
    mode = Mode.BESIDE if asked.drill else asked.mode
    if mode not in modes(asked.route):
        raise CannotPlan(f"--mode: found {mode}; allowed for {asked.route}: {', '.join(modes(asked.route))}")
    return mode


def _data(
    strategy: Strategy, region: Region, store: Store, source: Place, asked: Asked, *, now: datetime
) -> tuple[datetime | None, RecoveryPoint | None, tuple[str, ...]]:
    """The moment or the recovery point, and why not a newer one."""
    if asked.replica is not None:
        return asked.replica.moment, None, ()
    if asked.route.to_a_moment:
        if asked.point is not None:
            raise CannotPlan(f"--recovery-point: {asked.route} takes a moment; give --at TIME or --latest")
        window = sources.window(region.client, source, asked.route)
        return sources.moment_in(window, asked.moment, source.name), None, ()
    if asked.moment is not None:
        raise CannotPlan(f"--at, --latest: {asked.route} takes a recovery point, the newest usable one when none is given")
    if isinstance(asked.point, RecoveryPoint):
        return None, asked.point, ()
    point, passed_over = sources.point(strategy, region, store, source, asked.point, now=now)
    return None, point, passed_over


def _settings(
    strategy: Strategy,
    client: Callable[[str], Any],
    store: MySqlStore | DynamoDbStore,
    source: Place,
    point: RecoveryPoint | None,
    *,
    plan_id: str,
    asked: Asked,
) -> dict[str, Any]:
    if isinstance(store, DynamoDbStore):
        table = live_table(client("dynamodb"), client("application-autoscaling"), source.name)
        return wanted_dynamodb(store=store, live=table, tags=strategy.tags, plan_id=plan_id, drill=asked.drill)
    live = live_mysql(client("rds"), source.name)
    isolated = asked.drill and asked.lost_region is None  # a drill of a whole region has its services use the store
    recorded = None
    if point and not live and store.source == "existing":
        recorded = client("backup").get_recovery_point_restore_metadata(BackupVaultName=point.vault, RecoveryPointArn=point.arn)[
            "RestoreMetadata"
        ]
    return wanted_mysql(
        store=store,
        prefix=strategy.prefix,
        network=_network(strategy, client("ssm"), isolated=isolated) if store.source == "managed" or isolated else {},
        live=live,
        point=recorded,
        tags=strategy.tags,
        plan_id=plan_id,
        drill=asked.drill,
        isolated=isolated,
    )


def _network(strategy: Strategy, ssm: Any, *, isolated: bool) -> dict[str, str]:
    """The region's network, as its stack published it."""
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=names.parameter(strategy.prefix, "network"))
    found = {each["Name"].rpartition("/")[2]: each["Value"] for page in pages for each in page["Parameters"]}
    needed = "drill-security-group" if isolated else "database-security-group"
    if needed not in found:
        wanted = names.parameter(strategy.prefix, "network", needed)
        raise CannotPlan(f"there is no parameter {wanted} in this region: deploy {names.stack(strategy.prefix, 'standby')}")
    return found


def _verification(store: MySqlStore | DynamoDbStore, not_before: datetime | None) -> dict[str, Any]:
    least = {"not_before": not_before.isoformat()} if not_before else {}
    dates = dates_of(store).to_json()
    return {**dates, **least} if isinstance(store, DynamoDbStore) else {**least, **dates}


def _steps(strategy: Strategy, store: Store, route: Route, mode: Mode, *, replica: bool) -> tuple[PlannedStep, ...]:
    """With the strategy's modelled durations; its cutover is one figure for three steps, and stands at the switch."""
    durations = strategy.durations
    band = durations.of(store.kind).restore_of(store.expected_size)
    modelled = {Step.VERIFY: durations.verification.takes, Step.SWITCH: durations.cutover.takes}
    if band:
        modelled[Step.RESTORE] = band.takes
    if replica:
        promotion = durations.mysql.promotion.takes if isinstance(store, MySqlStore) else timedelta()
        modelled |= {Step.RESTORE: promotion, Step.VERIFY: durations.workflow.replica_check.takes}
    return tuple(PlannedStep(step, whole_seconds(modelled.get(step))) for step in steps(route, mode))
