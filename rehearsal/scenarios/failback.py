"""Failback: a region is lost and comes back; the bank goes on in the other one, and then fails back. Nothing is lost on the way.

Enters: deployed stacks and a loaded bank. Leaves: an `Outcome`. Its first half is a region's loss, with a region that is there
again afterwards: closed, and with late writes in its old stores. In its second, the CDK swaps the roles, the
bank is backed up where it is, fails over as planned, and is recovered at home by the same workflow; then the roles are as they
were.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from recovery.cutover.beat import Beat
from rehearsal.bank import Application, total
from rehearsal.bank.judge import Counts
from rehearsal.progress import Detail
from rehearsal.result import Event, Outcome
from rehearsal.scenarios import holdings, swap_regions
from rehearsal.scenarios.backup import backed_up, run_next_backup
from rehearsal.scenarios.base import Context, ScenarioFailed, World, wait_for
from rehearsal.scenarios.client import recovery, running
from rehearsal.scenarios.cutover import led_to, minute_by_minute, pass_minutes
from rehearsal.scenarios.late_writes import stranded
from rehearsal.scenarios.people import Duty
from rehearsal.scenarios.region_loss import convicted, findings_of, install_ahead, recover, restored
from rehearsal.scenarios.workflow import Execution
from rehearsal.scenarios.workload import work_until
from strategy.catalogue import names as naming

_HOURS, _MINUTES = timedelta(hours=2), 3
_CLIENT_MINUTES = 600
"""Virtual ones, in which a planned failover must have ended."""


@dataclass
class Night:
    """What is known by now."""

    findings: list[str] = field(default_factory=list)
    timeline: list[Event] = field(default_factory=list)
    moments: dict[str, str] = field(default_factory=dict)
    lost: Counts = field(default_factory=Counts)
    """Rows that the loss of the region has cost."""
    lost_items: Counts = field(default_factory=Counts)

    def keep(self, execution: Execution, tables: dict[str, Counts], items: Counts) -> None:
        self.findings += findings_of(execution, tables, items)
        self.timeline += execution.timeline


def failback(context: Context, world: World) -> Outcome:
    started, night, progress = time.perf_counter(), Night(), context.progress
    home, away = context.primary, context.recovery
    backup = backed_up(context, world)
    there, outage, plan_id = _lose_and_recover(context, world, night, backup)
    with progress.step(f"{home} returns, while the bank is served in {away}") as detail:
        _return(context, world, night, there=there, plan_id=plan_id, detail=detail)
    swapped = _swap(context, world, night, primary=away, recovery=home)
    with progress.step(f"Back up in {away}, with copies to {home}") as detail, world.application.still():
        night.moments[f"backed up in {away}"] = _as_written(run_next_backup(swapped, detail))
    with progress.step(f"Go on in {away}, then fail back to {home}") as detail:
        work_until(swapped, world, context.cloud.clock.now() + _HOURS, detail)
        closed = _planned_failover(swapped, world, night, detail)
    tables, items = _come_home(swapped, world, night, there, closed)
    original = _swap(swapped, world, night, primary=home, recovery=away)
    with progress.step(f"Go on in {home}, backed up as before") as detail:
        work_until(original, world, context.cloud.clock.now() + _HOURS, detail)
        with world.application.still():
            run_next_backup(original, detail)
            tables, items = holdings.judged(world, home)
        night.findings += convicted({**tables, "audit items": items})
        _look(original, night, detail)
    return Outcome(
        name="failback",
        title=f"{home} was lost and came back; the bank went on in {away}, and failed back",
        outcome="recovered" if led_to(original) == home else "failed",
        verified=not night.findings,
        rows=total(tables).present,
        items=items.present,
        lost_rows=night.lost.lost,
        lost_items=night.lost_items.lost,
        reverted_rows=night.lost.reverted,
        rpo_seconds=round((outage - backup).total_seconds(), 1),
        wall_seconds=round(time.perf_counter() - started, 1),
        findings=night.findings,
        moments=night.moments,
        timeline=night.timeline,
    )


def _lose_and_recover(context: Context, world: World, night: Night, backup: datetime) -> tuple[Application, datetime, str]:
    """The services of the region that is gone, when it went, and the plan by which the other one took over."""
    cloud, home, away = context.cloud, context.primary, context.recovery
    used = holdings.used(world, home)
    with context.progress.step(f"Keep the bank busy, then cut {home} off; recover in {away}") as detail:
        waiting, there = install_ahead(context, world), world.application
        work_until(context, world, backup + _HOURS, detail)
        # Its fence has looked once before, so that it knows later that it was away.
        fence = naming.function(context.strategy.prefix, "fence-region")
        world.stores.client("lambda", home).invoke(FunctionName=fence, Payload=b"{}")
        outage = cloud.clock.now()
        cloud.darken_region(home)
        wait_for(lambda: not there.running, what="the services to notice the outage")
        there.end()
        with minute_by_minute(context, away):
            execution = recover(context, outage, detail)
        world.application = waiting
        with waiting.still():
            names = restored(context, world, execution)
            tables, items = holdings.came_back(world, away, names, of=used, moment=backup)
    night.keep(execution, tables, items)
    night.lost, night.lost_items = total(tables), items
    night.moments |= {
        "backup": _as_written(backup),
        f"{home} lost": _as_written(outage),
        f"recovered in {away}": _as_written(cloud.clock.now()),
    }
    if led_to(context) != away:
        raise ScenarioFailed(f"customers are led to {led_to(context)} after the recovery in {away}: {night.findings}")
    return there, outage, str(execution.output["plan_id"])


def _return(context: Context, world: World, night: Night, *, there: Application, plan_id: str, detail: Detail) -> None:
    """It closes itself, its services find no way in, and what it had still taken is listed."""
    cloud, home, away = context.cloud, context.primary, context.recovery
    work_until(context, world, cloud.clock.now() + _HOURS, detail)
    cloud.light_region(home)
    pass_minutes(context, _MINUTES, home, away)
    if not _beat(context, world, home).closed:
        night.findings.append(f"{home} did not close itself when it returned")
    before = there.rounds
    there.start()
    there.tried()
    there.end()
    serving = [name for name, each in there.services.items() if each.ended_by is None]
    if serving or there.rounds != before:
        night.findings.append(f"two regions took writes: {', '.join(serving)} served in {home} again")
    listed, found = stranded(context, world, plan_id)
    if not listed:
        night.findings.append(f"no late writes are listed in {home}, though the bank wrote there until the end")
    night.findings += found
    detail.note(f"{home} closed itself; {listed} late writes are stranded there, and listed")


def _swap(context: Context, world: World, night: Night, *, primary: str, recovery: str) -> Context:
    """Deploy with these roles: what holds data is the same before and after, and the primary's stack has the stores in use."""
    with context.progress.step(f"Deploy with {primary} as the primary, and {recovery} as the recovery region") as detail:
        used = holdings.names(world, primary)
        stores = {each.name: used[str(each.kind)] for each in context.strategy.stores}
        swapped = swap_regions.turned(context, primary=primary, recovery=recovery, names=stores)
        before = swap_regions.standing(context, world)
        swap_regions.deploy(swapped, detail)
        night.findings += before.lost_in(swap_regions.standing(swapped, world))
        owned = swap_regions.owned(swapped, world, primary)
        if owned != set(used.values()):
            night.findings.append(f"the stack of {primary} has {sorted(owned)}, and the bank uses {sorted(used.values())}")
        if left := swap_regions.owned(swapped, world, recovery):
            night.findings.append(f"the stack of {recovery} still has {sorted(left)}")
        detail.note(f"{len(before.ids)} things that hold data are what they were; {', '.join(sorted(owned))} are the stack's own")
    night.moments[f"{primary} is the primary"] = _as_written(context.cloud.clock.now())
    return swapped


