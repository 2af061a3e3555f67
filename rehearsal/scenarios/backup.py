"""Running the backup plan's next scheduled rule, as the calendar would, and waiting for its jobs and copies."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from rehearsal.progress import Detail
from rehearsal.scenarios.base import Context, ScenarioFailed, World, wait_for
from rehearsal.scenarios.heartbeat import beat_until
from strategy.checks.schedule import runs

HORIZON = timedelta(days=8)
"""A week and a day: the longest any of the rules may make us wait."""


def backed_up(context: Context, world: World) -> datetime:
    """When the newest backup began; made now, as a numbered step, when there is none yet. Nothing was written during it."""
    if world.backup is None:
        with context.progress.step("Run the backup plan's next rule, and its copies") as detail, world.application.still():
            world.backup = run_next_backup(context, detail)
    return world.backup


def run_next_backup(context: Context, detail: Detail) -> datetime:
    """Let time pass until the next rule fires, and until each store is backed up and copied; returns when it fired."""
    moment = next_run(context)
    detail.now(f"waiting for {moment:%A %H:%M} UTC on the virtual clock")
    beat_until(context, moment)

    backup = context.cloud.client("backup", context.primary)
    stores = len(context.strategy.stores)

    def copied() -> bool:
        jobs = _since(backup.list_backup_jobs()["BackupJobs"], moment)
        copies = _since(backup.list_copy_jobs()["CopyJobs"], moment)
        detail.now(f"{_done(jobs)} of {stores} stores backed up, {_done(copies)} copied to {context.recovery}")
        for job in (*jobs, *copies):
            if job["State"] in {"FAILED", "ABORTED", "EXPIRED"}:
                raise ScenarioFailed(
                    f"the backup of {job['ResourceArn']} ended {job['State']}: {job.get('StatusMessage', 'no reason')}"
                )
        return _done(jobs) == stores and _done(copies) == stores

    wait_for(copied, what="the backup and copy jobs")
    detail.note(f"{stores} stores backed up at {moment:%Y-%m-%d %H:%M} UTC (virtual) and copied to {context.recovery}")
    return moment


def next_run(context: Context) -> datetime:
    """When a rule fires next."""
    now = context.cloud.clock.now()
    return min(run for rule in context.strategy.rules for run in list(runs(rule.schedule, now, now + HORIZON))[:1])


def _since(jobs: list[dict[str, Any]], moment: datetime) -> list[dict[str, Any]]:
    return [job for job in jobs if job["CreationDate"] >= moment]


def _done(jobs: list[dict[str, Any]]) -> int:
    return sum(job["State"] == "COMPLETED" for job in jobs)
