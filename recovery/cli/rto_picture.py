"""The `rto` command's picture: a page of its own with an SVG in it. The template holds words and shapes; coordinates are here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recovery.cli.rto_report import RtoReport, by_kind, main_part, rto, usd
from strategy.catalogue.manual_procedure import BY_HAND, total
from strategy.model.field_types import duration_text

_TEMPLATES = Path(__file__).with_name("templates")
_LABELS, _TRACK = 250, 640
"""Columns of the picture in SVG user units: names, then bars; what each takes stands right of its bar."""
_ROW = 30
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Bar:
    """One row: where it starts and how wide it is, how much wider it may become, and its words."""

    label: str
    x: float
    width: float
    perhaps: float
    takes: str
    critical: bool
    y: int


@dataclass(frozen=True)
class Row:
    """One line of the table below the picture."""

    name: str
    start: str
    takes: str
    spent: str
    source: str
    critical: bool


def render(report: RtoReport) -> str:
    """HTML that needs nothing else."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    (least, most), found = total(), report.chosen
    scale = max(most, *(step.end for step in found.timeline.steps))
    hours = math.ceil(scale / _HOUR)
    unit = _TRACK / hours / _HOUR.total_seconds()
    workflow = [
        _bar(step.task.name, place, unit, (step.start, step.end, step.end), critical=step.critical)
        for place, step in enumerate(found.timeline.steps)
    ]
    return environment.get_template("rto.html.j2").render(
        report=report,
        title=report.title,
        rto=duration_text(rto(found)),
        overhead=duration_text(found.timeline.overhead),
        share=f"{100 * (found.timeline.overhead_share or 0):.1f}",
        least=duration_text(least),
        most=duration_text(most),
        workflow=workflow,
        by_hand=_by_hand(unit),
        height=_ROW * len(workflow),
        hand_height=_ROW * len(BY_HAND),
        row=_ROW,
        labels=_LABELS,
        width=_LABELS + _TRACK + 120,
        hours=[(hour, round(_LABELS + _TRACK * hour / hours, 1)) for hour in range(hours + 1)],
        end=round(_LABELS + _TRACK * (rto(found) / _HOUR) / hours, 1),
        rows=[_row(report, place) for place in range(len(found.timeline.steps))],
        tiers=[
            (
                str(each.tier),
                duration_text(rto(each)),
                duration_text(each.rpo) if each.rpo is not None else "none",
                usd(each),
                each is found,
            )
            for each in report.tiers
        ],
    )


def _bar(label: str, place: int, unit: float, times: tuple[timedelta, timedelta, timedelta], *, critical: bool = True) -> Bar:
    """`times`: start, earliest end, latest end; `unit` is the width of a second."""
    start, end, latest = times
    width = max((end - start).total_seconds() * unit, 3)
    return Bar(
        label,
        round(_LABELS + start.total_seconds() * unit, 1),
        round(width, 1),
        round((latest - start).total_seconds() * unit - width, 1) if latest > end else 0.0,
        duration_text(end - start) if latest == end else f"{duration_text(end - start)} to {duration_text(latest - start)}",
        critical,
        place * _ROW,
    )


def _by_hand(unit: float) -> list[Bar]:
    bars, start = [], timedelta()
    for place, each in enumerate(BY_HAND):
        bars.append(_bar(each.name, place, unit, (start, start + each.least, start + each.most)))
        start += each.most
    return bars


def _row(report: RtoReport, place: int) -> Row:
    step = report.chosen.timeline.steps[place]
    spent = ", ".join(f"{kind} {duration_text(takes)}" for kind, takes in by_kind(step).items())
    takes = duration_text(step.end - step.start)
    return Row(step.task.name, duration_text(step.start), takes, spent, main_part(step).source, step.critical)
