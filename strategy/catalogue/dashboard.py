"""The dashboard of a region: what is promised beside what is measured. One body, for CloudWatch and for the local page.

The body is CloudWatch's own (*Dashboard body structure and syntax*), 24 columns wide. Every metric in it is one of the table of
metrics, and every number has its promise as a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from strategy.catalogue import metrics, names
from strategy.catalogue.alarm_table import BILL_PERCENT, SIZE_CHANGE_PERCENT, ages, table
from strategy.catalogue.metrics import Metric
from strategy.catalogue.widgets import ABOVE as ABOVE  # noqa: PLC0414  readers of a body find it here
from strategy.catalogue.widgets import BELOW, BLUE, COLUMNS, DAY, GREEN, GREY, HOUR, QUARTER, RED, Grid, Line, Promise
from strategy.formatting import duration_text
from strategy.model.strategy import MySqlStore, Scenario, Store, Strategy

LONG = timedelta(days=7)
"""What a dashboard shows when it is opened."""
_TYPES = {"mysql": "RDS", "dynamodb": "DynamoDB"}


def body(strategy: Strategy, region: str) -> dict[str, Any]:
    """As CloudWatch takes it, once it is JSON. The same for the same strategy and region, on any day."""
    return _Body(strategy, region).whole()


def text(strategy: Strategy, region: str) -> str:
    return json.dumps(body(strategy, region), separators=(",", ":"))


def read(found: Mapping[str, Any]) -> Iterator[tuple[str, str, frozenset[tuple[str, str]]]]:
    """The metrics that a body reads, each as `Metric.key`."""
    for widget in found["widgets"]:
        for each in widget["properties"].get("metrics", ()):
            parts = [part for part in each if isinstance(part, str)]
            if parts:
                yield parts[0], parts[1], frozenset(zip(parts[2::2], parts[3::2], strict=True))


class _Body:
    def __init__(self, strategy: Strategy, region: str) -> None:
        self._strategy, self._region, self._prefix = strategy, region, strategy.prefix
        self._primary = region == strategy.regions.primary
        self._grid = Grid(region)

    def whole(self) -> dict[str, Any]:
        self._grid.place(COLUMNS, 3 + len(self._strategy.stores), "text", {"markdown": self._promises()})
        alarms = [
            f"arn:aws:cloudwatch:{self._region}:{self._strategy.account}:alarm:{each.name}"
            for each in table(self._strategy, self._region)
        ]
        self._grid.place(COLUMNS, 4, "alarm", {"title": "Alarms now", "alarms": alarms})
        self._grid.title("How old the newest data is, beside what keeps its RPO")
        for store in self._strategy.stores:
            self._freshness(store)
        self._grid.title("Jobs of AWS Backup")
        self._jobs()
        self._grid.title("Restores, storage, proofs and cost")
        self._rest()
        return {"start": f"-P{LONG.days}D", "periodOverride": "inherit", "widgets": self._grid.placed}

    def _promises(self) -> str:
        role = "primary" if self._primary else "recovery"
        lines = [f"# {self._prefix}, {self._region} ({role}): promise versus measured", ""]
        lines += ["| store | to a moment | from a recovery point | the region is lost |", "|---|---|---|---|"]
        for store in self._strategy.stores:
            promised = [store.objectives.of(each) for each in Scenario]
            cells = [f"RPO {duration_text(each.rpo)}, RTO {duration_text(each.rto)}" for each in promised]
            lines.append(f"| {store.name} | {' | '.join(cells)} |")
        return "\n".join(lines)

    # ------------------------------------------------------------------ stores
    def _freshness(self, store: Store) -> None:
        late = metrics.LATE if self._primary else metrics.COPY_LATE
        widgets: list[tuple[str, Metric, timedelta, str]] = []
        for kind, limit in ages(self._strategy, store, primary=self._primary):
            read = self._monitor(metrics.AGE, Store=store.name, Kind=kind)
            promised = f"promised: at most {duration_text(limit)}"
            widgets.append((f"{store.name}: age of {kind.replace('-', ' ')}", read, limit, promised))
        allowed = self._strategy.alerts.late_after
        what = f"{store.name}: the scheduled {'backup' if self._primary else 'copy'} is late by"
        widgets.append((what, self._monitor(late, Store=store.name), allowed, f"told after {duration_text(allowed)}"))
        for title, metric, limit, promised in widgets:
            self._aged(title, metric, limit, promised, width=COLUMNS // len(widgets))
        self._grid.wrap()
        if isinstance(store, MySqlStore) and store.read_replica and not self._primary:
            lag = metrics.replica_lag(names.read_replica(self._prefix, store.name))
            self._grid.chart(f"{store.name}: lag of the read replica, seconds", [Line(lag, "measured")], width=8)

    def _aged(self, title: str, metric: Metric, limit: timedelta, promised: str, *, width: int) -> None:
        """The metric is in minutes; what may be hours old is read in hours."""
        minutes = limit / timedelta(minutes=1)
        if limit < timedelta(hours=2):
            self._grid.chart(f"{title}, minutes", [Line(metric, "measured")], promise=(minutes, promised, ABOVE), width=width)
            return
        described = [
            Line(metric, "minutes", id="m1", shown=False).described(),
            [{"expression": "m1 / 60", "label": "measured", "id": "hours", "color": BLUE}],
        ]
        promise = (minutes / 60, promised, ABOVE)
        self._grid.metrics(f"{title}, hours", described, width=width, period=QUARTER, stat="Maximum", promise=promise)

    # ------------------------------------------------------------------ jobs
    def _jobs(self) -> None:
        kinds = metrics.JOB_KINDS if self._primary else ("restore",)
        for kind in kinds:
            measured = self._digest(metrics.JOB_SUCCESS, kind)
            lines = [Line(measured, "success", GREEN)]
            title = f"{kind} jobs of a day: success, percent"
            promise = (100.0, "promised: 100 %", BELOW) if kind != "restore" else None  # a day without restores is a good one
            self._grid.chart(title, lines, promise=promise, width=8, period=DAY)
        for kind in kinds:
            lines = [
                Line(self._digest(metrics.JOB_TYPICAL, kind), "typical"),
                Line(self._digest(metrics.JOB_LONGEST, kind), "longest", GREY),
            ]
            self._grid.chart(f"{kind} jobs of a day: how long they took, minutes", lines, width=8, period=DAY)
        for kind in kinds:
            well, badly = self._counted(kind.title(), "Completed"), self._counted(kind.title(), "Failed")
            self._counts(f"{kind} jobs, by day", well, badly)

    def _counted(self, kind: str, state: str) -> list[Metric]:
        """AWS's own counts: copies under the vault they go to, restores by what they restore, since they have no vault."""
        if kind == "Restore":
            types = sorted({_TYPES[store.kind] for store in self._strategy.stores})
            return [metrics.backup_jobs(kind, state, ResourceType=each) for each in types]
        vault = names.copy_vault(self._prefix) if kind == "Copy" else names.backup_vault(self._prefix)
        return [metrics.backup_jobs(kind, state, BackupVaultName=vault)]

    def _counts(self, title: str, well: list[Metric], badly: list[Metric]) -> None:
        """AWS publishes only what is not zero, so each is filled before they are added."""
        lines: list[list[Any]] = []
        for name, found, colour in (("completed", well, GREEN), ("failed", badly, RED)):
            ids = [f"{name[0]}{place}" for place in range(len(found))]
            lines += [Line(each, name, colour, id_, shown=False).described() for id_, each in zip(ids, found, strict=True)]
            filled = ", ".join(f"FILL({each}, 0)" for each in ids)
            lines.append([{"expression": f"SUM([{filled}])", "label": name, "id": name, "color": colour}])
        self._grid.metrics(title, lines, width=8, period=DAY, stat="Sum")

    # ------------------------------------------------------------------ the rest
    def _rest(self) -> None:
        vault = names.backup_vault(self._prefix) if self._primary else names.copy_vault(self._prefix)
        percent = self._strategy.alerts.storage_above_percent
        rto = (100.0, "promised: at most 100 %", ABOVE)
        charts: list[tuple[str, Metric, Promise]] = [
            ("restores: the longest, percent of its RTO", self._monitor(metrics.RTO_PERCENT), rto),
            (
                "storage: percent of what is expected",
                self._monitor(metrics.VAULT_PERCENT, Vault=vault),
                (float(percent), f"told above {percent} %", ABOVE),
            ),
            (
                "cost: the reviewed bill, percent of the computed",
                self._monitor(metrics.BILL_PERCENT),
                (float(BILL_PERCENT), f"told above {BILL_PERCENT} %", ABOVE),
            ),
        ]
        if self._primary:
            for store in self._strategy.stores:
                read = self._monitor(metrics.SIZE_CHANGE, Store=store.name)
                promise = (float(SIZE_CHANGE_PERCENT), f"told above {SIZE_CHANGE_PERCENT} %", ABOVE)
                charts.append((f"{store.name}: change of a backup's size, percent", read, promise))
        counts = {
            "routes unproved": metrics.ROUTES_UNPROVED,
            "restore tests failed": metrics.TESTS_FAILED,
            "duties overdue": metrics.DUTIES_OVERDUE,
            "recovery points stuck": metrics.POINTS_EXPIRED,
            "readings not made": metrics.NOT_CHECKED,
            **({"stores unverified": metrics.INTEGRITY_UNPROVED} if self._primary else {"red lines": metrics.PREFLIGHT_RED}),
        }
        for title, read, promised in charts:
            self._grid.chart(title, [Line(read, "measured")], promise=promised, width=8, period=HOUR)
        self._grid.wrap()
        lines = [Line(self._monitor(name), label).described() for label, name in counts.items()]
        self._grid.metrics(
            "now: all of these are promised to be 0",
            lines,
            width=COLUMNS,
            period=QUARTER,
            stat="Maximum",
            view="singleValue",
        )

    def _monitor(self, name: str, **values: str) -> Metric:
        return metrics.monitor(self._prefix, name, self._region, **values)

    def _digest(self, name: str, kind: str) -> Metric:
        return metrics.digest(self._prefix, name, self._region, kind)
