"""The last screen of a rehearsal: verdict, what came back, what was lost, what was real."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rehearsal.honesty import MODELLED, REAL
from rehearsal.report.page import span
from rehearsal.result import Result


def print_summary(result: Result, output: Path, console: Console) -> None:
    """Print the result for a person; the verdict comes last, where the eye is."""
    for each in result.scenarios:
        table = Table(title=f"\n{each.name}: {result.lost_region} lost, {result.recovery_region} recovered", title_justify="left")
        table.add_column("", style="dim")
        table.add_column("MySQL rows", justify="right")
        table.add_column("DynamoDB items", justify="right")
        table.add_row("came back", f"{each.rows:,}", f"{each.items:,}")
        table.add_row("lost (committed after the backup)", f"{each.lost_rows:,}", f"{each.lost_items:,}")
        console.print(table)
        console.print(f"The recovered data was [bold]{span(each.rpo_seconds)}[/] old at the outage (virtual time).")
        console.print(f"Calls to the lost region after the outage: [bold]{result.calls_to_lost_region_after_outage}[/]")
    console.print("\n[bold]Real:[/] " + escape(", ".join(name for name, _ in REAL)) + ".")
    console.print("[bold]Modelled:[/] " + escape(", ".join(name for name, _ in MODELLED)) + ". The report says how.")
    for finding in result.findings:
        console.print(f"[red]✗[/] {escape(finding)}")
    verdict = "[bold green]recovered and verified[/]" if result.verified else "[bold red]not verified[/]"
    console.print(
        f"\n{verdict} in {result.wall_seconds:.0f} s · {output / 'report.html'} · {output / 'result.json'}", soft_wrap=True
    )
