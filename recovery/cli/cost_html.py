"""The cost as one HTML page that needs nothing else, and as the Markdown of docs/cost.md."""

from __future__ import annotations

from pathlib import Path

from recovery.cli.cost_page import paying, sections, summary
from recovery.cli.cost_report import CostReport
from recovery.pages import environment as pages
from recovery.pages.table import Section, Table
from strategy.cost import Assumptions, Purpose
from strategy.cost.written_estimate import DYNAMODB, HIGH, LOW, MYSQL, sum_of

_TEMPLATES = Path(__file__).with_name("templates")


def page(report: CostReport) -> str:
    return pages.render(
        _TEMPLATES / "cost.html.j2", report=report, summary=summary(report), sections=[*sections(report), _prices(report)]
    )


def markdown(report: CostReport) -> str:
    return pages.render(
        _TEMPLATES / "cost.md.j2",
        report=report,
        purposes=[(each, report.cost.of(each)) for each in Purpose if report.cost.of(each)],
        lines=paying(report),
        estimate={"low": LOW, "high": HIGH, "mysql": MYSQL, "dynamodb": DYNAMODB, "sum": sum_of(report.steps)},
        prices=report.prices_used,
        assumptions=[text for _, text in Assumptions().told()],
    )


def _prices(report: CostReport) -> Section:
    rows = (
        (
            each.what,
            each.region,
            f"{each.usd:g}",
            each.unit,
            each.source + ("" if each.checked else " (not in AWS's list as seen: refresh)"),
            str(each.on),
        )
        for each in report.prices_used
    )
    return Section("The prices", Table.of("price|region|>USD|for a|source|of", rows))
