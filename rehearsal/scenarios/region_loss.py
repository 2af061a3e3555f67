"""Region loss: the primary region disappears between two backups; the recovery region brings the bank back from its copies.

Enters: deployed stacks and a loaded bank. Leaves: an `Outcome`, and in the result the findings that keep it from being
verified. Nothing here restores anything: the deployed workflow does. This module breaks, starts, waits, and judges.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import pymysql
from botocore.exceptions import ClientError

from rehearsal.bank import Application, Counts, judge_items, judge_rows, total
from rehearsal.progress import Detail
from rehearsal.result import Outcome
from rehearsal.scenarios.application import install
from rehearsal.scenarios.backup import backed_up
from rehearsal.scenarios.base import Context, ScenarioFailed, World, wait_for
from rehearsal.scenarios.client import recovery
from rehearsal.scenarios.cutover import answers, led_to, minute_by_minute
from rehearsal.scenarios.faults import CorruptCopy, CorruptRow, Fault
from rehearsal.scenarios.heartbeat import LASTS, beat_until, measured
from rehearsal.scenarios.region_faults import BranchFails, HalfCopy, OperatorGone, PrimaryReturns, ReplicaBroken
from rehearsal.scenarios.workflow import Execution, newest_execution
from rehearsal.scenarios.workload import ROUNDS_PER_HOUR, work, work_until
from strategy import Strategy
from strategy.catalogue import names as naming
from strategy.catalogue.region_steps import WORKFLOW
from strategy.model.strategy import DynamoDbStore

SETTLED = timedelta(minutes=6)
"""Nothing is written for so long before replication stops: what is uploaded each five minutes has been, and is of one moment."""
PARTED = timedelta(minutes=10)
"""Between the end of replication and the outage."""
BETWEEN_BACKUPS = timedelta(hours=11, minutes=30)
"""The outage comes this long after a backup at the latest: before the next one."""
FAULTS: dict[str, type[Fault]] = {
    each.name: each for each in (CorruptRow, CorruptCopy, HalfCopy, OperatorGone, BranchFails, ReplicaBroken, PrimaryReturns)
}
"""What can be asked to go wrong besides, by name; several at once, as on a bad night."""
FIRST_ROUND = 100_000
"""Of the services here: no key of theirs was given out in the lost region."""


def region_loss(context: Context, world: World) -> Outcome:
    """Back up, write, lose the region, recover, judge: numbered steps."""
    started = time.perf_counter()
    progress, primary, recovery = context.progress, context.primary, context.recovery
    faults = [FAULTS[name](context, world) for name in context.faults]
    backup = newest = backed_up(context, world)
    for fault in faults:
        newest = fault.prepare(newest)
    moments = {"mysql": backup, "dynamodb": newest}
    replicated = replicated_kinds(context.strategy)
    used = {kind: world.stores.arn(kind, primary, world.stores.used(kind, primary)) for kind in ("mysql", "dynamodb")}
    with progress.step(f"Install the services in {recovery}, where no store is yet") as detail:
        waiting = install_ahead(context, world)
        detail.note(f"{len(waiting.services)} environments, none of which can serve")
    with progress.step(f"Keep the bank busy, then lose {primary}") as detail:
        outage = lose_the_primary(context, world, newest, detail, faults)
    moments |= dict.fromkeys(replicated, world.parted or outage)
    for fault in faults:
        fault.arm()
    before = led_to(context)
    with progress.step(f"Recover in {recovery}, and cut over") as detail, minute_by_minute(context, recovery):
        execution = recover(context, outage, detail, faults)
        led = led_to(context)
        detail.note(f"customers were led to {before} after the outage, and are led to {led} now")
        looks = sum(context.cloud.gateway.looks_after_loss.values())
        detail.note(f"the switch and the fence looked {looks} times whether {primary} is back, as they do each minute")
    world.application = waiting
    with progress.step("Judge what came back, row by row and item by item") as detail:
        tables, items = _judge(context, world, used, moments, execution)
        oldest = min(moments.values())
        rows = total(tables)
        detail.note(
            f"rows: {rows.present:,} came back, {rows.lost:,} lost; items: {items.present:,} came back, {items.lost:,} lost"
        )
    findings = findings_of(execution, tables, items)
    if execution.output.get("outcome") == "recovered":
        findings += [*_served(context, world), *_cut_over(context, before, led)]
    for fault in faults:
        findings += fault.findings(execution)
    return Outcome(
        name="region-loss",
        title=f"{primary} was lost; {recovery} brought the bank back",
        outcome="recovered" if execution.output.get("outcome") == "recovered" else "failed",
        verified=not findings,
        rows=rows.present,
        items=items.present,
        lost_rows=rows.lost,
        lost_items=items.lost,
        reverted_rows=rows.reverted,
        rpo_seconds=round((outage - oldest).total_seconds(), 1),
        heartbeat_seconds=measured([each.get("verification") or {} for each in execution.output.get("stores", [])], outage),
        wall_seconds=round(time.perf_counter() - started, 1),
        findings=findings,
        moments={
            "backup": backup.isoformat(timespec="seconds"),
            f"{primary} lost": outage.isoformat(timespec="seconds"),
            f"verified in {recovery}": context.cloud.clock.now().isoformat(timespec="seconds"),
        },
        timeline=execution.timeline,
    )


def replicated_kinds(strategy: Strategy) -> list[str]:
    """Kinds of stores of which minutes are lost, not hours."""
    return [
        str(each.kind)
        for each in strategy.stores
        if (each.replica if isinstance(each, DynamoDbStore) else each.read_replica or each.replicated_backups)
    ]


def install_ahead(context: Context, world: World) -> Application:
    """As the application's team has them ahead: they start when the recovery has pointed them at a store."""
    application = install(
        context.cloud,
        context.strategy,
        world.stores,
        world.ledger,
        region=context.recovery,
        seed=context.seed + 1,
        first=FIRST_ROUND,
    )
    context.cloud.closing.append(application.end)
    if application.running:
        raise ScenarioFailed(f"services run in {context.recovery} before there is a store")
    return application


