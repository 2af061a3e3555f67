"""What the vault of the region's role holds: how much, what AWS could not delete, and what is gone that should be there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from statistics import median

from recovery.jobs import jobs
from recovery.monitor.snapshot import Look, Number
from strategy.catalogue import metrics

EARLIER = 7
"""How many backups before the newest say what is usual."""
FEWEST = 2
"""Fewer say nothing."""
_DAY = timedelta(days=1)


def fullness(look: Look) -> Iterator[Number]:
    """`VaultPercent` of what the strategy expects."""
    held = sum(each.bytes for each in look.held)
    percent = 100 * held / look.wanted.expected_bytes
    because = f"{held / 1e9:.1f} GB in {len(look.held)} recovery points" if percent > 100 else ""
    yield look.number(metrics.VAULT_PERCENT, percent, because, Vault=look.wanted.vault)


def changes(look: Look) -> Iterator[Number]:
    """`SizeChangePercent`: the newest backup of each store beside the usual size. Sudden shrink is lost data, as sudden growth
    may be an attack: neither is seen in a job that completed.
    """
    for store in look.wanted.stores:
        newest, *before = [each.bytes for each in look.of(store) if each.point.status == "COMPLETED"][: EARLIER + 1] or [0]
        usual = median(before) if len(before) >= FEWEST else 0
        percent = 100 * abs(newest - usual) / usual if usual else 0
        because = f"{newest} bytes, usual are {usual:.0f}" if percent else ""
        yield look.number(metrics.SIZE_CHANGE, percent, because, Store=store.name)


def expired(look: Look) -> Iterator[Number]:
    """`PointsExpired`: AWS could not delete them, usually because the role that made them is gone. They are billed on."""
    stuck = [each.point.arn for each in look.held if each.point.status == "EXPIRED"]
    yield look.number(metrics.POINTS_EXPIRED, len(stuck), ", ".join(stuck[:5]))


def gone(look: Look) -> Iterator[Number]:
    """`PointsGone`: a job made them, no rule lets them expire yet, and the vault has them no longer."""
    shortest = timedelta(days=min(each.keep_days for each in look.wanted.rules))
    after = max(look.since, look.now - shortest + timedelta(hours=1))
    pages = look.client("backup").get_paginator("list_backup_jobs").paginate(ByState="COMPLETED", ByCreatedAfter=after)
    made = {
        each["RecoveryPointArn"]
        for page in pages
        for each in page["BackupJobs"]
        if each["BackupVaultName"] == look.wanted.vault and each.get("RecoveryPointArn")
    }
    missing = sorted(made - {each.point.arn for each in look.held})
    yield look.number(metrics.POINTS_GONE, len(missing), ", ".join(missing[:5]))


def messages(look: Look) -> Iterator[Number]:
    """`JobsWithMessage`: completed, and yet not all that was asked, such as a continuous backup that fell back to a snapshot."""
    found = jobs(look.client("backup"), look.wanted.region, look.now - _DAY, look.now)
    said = [f"{each.resource}: {each.message}" for each in found if each.kind == "backup" and each.remarked]
    yield look.number(metrics.MESSAGES, len(said), "; ".join(said[:5]))
