"""The `rto` command's page for people: the workflow and the hand procedure on one scale, and the tiers side by side."""

from __future__ import annotations

from datetime import timedelta

from rich.console import Console
from rich.text import Text

from recovery.cli.console import table
from recovery.cli.rto_report import RtoReport, main_part, rto, usd
from strategy.catalogue.manual_procedure import BY_HAND, total
from strategy.model.field_types import duration_text

_WIDTH = 44
"""Of the bars, in characters."""
_CRITICAL, _BESIDE, _PERHAPS = "█", "▒", "░"


def show(report: RtoReport, out: Console) -> None:
    found, (_, most) = report.chosen, total()
    scale = max(most, *(step.end for step in found.timeline.steps))
    out.print(Text(report.title, style="bold"))
    out.print(Text(f"{found.tier}, database of {report.size}; modelled from the strategy's durations, counted from the incident"))
    out.print()
    out.print(Text(f"The workflow: {duration_text(rto(found))} until the traffic is there", style="bold"))
    rows = table(out, "step", "from", "takes", f"0{duration_text(scale):>{_WIDTH - 1}}", numbers=("from", "takes"))
    for step in found.timeline.steps:
        bar = _bar(step.start, step.end, scale, _CRITICAL if step.critical else _BESIDE)
        rows.add_row(step.task.name, duration_text(step.start), duration_text(step.end - step.start), Text(bar))
    out.print(rows)
    out.print(Text(f"{_CRITICAL} critical path   {_BESIDE} beside or after it"))
    share = f"{100 * (found.timeline.overhead_share or 0):.1f} %"
    out.print(Text(f"our own time on the critical path: {duration_text(found.timeline.overhead)}, {share}"))
    _by_hand(out, scale)
    _tiers(report, out)
    _sources(report, out)


def _by_hand(out: Console, scale: timedelta) -> None:
    least, most = total()
    out.print()
    out.print(Text(f"The strategy's procedure by hand: {duration_text(least)} to {duration_text(most)}", style="bold"))
    rows = table(out, "step", "from", "takes", f"0{duration_text(scale):>{_WIDTH - 1}}", numbers=("from", "takes"))
    start = timedelta()
    for each in BY_HAND:
        bar = _bar(start, start + each.least, scale, _CRITICAL)
        bar += _bar(start, start + each.most, scale, _PERHAPS)[len(bar) :]
        span = duration_text(each.most)
        rows.add_row(
            each.name, duration_text(start), span if each.least == each.most else f"{duration_text(each.least)} to {span}", bar
        )
        start += each.most
    out.print(rows)
    out.print(Text(f"{_CRITICAL} at least   {_PERHAPS} at most"))


def _tiers(report: RtoReport, out: Console) -> None:
    out.print()
    out.print(Text("The three tiers", style="bold"))
    rows = table(out, "tier", "RTO", "RPO", "cost of a month", numbers=("RTO", "RPO"))
    for each in report.tiers:
        mark = " (shown above)" if each is report.chosen else ""
        rpo = duration_text(each.rpo) if each.rpo is not None else "none"
        rows.add_row(f"{each.tier}{mark}", duration_text(rto(each)), rpo, usd(each))
    out.print(rows)
    out.print(Text("the cost is of backups, copies, proof and what stands ready; by the file of prices: python -m recovery cost"))


def _sources(report: RtoReport, out: Console) -> None:
    out.print()
    out.print(Text("Where the durations come from", style="bold"))
    rows = table(out, "step", "waits for", "source")
    for step in report.chosen.timeline.steps:
        part = main_part(step)
        rows.add_row(step.task.name, str(part.kind), Text(part.source))
    out.print(rows)


def _bar(start: timedelta, end: timedelta, scale: timedelta, mark: str) -> str:
    """At least one mark, however short the step is."""
    first = min(int(start / scale * _WIDTH), _WIDTH - 1)
    return " " * first + mark * max(round(end / scale * _WIDTH) - first, 1)
