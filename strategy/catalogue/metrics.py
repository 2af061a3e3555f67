"""The one table of metrics: every metric that an alarm, a dashboard or a digest reads, whoever emits it.

Another set of dimensions is another metric: what reads one takes it from here, and a test fails where nobody emits it. Safe to
import in a Lambda function. A metric is read in the region in which it is emitted; `Region` is that region's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from strategy.catalogue import names
from strategy.catalogue.calendar import OVERDUE_METRIC

MONITOR_EVERY = timedelta(minutes=15)
"""How often the monitor of a region looks."""
_DAY = timedelta(days=1)
_FIVE_MINUTES = timedelta(minutes=5)

BEAT, PEER_BEAT, NOT_CHECKED = "MonitorBeat", "PeerBeat", "NotChecked"
LATE, COPY_LATE, AGE = "LateMinutes", "CopyLateMinutes", "AgeMinutes"
VAULT_PERCENT, SIZE_CHANGE = "VaultPercent", "SizeChangePercent"
POINTS_EXPIRED, POINTS_GONE, MESSAGES = "PointsExpired", "PointsGone", "JobsWithMessage"
DRIFT = "Drift"
ROUTES_UNPROVED, INTEGRITY_UNPROVED, TESTS_FAILED = "RoutesUnproved", "IntegrityUnproved", "RestoreTestsFailed"
DUTIES_OVERDUE = OVERDUE_METRIC
PREFLIGHT_RED, PREFLIGHT_OVERDUE = "PreflightRed", "PreflightOverdue"
RTO_PERCENT, BILL_PERCENT = "RtoPercent", "BillPercent"
JOB_SUCCESS, JOB_TYPICAL, JOB_LONGEST = "JobSuccessPercent", "JobTypicalMinutes", "JobLongestMinutes"

PLAN, VAULTS, REGION = "plan", "vaults", "region"
"""Subjects of `Drift` that are no stores."""
POINT_IN_TIME, RECOVERY_POINTS, COPIES = "point-in-time", "recovery-points", "copies"
REPLICATED_BACKUPS, REPLICA = "replicated-backups", "replica"
"""Kinds of `AgeMinutes`: what a store can be brought back from."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric by its name and the names of its dimensions; which values they take is the strategy's matter."""

    name: str
    dimensions: tuple[str, ...]
    unit: str
    """CloudWatch's word."""
    meaning: str
    every: timedelta | None
    """How often it comes; None: only when there is something to count."""


_R = ("Region",)
MONITOR = (
    Measure(BEAT, _R, "Count", "the monitor has looked", MONITOR_EVERY),
    Measure(NOT_CHECKED, _R, "Count", "readings that could not be made", MONITOR_EVERY),
    Measure(LATE, (*_R, "Store"), "Count", "minutes that the oldest outstanding backup is late", MONITOR_EVERY),
    Measure(COPY_LATE, (*_R, "Store"), "Count", "minutes that the oldest outstanding copy is late", MONITOR_EVERY),
    Measure(AGE, (*_R, "Store", "Kind"), "Count", "minutes since the newest data that can be restored", MONITOR_EVERY),
    Measure(VAULT_PERCENT, (*_R, "Vault"), "Percent", "size of a vault, of what is expected", MONITOR_EVERY),
    Measure(SIZE_CHANGE, (*_R, "Store"), "Percent", "change of the newest backup's size, of those before", MONITOR_EVERY),
    Measure(POINTS_EXPIRED, _R, "Count", "recovery points that AWS could not delete", MONITOR_EVERY),
    Measure(POINTS_GONE, _R, "Count", "recovery points that are gone before their time", MONITOR_EVERY),
    Measure(MESSAGES, _R, "Count", "jobs of the last day that completed with a message", MONITOR_EVERY),
    Measure(DRIFT, (*_R, "Subject"), "Count", "settings that are not as promised", MONITOR_EVERY),
    Measure(ROUTES_UNPROVED, _R, "Count", "routes whose scheduled drill is over, and did not prove them", MONITOR_EVERY),
    Measure(INTEGRITY_UNPROVED, _R, "Count", "stores whose scheduled check is over, and did not pass", MONITOR_EVERY),
    Measure(TESTS_FAILED, _R, "Count", "stores whose newest restore test did not pass", MONITOR_EVERY),
    Measure(DUTIES_OVERDUE, _R, "Count", "duties of the calendar that are overdue", MONITOR_EVERY),
    Measure(PREFLIGHT_RED, _R, "Count", "red lines of the newest pre-flight", MONITOR_EVERY),
    Measure(PREFLIGHT_OVERDUE, _R, "Count", "1 when the day's pre-flight left no record", MONITOR_EVERY),
    Measure(RTO_PERCENT, _R, "Percent", "longest measured restore, of its RTO", MONITOR_EVERY),
    Measure(BILL_PERCENT, _R, "Percent", "the last reviewed bill, of the computed cost", MONITOR_EVERY),
    Measure(PEER_BEAT, _R, "Count", "the other region's monitor has looked, said by itself", MONITOR_EVERY),
)
"""In the namespace of the monitor. A reading that could not be made emits nothing of its own, and counts as `NotChecked`."""

