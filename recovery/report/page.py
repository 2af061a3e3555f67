"""The report as one HTML page that needs nothing else. The template holds words and shapes."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recovery.report import picture
from recovery.report.promise_results import Promise
from recovery.report.report import Audit, drilled
from strategy.cost import Purpose
from strategy.model.stores import Scenario

_TEMPLATES = Path(__file__).with_name("templates")
_PICTURES = 4
"""Recoveries that are drawn; all of them are in the table of records."""
_SCENARIOS = {
    Scenario.POINT_IN_TIME: "to a moment",
    Scenario.RECOVERY_POINT: "from a recovery point",
    Scenario.REGION_LOSS: "the region is lost",
}


def render(audit: Audit) -> str:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "span": picture.span,
        "moment": _moment,
        "percent": _percent,
        "usd": lambda value: f"{value:,.2f} USD",
    }
    promised = max((store.objectives.region_loss.rto for store in audit.strategy.stores), default=timedelta())
    drawn = [found for each in audit.recoveries[:_PICTURES] if (found := picture.timeline(each, promised)) is not None]
    return environment.get_template("report.html.j2").render(
        audit=audit,
        scenario=lambda each: _SCENARIOS[each],
        trend=picture.trend,
        quarters=[str(quarter) for quarter, _ in audit.promises[0].trend] if audit.promises else [],
        measured_ever=[each for each in audit.promises if any(value is not None for _, value in each.trend)],
        timelines=drawn,
        labels=picture.LABELS,
        width=picture.LABELS + picture.TRACK + 130,
        row=picture.ROW,
        purposes=[(each, audit.cost.of(each)) for each in Purpose if audit.cost.of(each)],
        frameworks=[(name, list(found)) for name, found in groupby(audit.claims, key=lambda each: each.control.framework)],
        by_store=[(name, list(found)) for name, found in groupby(audit.promises, key=_store)],
        drilled=drilled,
        seconds=lambda value: picture.span(timedelta(seconds=value)) if value is not None else "-",
        today=audit.now.date(),
    )


def _store(promise: Promise) -> str:
    return promise.verdict.store


def _moment(value: datetime | None) -> str:
    return f"{value:%Y-%m-%d %H:%M}" if value is not None else "-"


def _percent(value: float | None) -> str:
    return f"{100 * value:.1f} %" if value is not None else "none ended"
