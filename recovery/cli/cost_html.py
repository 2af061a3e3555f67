"""The cost as one self-contained HTML page, and as the Markdown of docs/cost.md."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recovery.aws import NotChecked
from recovery.cli.cost_page import paying, signed, usd
from recovery.cli.cost_report import CostReport
from strategy.cost import Assumptions, Purpose
from strategy.cost.written_estimate import DYNAMODB, HIGH, LOW, MYSQL, sum_of
from strategy.model.field_types import duration_text

_TEMPLATES = Path(__file__).with_name("templates")


def page(report: CostReport) -> str:
    return _environment(html=True).get_template("cost.html.j2").render(_facts(report))


def markdown(report: CostReport) -> str:
    return _environment(html=False).get_template("cost.md.j2").render(_facts(report))


def _environment(*, html: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=html,  # noqa: S701  the Markdown is read as text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"usd": usd, "signed": signed, "age": _age}
    return environment


def _age(value: timedelta | None) -> str:
    return duration_text(value) if value is not None else "unbounded"


def _facts(report: CostReport) -> dict[str, Any]:
    used = {report.strategy.regions.primary, report.strategy.regions.recovery}
    return {
        "report": report,
        "purposes": [(each, report.cost.of(each)) for each in Purpose if report.cost.of(each)],
        "lines": paying(report),
        "estimate": {"low": LOW, "high": HIGH, "mysql": MYSQL, "dynamodb": DYNAMODB, "sum": sum_of(report.steps)},
        "prices": [each for each in report.prices.all if each.region in used],
        "changes": report.changes(report.what_if.cost) if report.what_if else (),
        "assumptions": [text for _, text in Assumptions().told()],
        "not_billed": report.actual.because if isinstance(report.actual, NotChecked) else None,
    }
