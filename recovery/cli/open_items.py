"""What people still have to do, beside what a region can restore: open findings, and duties of the calendar that are overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from recovery.aws import AwsTrouble, NotChecked, Region, ask
from recovery.calendar.due_dates import Standing, standings
from recovery.evidence import records
from recovery.findings.finding import FOLDERS, Finding, findings
from strategy import Strategy
from strategy.catalogue import names as naming
from strategy.catalogue.calendar import RECORDED_IN


@dataclass(frozen=True, slots=True)
class Matters:
    """By one region's evidence, its replicas included."""

    findings: tuple[Finding, ...]
    duties: tuple[Standing, ...]
    now: datetime

    def as_json(self) -> dict[str, Any]:
        return {
            "findings": [each.as_json(self.now.date()) for each in self.findings],
            "overdue": [each.as_json() for each in self.duties],
        }


def matters(strategy: Strategy, region: Region, now: datetime) -> Matters | NotChecked:
    """Raises nothing: what people have to do stops no restore."""
    bucket = naming.evidence_bucket(strategy.prefix, region.name, strategy.account)
    folders = sorted({*FOLDERS, *RECORDED_IN})
    try:
        found = ask(region.name, lambda: records.read(region.client("s3"), bucket, folders))
    except AwsTrouble as trouble:
        return NotChecked(str(trouble))
    if isinstance(found, NotChecked):
        return found
    known = [each for each in found if each.at <= now]
    opened = tuple(each for each in findings(known) if each.open)
    return Matters(opened, tuple(each for each in standings(known, now) if each.overdue), now)


def show(found: Matters | NotChecked, out: Console) -> None:
    out.print()
    if isinstance(found, NotChecked):
        out.print(Text(f"Findings and calendar: not checked: {found.because}", style="yellow"))
        return
    for each in found.findings:
        late = " OVERDUE" if each.due is not None and each.overdue(found.now.date()) else ""
        whose = f"{each.owner}, by {each.due}{late}" if each.owner else "NOBODY'S"
        out.print(Text(f"open finding {each.id}: {each.what} ({whose})", style="bold red" if late or not each.owner else ""))
    if found.duties:
        names = ", ".join(f"{each.duty.title} ({each.state})" for each in found.duties)
        out.print(Text(f"overdue: {names}: python -m recovery calendar", style="bold red"))
    if not found.findings and not found.duties:
        out.print(Text("No finding is open, and no duty is overdue.", style="green"))


def as_json(found: Matters | NotChecked) -> dict[str, Any]:
    """`findings` and `overdue`: null where they were not read."""
    return found.as_json() if isinstance(found, Matters) else {"findings": None, "overdue": None}
