"""Is a scheduled run late? From the effective schedule and what the vault holds now: an event that never came is noticed too.

A backup is late from its scheduled moment while no job was made for it (or from the end of a start window longer than what is
allowed), and else from the moment by which it should have ended. Only a later recovery point ends it: a job that failed is
followed by the next run, and until then the promise is not kept. A copy is late from the moment by which it should have arrived.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from recovery.monitor.snapshot import MINUTE, Look, Number, utc
from strategy.catalogue import metrics
from strategy.checks.schedule import Run, effective
from strategy.contracts.monitor import MonitoredStore

if TYPE_CHECKING:
    from strategy.model.backup_plan import Rule

BACK = timedelta(days=8)
"""How far back a run is looked for: every rule runs within a week."""
FIRST_COPY = timedelta(days=1)
"""After a vault was made, until its first copy must have come: the region that sends is deployed later, and may take its time."""
_WELL = "COMPLETED"


@dataclass(frozen=True, slots=True)
class Timed:
    """A backup rule as far as its schedule goes."""

    name: str
    schedule: str
    keep: timedelta
    start_window: timedelta


def outstanding(rules: tuple[Timed, ...], newest: datetime | None, since: datetime, now: datetime) -> Run | None:
    """The oldest run that is due and that no recovery point answers: `newest` is the newest one's moment."""
    start = max([each for each in (newest, since) if each is not None] + [now - BACK])
    due = effective(cast("tuple[Rule, ...]", rules), start, now)
    return next((run for run in due if newest is None or run.at > newest), None)


def rules(look: Look) -> tuple[Timed, ...]:
    return tuple(
        Timed(each.name, each.schedule, timedelta(days=each.keep_days), timedelta(seconds=each.window_seconds))
        for each in look.wanted.rules
    )


def backups(look: Look) -> Iterator[Number]:
    """`LateMinutes` of each store; runs from before the plan's newest version, or the store, were never meant for it."""
    planned = max(_planned(look), look.since)
    for store in look.wanted.stores:
        since = max(planned, look.made.get(store.name, planned))
        run = outstanding(rules(look), _newest(look, store), since, look.now)
        late = _late(look, store, run) if run else timedelta()
        because = f"the run of {run.at.isoformat()} ({run.rule.name}) has no recovery point" if run and late else ""
        yield look.number(metrics.LATE, late // MINUTE, because, Store=store.name)


def copies(look: Look) -> Iterator[Number]:
    """`CopyLateMinutes` of each store."""
    for store in look.wanted.stores:
        newest = _newest(look, store)
        since = look.since if newest else look.since + FIRST_COPY
        run = outstanding(rules(look), newest, since, look.now)
        late = timedelta()
        if run:
            takes = timedelta(seconds=store.backup_seconds + store.copy_seconds)
            late = max(look.now - (run.window.end + takes), late)
        because = f"the copy of {run.at.isoformat()} ({run.rule.name}) has not arrived" if run and late else ""
        yield look.number(metrics.COPY_LATE, late // MINUTE, because, Store=store.name)


def _late(look: Look, store: MonitoredStore, run: Run) -> timedelta:
    asked = look.client("backup").list_backup_jobs(ByResourceArn=store.arn, ByCreatedAfter=run.at, MaxResults=10)
    if asked["BackupJobs"]:
        should_end = run.window.end + timedelta(seconds=store.backup_seconds)
        return max(look.now - should_end, timedelta())
    allowed = timedelta(seconds=look.wanted.late_seconds)
    return max(look.now - run.at - max(run.rule.start_window - allowed, timedelta()), timedelta())


def _newest(look: Look, store: MonitoredStore) -> datetime | None:
    return next((each.point.created for each in look.of(store) if each.point.status == _WELL), None)


def _planned(look: Look) -> datetime:
    """When the plan's newest version was made. Without a plan every run counts that the region has seen."""
    backup = look.client("backup")
    found = [each for page in backup.get_paginator("list_backup_plans").paginate() for each in page["BackupPlansList"]]
    plan = next((each for each in found if each["BackupPlanName"] == look.wanted.plan), None)
    if plan is None:
        return look.since
    pages = backup.get_paginator("list_backup_plan_versions").paginate(BackupPlanId=plan["BackupPlanId"])
    return max((utc(each["CreationDate"]) for page in pages for each in page["BackupPlanVersionsList"]), default=look.since)
