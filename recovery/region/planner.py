"""Making a region plan: the strategy and what this region holds in, a `RegionPlan` out. Makes only read calls, here only.

For each store, the freshest source first: its replica here, the replicated automated backup, the usable copies. What is passed
over is said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from recovery.aws import Region
from recovery.region.source import source_of
from recovery.restore import replicas, sources
from recovery.restore.plan import Place, Plan, RecoveryPoint
from recovery.restore.planner import Asked, CannotPlan, make_plan, new_id
from recovery.restore.region_plan import PlannedRegionStep, RegionPlan, StorePlans
from recovery.restore.replicas import Reached
from recovery.restore.sources import NothingToRestore, WrongSource
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.region_steps import RegionStep, region_steps
from strategy.catalogue.routes import Mode, Route
from strategy.catalogue.store_arns import arn, physical_name
from strategy.formatting import whole_seconds
from strategy.model.strategy import Store

MOST_COPIES = 3
"""Of a store in one plan: a third bad copy in a row is a matter for a person."""


@dataclass(frozen=True, slots=True)
class RegionAsked:
    """What the operator wants. `moment`: not later than this; None is the newest there is."""

    incident: datetime
    moment: datetime | None = None
    drill: bool = False
    approvals: bool = True


@dataclass(frozen=True, slots=True)
class RegionMade:
    """A plan, and what its reader should know besides."""

    plan: RegionPlan
    notes: tuple[str, ...]


def make_region_plan(strategy: Strategy, region: Region, asked: RegionAsked, *, now: datetime, made_by: str) -> RegionMade:
    """Raises CannotPlan for what was asked wrongly, and NothingToRestore where a store has no usable source here."""
    if asked.incident > now:
        raise CannotPlan(f"--incident: found {asked.incident.isoformat()}, which is still to come; now is {now.isoformat()}")
    notes: list[str] = []
    stores = []
    for store in strategy.stores:
        tries, said = _tries(strategy, region, store, asked, now=now, made_by=made_by)
        stores.append(StorePlans(store.name, tuple(tries)))
        notes += said
    prefix, account = strategy.prefix, strategy.account
    plan = RegionPlan(
        plan_id=new_id(),
        environment=strategy.environment,
        prefix=prefix,
        account=account,
        region=region.name,
        lost_region=strategy.regions.other(region.name),
        incident=asked.incident.replace(microsecond=0),
        stores=tuple(stores),
        services=tuple(each.name for each in strategy.services),
        buckets=tuple(bucket(prefix, region.name, account) for bucket in (names.evidence_bucket, names.shared_data_bucket)),
        approvals=asked.approvals and not asked.drill,
        steps=_steps(strategy, approvals=asked.approvals and not asked.drill, traffic=not asked.drill),
        made=now.replace(microsecond=0),
        made_by=made_by,
        drill=asked.drill,
    )
    plan = replace(plan, steps=_with_sources(plan))
    plan.check()
    return RegionMade(plan, tuple(dict.fromkeys(notes)))


COARSE = timedelta(minutes=15)
"""How exactly a replica's moment is known beside a backup's: what AWS publishes of either is minutes apart."""


def freshest_first(*plans: Plan | None) -> tuple[Plan, ...]:
    """The decision: whatever reaches further goes first; a replica also before what reaches but little further."""
    return tuple(sorted(filter(None, plans), key=_reach, reverse=True))


def _reach(plan: Plan) -> datetime:
    return plan.data_of + (COARSE if plan.replica else timedelta())


def _tries(
    strategy: Strategy, region: Region, store: Store, asked: RegionAsked, *, now: datetime, made_by: str
) -> tuple[tuple[Plan, ...], list[str]]:
    notes: list[str] = []

    def plan(
        route: Route, moment: datetime | None = None, point: RecoveryPoint | None = None, replica: Reached | None = None
    ) -> Plan:
        lost = strategy.regions.other(region.name)
        wanted = Asked(route, Mode.BESIDE, store.name, moment, point, drill=asked.drill, lost_region=lost)
        if replica:
            wanted = replace(wanted, replica=replica, not_before=replicas.not_before(store, asked.incident))
        made = make_plan(strategy, region, wanted, now=now, made_by=made_by)
        notes.extend(f"{store.name}: {each}" for each in made.notes)
        return made.plan

    usable, passed_over = sources.usable_points(strategy, region, store, now=now, until=asked.moment or now)
    notes += [f"{store.name}: {each}" for each in passed_over]
    copies = [plan(Route(f"{store.kind}-from-recovery-point"), point=each) for each in usable[:MOST_COPIES]]
    replicated, why = _replicated(strategy, region, store, asked)
    if why:
        notes.append(f"{store.name}: {why}")
    to_a_moment = plan(Route.MYSQL_TO_A_MOMENT, moment=replicated) if replicated else None
    replica, why = _replica(strategy, region, store, asked)
    if why:
        notes.append(f"{store.name}: {why}")
    kept = plan(Route(f"{store.kind}-to-a-moment"), replica=replica) if replica else None
    tries = freshest_first(kept, to_a_moment, *copies)
    if kept and tries[0] is not kept:
        notes.append(f"{store.name}: {source_of(kept)}, is not used first: {source_of(tries[0])}, is fresher")
    if not tries:
        until = f" of {asked.moment.isoformat()} or before" if asked.moment else ""
        raise NothingToRestore(f"{store.name}: no usable copy{until} in {region.name}; `python -m recovery status` shows why")
    if len(tries) == 1:
        notes.append(f"{store.name}: there is one source only, {source_of(tries[0])}: if it is of no use, nothing is left")
    return tries, notes


def _replica(strategy: Strategy, region: Region, store: Store, asked: RegionAsked) -> tuple[Reached | None, str]:
    """The store's replica in this region, where the strategy gives it one; or why it is passed over."""
    if not replicas.wanted(store):
        return None, ""
    if asked.moment is not None:
        return None, "the replica is not used: it cannot be taken back to a point in time before the damage"
    if asked.drill:
        return None, "the replica is not used: a drill leaves it replicating"
    try:
        return replicas.find(strategy, region.name, store, region.client, incident=asked.incident), ""
    except replicas.NoReplica as error:
        return None, f"the replica is not used: {error}"


