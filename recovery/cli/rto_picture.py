"""The `rto` command's page: workflow and procedure by hand as two Gantts on one scale, the tiers, and every step's source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from recovery.cli.rto_report import RtoReport, by_kind, main_part, rto, takes, tiers
from recovery.pages import environment as pages
from recovery.pages.gantt import Gantt, Kind, Span, gantt
from strategy.catalogue.manual_procedure import BY_HAND, total
from strategy.checks.timeline import Placed
from strategy.model.field_types import duration_text

_TEMPLATE = Path(__file__).parent / "templates" / "rto.html.j2"


def render(report: RtoReport) -> str:
    """HTML that needs nothing else."""
    (least, most), found = total(), report.chosen
    return pages.render(
        _TEMPLATE,
        report=report,
        rto=rto(found),
        overhead=found.timeline.overhead,
        share=f"{100 * (found.timeline.overhead_share or 0):.1f} %",
        least=least,
        most=most,
        workflow=_workflow(report),
        by_hand=_by_hand(report),
        tiers=tiers(report),
        steps=[(step, _spent(step), main_part(step).source) for step in found.timeline.steps],
    )


def _workflow(report: RtoReport) -> Gantt:
    steps = report.chosen.timeline.steps
    critical = ", ".join(step.task.name for step in steps if step.critical)
    words = f"Steps of the region workflow in hours from the incident. Critical path: {critical}."
    spans = [
        Span(
            step.task.name,
            step.start,
            step.end,
            duration_text(step.end - step.start),
            Kind.MAIN if step.critical else Kind.BESIDE,
            stressed=step.critical,
        )
        for step in steps
    ]
    return gantt(spans, words, limit=rto(report.chosen), scale=report.scale)


def _by_hand(report: RtoReport) -> Gantt:
    least, most = (duration_text(each) for each in total())
    words = f"Steps of the procedure by hand, one after another, in hours from the incident: {least} to {most}."
    return gantt(list(_hand_spans()), words, scale=report.scale)


def _hand_spans() -> Iterator[Span]:
    start = timedelta()
    for each in BY_HAND:
        yield Span(each.name, start, start + each.least, takes(each), latest=start + each.most)
        start += each.most


def _spent(step: Placed) -> str:
    return ", ".join(f"{kind} {duration_text(spent)}" for kind, spent in by_kind(step).items())