def _planned_failover(context: Context, world: World, night: Night, detail: Detail) -> datetime:
    """Since when nobody writes any more. The client waits for what happens each minute, so the minutes pass meanwhile."""
    home, away = context.recovery, context.primary
    with running(context, "planned-failover", "--yes", region=home, duty=Duty.FAILOVER) as process:
        for _ in range(_CLIENT_MINUTES):
            if process.poll() is not None:
                break
            pass_minutes(context, 1, home, away)
        else:
            raise ScenarioFailed(f"a planned failover from {away} did not end within {_CLIENT_MINUTES} minutes")
        said = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise ScenarioFailed(f"the planned failover to {home} ended {process.returncode}: {said.strip()[-600:]}")
    wait_for(lambda: not world.application.running, what=f"the services of {away} to be shut out")
    world.application.end()
    beat = _beat(context, world, away)
    if not beat.closed:
        night.findings.append(f"{away} is not closed after the planned failover")
    night.moments[f"{away} closed"] = _as_written(beat.changed)
    detail.note(f"{away} was closed at {beat.changed:%H:%M} UTC, and what it held is in {home}")
    return beat.changed


def _come_home(
    context: Context, world: World, night: Night, there: Application, closed: datetime
) -> tuple[dict[str, Counts], Counts]:
    home, away = context.recovery, context.primary
    used = holdings.used(world, away)
    with context.progress.step(f"Recover in {home}, and cut over: failback") as detail:
        with minute_by_minute(context, home, away):
            execution = recover(context, closed, detail)
            led = led_to(context)
        world.application = there
        with there.still():
            names = restored(context, world, execution)
            tables, items = holdings.came_back(world, home, names, of=used, moment=context.cloud.clock.now())
        written = holdings.written(world, used)
        detail.note(f"{written:,} rows and items that were written in {away} are in {home}")
    night.keep(execution, tables, items)
    if lost := total(tables).lost + items.lost:
        night.findings.append(f"{lost} rows and items that were written in {away} are not in {home}")
    if not written:
        raise ScenarioFailed(f"nothing was written in {away}: there was nothing to bring home")
    if led != home:
        night.findings.append(f"customers are led to {led} after the failback")
    silent = [name for name, each in there.services.items() if not each.running]
    night.findings += [f"{each} does not serve in {home}" for each in silent]
    night.moments[f"recovered in {home}"] = _as_written(context.cloud.clock.now())
    return tables, items


def _look(context: Context, night: Night, detail: Detail) -> None:
    """As the people on call do, the morning after."""
    for duty, words in ((Duty.VIEWER, ("status",)), (Duty.AUDITOR, ("evidence", "verify"))):
        answer = recovery(context, *words, detail=detail, duty=duty)
        if answer.code:
            night.findings.append(f"{answer.command} ended {answer.code}: {answer.said.strip()[-1500:]}")


def _beat(context: Context, world: World, region: str) -> Beat:
    ssm, name = world.stores.client("ssm", region), naming.heartbeat(context.strategy.prefix)
    return Beat.from_json(ssm.get_parameter(Name=name)["Parameter"]["Value"])


def _as_written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