def _replicated(strategy: Strategy, region: Region, store: Store, asked: RegionAsked) -> tuple[datetime | None, str]:
    """The moment that the other region's automated backups, replicated to here, can be restored to; or why not."""
    if store.kind != "mysql" or not getattr(store, "replicated_backups", False):
        return None, ""
    lost = Place(physical_name(strategy, store), arn(strategy, store, strategy.regions.other(region.name)))
    try:
        reach = sources.window(region.client, lost, Route.MYSQL_TO_A_MOMENT)
        return sources.moment_in(reach, asked.moment or "latest", lost.name), ""
    except (NothingToRestore, WrongSource) as error:
        return None, f"the replicated automated backup is not used: {error}"


def _with_sources(plan: RegionPlan) -> tuple[PlannedRegionStep, ...]:
    """Its stores come back side by side, each from its first source: a replica is promoted sooner than a backup is restored."""
    longest = max((each.tries[0].expected_seconds for each in plan.stores), default=None)
    return tuple(replace(each, expected_seconds=longest) if each.step is RegionStep.STORES else each for each in plan.steps)


def _steps(strategy: Strategy, *, approvals: bool, traffic: bool) -> tuple[PlannedRegionStep, ...]:
    """With the strategy's modelled durations; verification is part of each store's own restore."""
    durations = strategy.durations
    bands = [durations.of(each.kind).restore_of(each.expected_size) for each in strategy.stores]
    longest = max((each.takes for each in bands if each), default=None)
    modelled: dict[RegionStep, timedelta | None] = {
        RegionStep.ASSESS: durations.assessment.takes,
        RegionStep.STORES: longest + durations.verification.takes if longest is not None else None,
        RegionStep.WORKLOAD: durations.infrastructure.takes,
        RegionStep.WIRE: durations.configuration.takes,
        RegionStep.SMOKE: durations.workflow.smoke_test.takes,
        RegionStep.CUT_OVER: durations.workflow.switch.takes,
        RegionStep.WATCH: durations.workflow.watch.takes,
    }
    return tuple(
        PlannedRegionStep(step, whole_seconds(modelled.get(step))) for step in region_steps(approvals=approvals, traffic=traffic)
    )
