"""The last screen of a rehearsal: verdict, what came back, what was lost, what was real."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rehearsal.real_vs_modelled import MODELLED, REAL
from rehearsal.report.page import span
from rehearsal.result import Outcome, Result


def print_summary(result: Result, output: Path, console: Console, audit: Path | None) -> None:
    """Print the result for a person; the verdict comes last, where the eye is."""
    for each in result.scenarios:
        _print_outcome(each, console)
    if any(each.name == "region-loss" for each in result.scenarios):
        console.print(f"Calls to the lost region after the outage: [bold]{result.calls_to_lost_region_after_outage}[/]")
    console.print(f"Decided by policies: [bold]{result.decisions:,}[/] actions, [bold]{len(result.denied)}[/] kinds denied")
    console.print("\n[bold]Real:[/] " + escape("; ".join(name for name, _ in REAL)) + ".")
    console.print("[bold]Modelled:[/] " + escape("; ".join(name for name, _ in MODELLED)) + ". The report says how.")
    for finding in result.findings:
        console.print(f"[red]✗[/] {escape(finding)}")
    verdict = "[bold green]recovered and verified[/]" if result.verified else "[bold red]not verified[/]"
    console.print(
        f"\n{verdict} in {result.wall_seconds:.0f} s · {output / 'report.html'} · {output / 'result.json'}", soft_wrap=True
    )
    if audit is not None:
        console.print(f"The auditor's report, from the records of this rehearsal: {audit}", soft_wrap=True)


def _print_outcome(each: Outcome, console: Console) -> None:
    console.print(f"\n[bold]{each.name}[/]: {escape(each.title)}", highlight=False)
    table = Table()
    table.add_column("", style="dim")
    columns = [("MySQL rows", each.rows, each.lost_rows), ("DynamoDB items", each.items, each.lost_items)]
    shown = [column for column in columns if column[1] or column[2]]
    for name, _, _ in shown:
        table.add_column(name, justify="right")
    table.add_row("as they must be", *(f"{there:,}" for _, there, _ in shown))
    table.add_row("lost (committed after the moment that came back)", *(f"{lost:,}" for *_, lost in shown))
    if each.reverted_rows:
        table.add_row("back before a change that is lost", f"{each.reverted_rows:,}", *("0" for _ in shown[1:]))
    console.print(table)
    mark = "[green]✓[/]" if each.verified else "[red]✗[/]"
    console.print(f"{mark} The data that came back was [bold]{span(each.rpo_seconds)}[/] old (virtual time).", highlight=False)
    if each.heartbeat_seconds is not None:
        lost = f"[bold]{span(each.heartbeat_seconds)}[/] of writing are lost"
        console.print(f"  By the newest heartbeat that came back, {lost}.", highlight=False)
