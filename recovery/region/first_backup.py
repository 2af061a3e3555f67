"""Backups on in the new region at once: a first recovery point of each restored store, into this region's own vault.

Continuous protection (automated backups, point-in-time recovery, deletion protection) came back with each store's settings and
was compared there; the plan's rules follow when the region is made the primary. Until then these are the only recovery points, so
they are kept as long as the rule that keeps longest; a locked vault fails a backup without a lifecycle (API_StartBackupJob).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from recovery.region.source import Client
from recovery.restore.plan import Plan
from recovery.restore.region_plan import RegionPlan
from strategy.catalogue import names
from strategy.contracts.region import ProtectAnswer


def protect(plan: RegionPlan, used: Iterable[Plan], client: Client, keep: timedelta) -> ProtectAnswer:
    """Asking again gives the same jobs. `keep`: whole days."""
    backup = client("backup")
    role = names.role_arn(plan.prefix, "backup", plan.region, plan.account)
    jobs = {
        each.store: str(
            backup.start_backup_job(
                BackupVaultName=names.backup_vault(plan.prefix),
                ResourceArn=each.target.arn,
                IamRoleArn=role,
                IdempotencyToken=f"{plan.plan_id}-{each.store}",
                Lifecycle={"DeleteAfterDays": keep.days},
                RecoveryPointTags={names.PLAN_TAG: plan.plan_id},
            )["BackupJobId"]
        )
        for each in used
    }
    return ProtectAnswer(jobs=jobs)
