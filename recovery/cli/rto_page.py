"""The `rto` command's page for people: the workflow and the hand procedure on one scale, and the tiers side by side."""

from __future__ import annotations

from datetime import timedelta

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from recovery.cli.console import show_section, show_title, table
from recovery.cli.rto_report import RtoReport, main_part, rto, takes, tiers
from recovery.pages.table import Section, Table
from strategy.catalogue.manual_procedure import BY_HAND, total
from strategy.model.field_types import duration_text

_WIDTH = 44
"""Of the bars, in characters."""
_CRITICAL, _BESIDE, _PERHAPS = "█", "▒", "░"
_COST = "the cost is of backups, copies, proof and what stands ready; by the file of prices: python -m recovery cost"


def show(report: RtoReport, out: Console) -> None:
    timeline = report.chosen.timeline
    out.print(Text(report.title, style="bold"))
    out.print(
        Text(
            f"{report.chosen.tier}, database of {report.size}; modelled from the strategy's durations, counted from the incident"
        )
    )
    show_title(out, f"The workflow: {duration_text(rto(report.chosen))} until the traffic is there")
    rows = _bars(report.scale, out)
    for step in timeline.steps:
        bar = _bar(step.start, step.end, report.scale, _CRITICAL if step.critical else _BESIDE)
        rows.add_row(step.task.name, duration_text(step.start), duration_text(step.end - step.start), Text(bar))
    out.print(rows)
    out.print(Text(f"{_CRITICAL} critical path   {_BESIDE} beside or after it"))
    share = f"{100 * (timeline.overhead_share or 0):.1f} %"
    out.print(Text(f"our own time on the critical path: {duration_text(timeline.overhead)}, {share}"))
    _by_hand(report.scale, out)
    show_section(Section("The three tiers", tiers(report), _COST), out)
    sources = ((step.task.name, str(main_part(step).kind), main_part(step).source) for step in timeline.steps)
    show_section(Section("Where the durations come from", Table.of("step|waits for|source", sources)), out)


def _by_hand(scale: timedelta, out: Console) -> None:
    least, most = total()
    show_title(out, f"The strategy's procedure by hand: {duration_text(least)} to {duration_text(most)}")
    rows = _bars(scale, out)
    start = timedelta()
    for each in BY_HAND:
        bar = _bar(start, start + each.least, scale, _CRITICAL)
        bar += _bar(start, start + each.most, scale, _PERHAPS)[len(bar) :]
        rows.add_row(each.name, duration_text(start), takes(each), bar)
        start += each.most
    out.print(rows)
    out.print(Text(f"{_CRITICAL} at least   {_PERHAPS} at most"))


def _bars(scale: timedelta, out: Console) -> RichTable:
    return table(out, "step", "from", "takes", f"0{duration_text(scale):>{_WIDTH - 1}}", numbers=("from", "takes"))


def _bar(start: timedelta, end: timedelta, scale: timedelta, mark: str) -> str:
    """At least one mark, however short the step is."""
    first = min(int(start / scale * _WIDTH), _WIDTH - 1)
    return " " * first + mark * max(round(end / scale * _WIDTH) - first, 1)