def _served(context: Context, world: World) -> list[str]:
    """The services here are on the restored stores, and on nothing else."""
    stores, region = world.stores, context.recovery
    here = {stores.arn(kind, region, stores.used(kind, region)) for kind in ("mysql", "dynamodb")}
    silent = [name for name, service in world.application.services.items() if not service.running]
    astray = [name for name, service in world.application.services.items() if not service.uses <= here]
    return [f"{each} does not serve in {region}" for each in silent] + [f"{each} uses another store" for each in astray]


def _cut_over(context: Context, before: str, led: str) -> list[str]:
    """Traffic moved by the switch, and by nothing before it."""
    found = []
    if before != context.primary:
        found.append(f"customers were led to {before} before anybody had cut over")
    if led != context.recovery:
        found.append(f"customers are led to {led}, though traffic was cut over to {context.recovery}")
    silent = [each for each in context.strategy.services if each.uses and answers(context, each.name) != 200]
    return found + [f"{each.name} does not answer by the customers' name" for each in silent]


def recover(context: Context, outage: datetime, detail: Detail, faults: Sequence[Fault] = ()) -> Execution:
    """With the client, as a person does it in the recovery region."""
    words = ("restore", "region", "--incident", outage.isoformat(timespec="seconds"), "--no-approvals", "--yes")
    started = (fault.start(words, detail) for fault in faults)
    answer = next(filter(None, started), None) or recovery(context, *words, detail=detail, region=context.recovery)
    for fault in faults:
        answer = fault.mend(answer, detail)
    execution = newest_execution(context, context.recovery, WORKFLOW)
    if execution is None:
        raise ScenarioFailed(f"{answer.command} ended {answer.code} without an execution: {answer.said.strip()[-600:]}")
    detail.note(answer.command)
    detail.note(f"exit {answer.code}; the workflow ended {execution.status} after {execution.minutes:.0f} modelled minutes")
    return execution


def lose_the_primary(context: Context, world: World, backup: datetime, detail: Detail, faults: Sequence[Fault] = ()) -> datetime:
    """Take the region away while the services are still writing."""
    before, application = world.application.rounds, world.application
    lost = (fault.lose(backup, detail) for fault in faults)
    moment = next(filter(None, lost), None) or _between_backups(context, world, backup, detail)
    wait_for(lambda: not application.running, what="the services to notice the outage")
    application.stop()
    rounds = application.rounds - before
    detail.note(f"{rounds} rounds of the bank's services were committed meanwhile; the outage came at {moment:%H:%M} UTC")
    return moment


