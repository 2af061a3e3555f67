"""Region loss: the primary region disappears between two backups; the recovery region brings the bank back from its copies.

Enters: deployed stacks and a loaded bank. Leaves: an `Outcome`, and in the result the findings that keep it from being
verified. Nothing here restores anything: the deployed workflow does. This module breaks, starts, waits, and judges.
"""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta

import pymysql
from botocore.exceptions import ClientError

from rehearsal.bank import Judgement, Ledger, Writer, judge
from rehearsal.cloud.door import INHABITANT
from rehearsal.progress import Detail
from rehearsal.result import Outcome
from rehearsal.scenarios.backup import run_next_backup
from rehearsal.scenarios.base import Context, ScenarioFailed, wait_for
from rehearsal.scenarios.faults import arm
from rehearsal.scenarios.stores import Stores
from rehearsal.scenarios.workflow import Execution, run_region_workflow

ROUNDS_PER_HOUR = 25
"""How many rounds the bank's writer does for each virtual hour between the backup and the outage."""


def region_loss(context: Context, stores: Stores, ledger: Ledger) -> Outcome:
    """Back up, write, lose the region, recover, judge: four numbered steps."""
    started = time.perf_counter()
    progress, result = context.progress, context.result
    with progress.step("Run the backup plan's next rule, and its copies") as detail:
        backup = run_next_backup(context, detail)
    with progress.step(f"Keep the bank busy, then lose {context.primary}") as detail:
        outage = lose_the_primary(context, stores, ledger, backup, detail)
    arm(context, stores)
    with progress.step(f"Recover in {context.recovery}") as detail:
        execution = run_region_workflow(context, incident=outage, detail=detail)
    result.timeline = execution.timeline
    with progress.step("Judge what came back, row by row and item by item") as detail:
        judgement = _judge(context, stores, ledger, execution)
        detail.note(_told(judgement))
    result.findings += _findings(execution, judgement, backup)
    result.moments = {
        "backup": backup.isoformat(timespec="seconds"),
        f"{context.primary} lost": outage.isoformat(timespec="seconds"),
        f"verified in {context.recovery}": context.cloud.clock.now().isoformat(timespec="seconds"),
    }
    return Outcome(
        name="region-loss",
        outcome="recovered" if execution.output.get("outcome") == "recovered" else "failed",
        verified=not result.findings,
        rows=judgement.rows.present,
        items=judgement.items.present,
        lost_rows=judgement.rows.lost,
        lost_items=judgement.items.lost,
        rpo_seconds=round((outage - backup).total_seconds(), 1),
        wall_seconds=round(time.perf_counter() - started, 1),
    )


def lose_the_primary(context: Context, stores: Stores, ledger: Ledger, backup: datetime, detail: Detail) -> datetime:
    """Write through a few virtual hours, then take the region away while the writer is still writing."""
    clock = context.cloud.clock
    outage = backup + timedelta(minutes=random.Random(context.seed).randrange(3 * 60, 11 * 60))
    services = context.cloud.client("dynamodb", context.primary, mark=INHABITANT)
    writer = Writer(stores.mysql(context.primary), services, stores.table_name, ledger, seed=context.seed)
    with writer:
        while (now := clock.now()) < outage:
            target = writer.rounds + ROUNDS_PER_HOUR
            wait_for(lambda: writer.rounds >= target or not writer.running, what="the bank's writer")  # noqa: B023
            detail.now(f"{writer.rounds} rounds written, {now:%H:%M} UTC")
            clock.advance_to(min(now + timedelta(hours=1), outage))
        context.cloud.lose_region(context.primary)
        wait_for(lambda: not writer.running, what="the writer to notice the outage")
    moment = clock.now()
    detail.note(
        f"{writer.rounds} rounds of the bank's writer were committed after the backup; the outage came at {moment:%H:%M} UTC"
    )
    return moment


def _judge(context: Context, stores: Stores, ledger: Ledger, execution: Execution) -> Judgement:
    """Whatever is there is judged, also after a failed workflow: a damaged bank has numbers too."""
    try:
        with stores.mysql(context.recovery) as connection:
            return judge(connection, stores.dynamodb(context.recovery), stores.table_name, ledger)
    except (ClientError, pymysql.err.MySQLError) as error:
        raise ScenarioFailed(
            f"the workflow ended {execution.status} and left nothing to judge: {execution.cause or error}"
        ) from error


def _told(judgement: Judgement) -> str:
    rows, items = judgement.rows, judgement.items
    return f"rows: {rows.present:,} came back, {rows.lost:,} lost; items: {items.present:,} came back, {items.lost:,} lost"


def _findings(execution: Execution, judgement: Judgement, backup: datetime) -> list[str]:
    """Everything that keeps the recovery from being verified: the workflow's verdicts, then the judge's."""
    found = []
    if execution.status != "SUCCEEDED":
        found.append(f"the workflow ended {execution.status}: {execution.error}: {execution.cause}")
    stores = execution.output.get("stores", [])
    found += [f"{store['store']}: {store['verdict']}: {store['summary']}" for store in stores if store["verdict"] != "passed"]
    for what, counts in (*judgement.tables.items(), ("audit items", judgement.items)):
        if not counts.sound:
            found.append(f"the judge: {what}: {counts.altered} altered, {counts.unexpected} that the bank never wrote")
        if not counts.present:
            found.append(f"the judge: {what}: nothing came back")
    if judgement.oldest_lost is not None and judgement.oldest_lost < backup:
        found.append(f"the judge: something committed at {judgement.oldest_lost:%H:%M:%S}, before the backup, is lost")
    return found
