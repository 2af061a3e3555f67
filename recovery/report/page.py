"""The report as one HTML page that needs nothing else. The template holds words and shapes."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from pathlib import Path

from recovery.pages import environment as pages
from recovery.pages.chart import trend
from recovery.pages.formats import span
from recovery.report.picture import timeline
from recovery.report.promise_results import Promise
from recovery.report.report import Audit, drilled
from strategy.cost import Purpose
from strategy.model.stores import Scenario

_TEMPLATE = Path(__file__).parent / "templates" / "report.html.j2"
_PICTURES = 4
"""Recoveries that are drawn; all of them are in the table of records."""
_SCENARIOS = {
    Scenario.POINT_IN_TIME: "point in time",
    Scenario.RECOVERY_POINT: "from a recovery point",
    Scenario.REGION_LOSS: "the region is lost",
}


def render(audit: Audit) -> str:
    promised = max((store.objectives.region_loss.rto for store in audit.strategy.stores), default=timedelta())
    drawn = [found for each in audit.recoveries[:_PICTURES] if (found := timeline(each, promised)) is not None]
    return pages.render(
        _TEMPLATE,
        audit=audit,
        scenario=lambda each: _SCENARIOS[each],
        bars=lambda each: trend([value for _, value in each.trend], each.allowed),
        quarters=[str(quarter) for quarter, _ in audit.promises[0].trend] if audit.promises else [],
        measured_ever=[each for each in audit.promises if any(value is not None for _, value in each.trend)],
        timelines=drawn,
        purposes=[(each, audit.cost.of(each)) for each in Purpose if audit.cost.of(each)],
        frameworks=[(name, list(found)) for name, found in groupby(audit.claims, key=lambda each: each.control.framework)],
        by_store=[(name, list(found)) for name, found in groupby(audit.promises, key=_store)],
        drilled=drilled,
        seconds=lambda value: span(timedelta(seconds=value)) if value is not None else "-",
        today=audit.now.date(),
    )


def _store(promise: Promise) -> str:
    return promise.verdict.store
