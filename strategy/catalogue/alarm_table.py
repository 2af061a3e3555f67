"""The table of alarms of a region: severity, what is read, the threshold out of the strategy, how soon, and what to do next.

What the monitor measures is judged here and nowhere else. No alarm depends on an event that may be lost. None goes off in a
region that was just deployed: what had no time to happen is not late (`recovery.monitor`), and silence counts after a first beat.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from strategy.catalogue import metrics, names
from strategy.catalogue.alarm_model import ABOVE, BELOW, Alarm, Missing
from strategy.catalogue.alarm_text import Said
from strategy.catalogue.metrics import MONITOR_EVERY, Metric
from strategy.catalogue.severity import Severity
from strategy.checks.objectives import limit
from strategy.formatting import duration_text
from strategy.model.strategy import MySqlStore, Scenario, Store, Strategy

SIZE_CHANGE_PERCENT = 50
"""A backup this much larger or smaller than those before it is no growth."""
BILL_PERCENT = 120
"""Above the computed cost: prices and sizes are estimates. `recovery.calendar.reviews` fails its review by the same."""
_ANY_DAY = date(2026, 1, 5)
"""The day matters only for a schedule that names years; a template must not change from day to day."""
_TYPES = {"mysql": "RDS", "dynamodb": "DynamoDB"}
_SOON = timedelta(minutes=15)
"""AWS Backup counts each five minutes, and the alarm after five more."""
_LOOKED = 2 * MONITOR_EVERY
"""The monitor looks, and its period ends."""
_SILENT = timedelta(minutes=90)
"""Two periods without a datapoint, and two more in which CloudWatch still finds older ones."""


class _Words(NamedTuple):
    severity: Severity
    what: str
    promised: str
    command: str


def table(strategy: Strategy, region: str) -> tuple[Alarm, ...]:
    """What a region's role decides is in it; names of the other region are not."""
    return tuple(_Table(strategy, region).alarms())


