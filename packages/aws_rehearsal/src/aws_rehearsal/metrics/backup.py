"""The metrics of AWS Backup, as AWS publishes them: every five minutes, only what is not zero, and never a zero.

A job counts in the five minutes in which it came into its state. Copies count under the name of the vault they go to. In which
region AWS counts a copy is not written down; here where its job is.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aws_rehearsal.backup.records import BackupJob, CopyJob, Job, RecoveryPoint, RestoreJob
from aws_rehearsal.gateway import OF_AWS
from aws_rehearsal.metrics.store import floor

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

NAMESPACE = "AWS/Backup"
EVERY = timedelta(minutes=5)
_KINDS: dict[type, tuple[str, frozenset[str]]] = {
    BackupJob: (
        "NumberOfBackupJobs",
        frozenset({"CREATED", "PENDING", "RUNNING", "ABORTED", "COMPLETED", "FAILED", "EXPIRED"}),
    ),
    CopyJob: ("NumberOfCopyJobs", frozenset({"CREATED", "RUNNING", "COMPLETED", "FAILED"})),
    RestoreJob: ("NumberOfRestoreJobs", frozenset({"PENDING", "RUNNING", "COMPLETED", "FAILED"})),
    RecoveryPoint: ("NumberOfRecoveryPoints", frozenset({"COMPLETED", "PARTIAL", "EXPIRED", "DELETING", "COLD"})),
}

Counted = tuple[str, tuple[tuple[str, str], ...]]


class BackupMetrics:
    """Counts what AWS Backup tells, and publishes it."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._lock = threading.Lock()
        self._counts: dict[str, Counter[Counted]] = {}

    def note(self, region: str, subject: Job | RecoveryPoint) -> None:
        prefix, states = _KINDS[type(subject)]
        state = subject.status if isinstance(subject, RecoveryPoint) else subject.state
        if state not in states:
            return
        name = f"{prefix}{state.title()}"
        with self._lock:
            if region not in self._counts:
                self._counts[region] = Counter()
                due = floor(self._cloud.clock.now(), EVERY) + EVERY
                self._cloud.clock.call_at(due, lambda: self._publish(region), leap=False)
            self._counts[region].update((name, dimensions) for dimensions in _dimensions(subject))

    def _publish(self, region: str) -> None:
        with self._lock:
            counts = self._counts.pop(region, Counter())
        if region in self._cloud.gateway.lost_regions:
            return
        data: list[Any] = [
            {
                "MetricName": name,
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
                "Value": float(count),
                "Unit": "Count",
            }
            for (name, dimensions), count in counts.items()
        ]
        self._cloud.client("cloudwatch", region, mark=OF_AWS).put_metric_data(Namespace=NAMESPACE, MetricData=data)


def _dimensions(subject: Job | RecoveryPoint) -> list[tuple[tuple[str, str], ...]]:
    kind = ("ResourceType", str(subject.resource_type))
    match subject:
        case CopyJob():
            vault = subject.destination_backup_vault_arn.rsplit(":", 1)[-1]
        case BackupJob() | RecoveryPoint():
            vault = subject.backup_vault_name
        case _:  # a restore has no vault
            return [(kind,)]
    named = ("BackupVaultName", vault)
    return [(named,), (named, kind), (kind,)]