DIGEST = (
    Measure(JOB_SUCCESS, (*_R, "Kind"), "Percent", "jobs of a day that ended well, of all that ended", _DAY),
    Measure(JOB_TYPICAL, (*_R, "Kind"), "Count", "minutes that a job of a day took, in the middle", _DAY),
    Measure(JOB_LONGEST, (*_R, "Kind"), "Count", "minutes that the longest job of a day took", _DAY),
)
"""In the namespace of the digest; `Kind` is one of JOB_KINDS. A day without jobs of a kind emits nothing of it."""
JOBS_TOLD = "JobsTold"
"""In the namespace of what was told, by Region and Kind: 1 for each job that was told by its own event."""
JOB_KINDS = ("backup", "copy", "restore")

BACKUP_NAMESPACE, RDS_NAMESPACE = "AWS/Backup", "AWS/RDS"
JOBS_FAILED = ("Failed", "Expired", "Aborted")
"""How a backup job ends badly, in the names of AWS's metrics; copies and restores have `Failed` only."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of one region, with all that tells it from others. `dimensions` are (name, value), in the table's order."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    unit: str
    emitter: str
    every: timedelta | None

    @property
    def key(self) -> tuple[str, str, frozenset[tuple[str, str]]]:
        return self.namespace, self.name, frozenset(self.dimensions)


def measure(name: str) -> Measure:
    """Of the monitor. KeyError for a name that it does not emit."""
    for each in MONITOR:
        if each.name == name:
            return each
    raise KeyError(f"the monitor emits no {name!r}")


def monitor(prefix: str, name: str, region: str, **values: str) -> Metric:
    """A metric of the monitor; `values` are its dimensions but the region. KeyError for one that it does not emit like that."""
    found = measure(name)
    given = {"Region": region, **values}
    if set(given) != set(found.dimensions):
        raise KeyError(f"{name} has the dimensions {', '.join(found.dimensions)}, not {', '.join(given)}")
    emitter = "the other region's monitor" if name == PEER_BEAT else "monitor"
    dimensions = tuple((each, given[each]) for each in found.dimensions)
    return Metric(names.monitor_namespace(prefix), name, dimensions, found.unit, emitter, found.every)


def digest(prefix: str, name: str, region: str, kind: str) -> Metric:
    """A metric of the daily digest. StopIteration for one that it does not emit."""
    found = next(each for each in DIGEST if each.name == name)
    dimensions = (("Region", region), ("Kind", kind))
    return Metric(names.digest_namespace(prefix), name, dimensions, found.unit, "digest", found.every)


def backup_jobs(kind: str, state: str, **dimension: str) -> Metric:
    """Of AWS Backup: `kind` is Backup, Copy or Restore; the dimension BackupVaultName (a copy's destination) or ResourceType.

    Published each five minutes, and only when it is not zero.
    """
    return Metric(
        BACKUP_NAMESPACE, f"NumberOf{kind}Jobs{state}", tuple(dimension.items()), "Count", "AWS Backup, if not 0", _FIVE_MINUTES
    )


def replica_lag(instance: str) -> Metric:
    """Of RDS, in seconds."""
    return Metric(RDS_NAMESPACE, "ReplicaLag", (("DBInstanceIdentifier", instance),), "Seconds", "RDS", timedelta(minutes=1))


def heartbeat(prefix: str, region: str, store: str) -> Metric:
    """1 for each heartbeat that was written into a store, 0 for one that was not."""
    dimensions = (("Region", region), ("Store", store))
    return Metric(
        names.heartbeat_namespace(prefix), names.HEARTBEAT_METRIC, dimensions, "Count", "write-heartbeats", timedelta(minutes=1)
    )