class _Table:
    def __init__(self, strategy: Strategy, region: str) -> None:
        self._strategy, self._region, self._prefix = strategy, region, strategy.prefix
        self._primary = region == strategy.regions.primary
        where = f"--env {strategy.environment} --region {region}"
        self._status, self._calendar = f"python -m recovery status {where}", f"python -m recovery calendar {where}"
        log = names.log_group("lambda", names.function(strategy.prefix, names.MONITOR))
        self._log = f"aws logs tail {log} --since 1h --region {region}"

    def alarms(self) -> Iterator[Alarm]:
        yield from self._jobs()
        for store in self._strategy.stores:
            yield from self._late(store)
            yield from self._ages(store)
            if self._primary:
                yield self._size(store)
        yield from self._vaults()
        yield from self._drift()
        yield from self._proofs()
        yield from self._silence()

    # ------------------------------------------------------------------ jobs
    def _jobs(self) -> Iterator[Alarm]:
        """At once: AWS's own counts, which need nothing of ours."""
        own, copies = names.backup_vault(self._prefix), names.copy_vault(self._prefix)
        types = sorted({_TYPES[store.kind] for store in self._strategy.stores})
        found = {
            "backup": [metrics.backup_jobs("Backup", state, BackupVaultName=own) for state in metrics.JOBS_FAILED],
            "restore": [metrics.backup_jobs("Restore", "Failed", ResourceType=each) for each in types],
        }
        if self._primary:
            found["copy"] = [metrics.backup_jobs("Copy", "Failed", BackupVaultName=copies)]
        for kind, counted in found.items():
            command = f"aws backup list-{kind}-jobs --max-results 20 --region {self._region}"
            severity = Severity.LOOK if kind == "restore" else Severity.PAGE
            words = _Words(severity, f"{kind} jobs failed, expired or were aborted", "0 jobs", command)
            yield self._made(f"{kind}-failed", f"{kind}-failed", tuple(counted), 0, words, missing="notBreaching", notices=_SOON)
        words = _Words(Severity.LOOK, "backup jobs of the last day completed with a message", "0 jobs", self._log)
        yield self._counted(metrics.MESSAGES, "completed-with-message", words)

    # ------------------------------------------------------------------ stores
    def _late(self, store: Store) -> Iterator[Alarm]:
        late = self._strategy.alerts.late_after
        what, name, title = f"the scheduled backup of {store.name} is late", metrics.LATE, "late"
        if not self._primary:
            what, name, title = f"a copy of the scheduled backup of {store.name} has not arrived", metrics.COPY_LATE, "copy-late"
        words = _Words(Severity.PAGE, what, f"at most {duration_text(late)} late", self._status)
        metric = metrics.monitor(self._prefix, name, self._region, Store=store.name)
        yield self._made(f"{title}-{store.name}", title, (metric,), _minutes(late), words)

    def _ages(self, store: Store) -> Iterator[Alarm]:
        for kind, allowed in ages(self._strategy, store, primary=self._primary):
            what = f"the newest {kind.replace('-', ' ')} of {store.name} is too old to keep its RPO"
            words = _Words(Severity.PAGE, what, f"at most {duration_text(allowed)} old", self._status)
            metric = metrics.monitor(self._prefix, metrics.AGE, self._region, Store=store.name, Kind=kind)
            # One look may fall on a moment's delay of AWS's; what lasts for two is none.
            yield self._made(
                f"age-{store.name}-{kind}", "age", (metric,), _minutes(allowed), words, periods=2, notices=_LOOKED + MONITOR_EVERY
            )
        if isinstance(store, MySqlStore) and store.read_replica and not self._primary:
            lag = limit(self._strategy, store, Scenario.REGION_LOSS, "read replica", _ANY_DAY)
            words = _Words(
                Severity.PAGE, f"the read replica of {store.name} lags", f"at most {duration_text(lag)} behind", self._status
            )
            metric = metrics.replica_lag(names.read_replica(self._prefix, store.name))
            yield self._made(
                f"replica-lag-{store.name}", "replica-lag", (metric,), lag.total_seconds(), words, period=timedelta(minutes=5)
            )

    def _size(self, store: Store) -> Alarm:
        what = f"the newest backup of {store.name} is much larger or smaller than those before"
        words = _Words(Severity.LOOK, what, f"at most {SIZE_CHANGE_PERCENT} % of change", self._status)
        metric = metrics.monitor(self._prefix, metrics.SIZE_CHANGE, self._region, Store=store.name)
        return self._made(f"size-{store.name}", "size", (metric,), SIZE_CHANGE_PERCENT, words)

    # ------------------------------------------------------------------ vaults and settings
    def _vaults(self) -> Iterator[Alarm]:
        percent = self._strategy.alerts.storage_above_percent
        vault = names.backup_vault(self._prefix) if self._primary else names.copy_vault(self._prefix)
        cost = f"python -m recovery cost --env {self._strategy.environment}"
        words = _Words(Severity.LOOK, f"the vault {vault} holds more than expected", f"at most {percent} %", cost)
        metric = metrics.monitor(self._prefix, metrics.VAULT_PERCENT, self._region, Vault=vault)
        yield self._made("vault-full", "vault-full", (metric,), percent, words)
        listed = f"aws backup list-recovery-points-by-backup-vault --backup-vault-name {vault} --region {self._region}"
        words = _Words(Severity.LOOK, "recovery points have expired, and AWS cannot delete them", "0 recovery points", listed)
        yield self._counted(metrics.POINTS_EXPIRED, "points-expired", words)
        if self._primary:
            words = _Words(Severity.PAGE, "recovery points are gone before their time", "0 recovery points", listed)
            yield self._counted(metrics.POINTS_GONE, "points-gone", words)

    def _drift(self) -> Iterator[Alarm]:
        stores = [store.name for store in self._strategy.stores] if self._primary else []
        about = {
            **{name: f"the live settings of {name}" for name in stores},
            **({metrics.PLAN: "the backup plan, its rules or its selection"} if self._primary else {}),
            metrics.VAULTS: "policies, locks or keys of the vaults",
            metrics.REGION: "AWS Backup's opt-ins, or keys of the region,",
        }
        for subject, what in about.items():
            words = _Words(Severity.LOOK, f"{what} are not as promised", "0 differences", self._log)
            metric = metrics.monitor(self._prefix, metrics.DRIFT, self._region, Subject=subject)
            yield self._made(f"drift-{subject}", "drift", (metric,), 0, words)

    # ------------------------------------------------------------------ proofs
    def _proofs(self) -> Iterator[Alarm]:
        look, none = Severity.LOOK, "0"
        words = _Words(look, "routes are unproved since a drill was due", none, self._status)
        yield self._counted(metrics.ROUTES_UNPROVED, "route-unproved", words)
        what = "restore tests of stores did not pass"
        yield self._counted(metrics.TESTS_FAILED, "restore-test-failed", _Words(look, what, none, self._status))
        words = _Words(Severity.NOTE, "duties of the calendar are overdue", none, self._calendar)
        yield self._counted(metrics.DUTIES_OVERDUE, "duty-overdue", words)
        words = _Words(look, "a restore took longer than its RTO", "at most 100 % of the RTO", self._status)
        yield self._counted(metrics.RTO_PERCENT, "rto", words, threshold=100)
        words = _Words(Severity.NOTE, "the reviewed bill is above the computed cost", f"at most {BILL_PERCENT} %", self._calendar)
        yield self._counted(metrics.BILL_PERCENT, "bill", words, threshold=BILL_PERCENT)
        if self._primary:
            words = _Words(look, "the data of stores was not verified as scheduled, or differs", none, self._status)
            yield self._counted(metrics.INTEGRITY_UNPROVED, "integrity", words)
        else:
            command = f"python -m recovery preflight --env {self._strategy.environment} --region {self._region}"
            words = _Words(look, "the pre-flight is red: this region could not take over", "0 red lines", command)
            yield self._counted(metrics.PREFLIGHT_RED, "preflight-red", words)
            words = _Words(look, "the day's pre-flight left no record", "one each day", command)
            yield self._counted(metrics.PREFLIGHT_OVERDUE, "preflight-overdue", words)

    # ------------------------------------------------------------------ silence
    def _silence(self) -> Iterator[Alarm]:
        often = f"one look each {duration_text(MONITOR_EVERY)}"
        words = _Words(Severity.LOOK, "the monitor could not make all of its readings", "0 readings", self._log)
        yield self._made(
            "not-checked",
            "not-checked",
            (metrics.monitor(self._prefix, metrics.NOT_CHECKED, self._region),),
            0,
            words,
            periods=2,
            notices=_LOOKED + MONITOR_EVERY,
        )
        silent = (
            (metrics.BEAT, "monitor-silent", "the monitor of this region is silent: nothing here is watched", self._log),
            (metrics.PEER_BEAT, "peer-silent", "the other region's monitor is silent: it, or its region, is gone", self._status),
        )
        for name, title, what, command in silent:
            metric = metrics.monitor(self._prefix, name, self._region)
            words = _Words(Severity.PAGE, what, often, command)
            yield self._made(title, title, (metric,), 1, words, comparison=BELOW, missing="breaching", periods=2, notices=_SILENT)

    # ------------------------------------------------------------------
    def _counted(self, name: str, title: str, words: _Words, threshold: float = 0) -> Alarm:
        return self._made(title, title, (metrics.monitor(self._prefix, name, self._region),), threshold, words)

    def _made(
        self,
        name: str,
        cause: str,
        read: tuple[Metric, ...],
        threshold: float,
        words: _Words,
        *,
        comparison: str = ABOVE,
        missing: Missing = "ignore",
        period: timedelta | None = None,
        periods: int = 1,
        notices: timedelta = _LOOKED,
    ) -> Alarm:
        own = read[0].namespace == metrics.BACKUP_NAMESPACE
        return Alarm(
            name=names.alarm(self._prefix, name),
            cause=cause,
            metrics=read,
            statistic="Sum" if own else "Maximum",
            comparison=BELOW if comparison == BELOW else ABOVE,
            threshold=float(threshold),
            period=period or (timedelta(minutes=5) if own else MONITOR_EVERY),
            periods=periods,
            missing=missing,
            notices=notices,
            said=Said(*words),
        )