def _between_backups(context: Context, world: World, backup: datetime, detail: Detail) -> datetime:
    """After a few virtual hours of writing. What replicates stops some minutes before: that much is lost of it."""
    clock = context.cloud.clock
    wanted = timedelta(minutes=random.Random(context.seed).randrange(3 * 60, 11 * 60))
    outage = backup + wanted if backup + wanted > clock.now() else min(clock.now() + timedelta(hours=1), backup + BETWEEN_BACKUPS)
    if replicated_kinds(context.strategy):
        work_until(context, world, outage - SETTLED - PARTED, detail)
        with world.application.still():
            clock.advance_to(clock.now() + SETTLED)
            beat_until(context, clock.now() + LASTS)
            context.cloud.part_regions()
            world.parted = clock.now()
        detail.note(f"nothing was replicated from {world.parted:%H:%M} UTC on, and the bank went on writing")
        work(world, ROUNDS_PER_HOUR)
    work_until(context, world, outage - LASTS, detail)
    beat_until(context, outage)
    context.cloud.lose_region(context.primary)
    return clock.now()


def _judge(
    context: Context, world: World, used: dict[str, str], moments: dict[str, datetime], execution: Execution
) -> tuple[dict[str, Counts], Counts]:
    """Whatever is there is judged, also after a failed workflow: a damaged bank has numbers too."""
    stores, ledger, region = world.stores, world.ledger, context.recovery
    try:
        names = restored(context, world, execution)
        here = {kind: stores.arn(kind, region, name) for kind, name in names.items()}
        backed_up_as = {"mysql": stores.instance_name, "dynamodb": stores.table_name}
        for kind, arn in here.items():
            ledger.restored(arn, of=stores.arn(kind, context.primary, backed_up_as[kind]), moment=moments[kind])
        with world.application.still(), stores.mysql(region, names["mysql"]) as connection:
            tables = judge_rows(connection, ledger, here["mysql"], before=used["mysql"])
            items = judge_items(stores.dynamodb(region), names["dynamodb"], ledger, here["dynamodb"], before=used["dynamodb"])
    except (ClientError, ValueError, pymysql.err.MySQLError) as error:
        raise ScenarioFailed(
            f"the workflow ended {execution.status} and left nothing to judge: {execution.cause or error}"
        ) from error
    return tables, items


def restored(context: Context, world: World, execution: Execution) -> dict[str, str]:
    """What came back, by its name: as the record says, or the newest that was made. ValueError where nothing did."""
    stores, region = world.stores, context.recovery
    kinds = {each.name: str(each.kind) for each in context.strategy.stores}
    back = {kinds[each["store"]]: each["resource"] for each in execution.output.get("stores", []) if each["recovered"]}
    if len(back) == len(kinds):
        return back
    instances = stores.client("rds", region).describe_db_instances()["DBInstances"]
    tables = [
        stores.dynamodb(region).describe_table(TableName=each)["Table"]
        for each in stores.dynamodb(region).list_tables()["TableNames"]
    ]
    made = [each for each in instances if naming.base(each["DBInstanceIdentifier"]) == stores.instance_name]
    filled = [each for each in tables if naming.base(each["TableName"]) == stores.table_name]
    return {
        "mysql": max(made, key=lambda each: each["InstanceCreateTime"])["DBInstanceIdentifier"],
        "dynamodb": max(filled, key=lambda each: each["CreationDateTime"])["TableName"],
    }


def findings_of(execution: Execution, tables: dict[str, Counts], items: Counts) -> list[str]:
    """Everything that keeps the recovery from being verified: the workflow's verdicts, then the judge's."""
    found = []
    if execution.status != "SUCCEEDED":
        found.append(f"the workflow ended {execution.status}: {execution.error}: {execution.cause}")
    for store in execution.output.get("stores", []):
        verdict = store["verification"].get("verdict")
        if verdict != "passed":
            found.append(f"{store['store']}: {verdict}: {store['verification'].get('summary', store['problem'])}")
    return found + convicted({**tables, "audit items": items})


def convicted(counts: dict[str, Counts]) -> list[str]:
    """What the judge says against them."""
    found = []
    for what, each in counts.items():
        if each.missing:
            found.append(f"the judge: {what}: {each.missing} that should have come back are missing")
        if each.altered or each.unexpected:
            found.append(f"the judge: {what}: {each.altered} altered, {each.unexpected} that the bank never wrote")
        if not each.present:
            found.append(f"the judge: {what}: nothing came back")
    return found