def ages(strategy: Strategy, store: Store, *, primary: bool) -> Iterator[tuple[str, timedelta]]:
    """What a store can be brought back from in a region of that role, and how old the newest data may be.

    A window moves in steps: RDS uploads its logs each five minutes, so a look may find it nearly twice its usual lag behind.
    """
    durations = strategy.durations.of(store.kind)
    if primary:
        window = limit(strategy, store, Scenario.POINT_IN_TIME, "point-in-time recovery", _ANY_DAY)
        yield metrics.POINT_IN_TIME, max(window, 2 * durations.point_in_time_lag.takes)
        yield metrics.RECOVERY_POINTS, limit(strategy, store, Scenario.RECOVERY_POINT, "recovery points", _ANY_DAY)
        return
    yield metrics.COPIES, limit(strategy, store, Scenario.REGION_LOSS, "copies", _ANY_DAY)
    if isinstance(store, MySqlStore):
        if store.replicated_backups:
            kept = limit(strategy, store, Scenario.REGION_LOSS, "replicated automated backups", _ANY_DAY)
            yield metrics.REPLICATED_BACKUPS, max(kept, 2 * strategy.durations.mysql.replicated_backup_lag.takes)
        if store.read_replica:
            yield metrics.REPLICA, timedelta()
    elif store.replica:
        yield metrics.REPLICA, timedelta()


def _minutes(value: timedelta) -> float:
    return value.total_seconds() / 60
