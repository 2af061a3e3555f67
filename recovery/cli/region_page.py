"""A region plan for people: what comes back from where, what is lost, in which order, and what stands in its way.

Its JSON is a contract: keys are added, never renamed or removed while `format` stays the same.

format            1
plan              the region plan, exactly as the execution gets it (`recovery.region.plan`)
expected_seconds  of the steps whose duration the strategy models; what runs side by side counts once
notes             what its reader should know, one sentence each
problems          what would stop it, one sentence each; exit code 1
checked           [{what, problem or null, note}]: what it stands on, as it was found
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console
from rich.text import Text

from recovery.cli.console import table
from recovery.cli.moments import age_text, moment_text
from recovery.cli.plan_page import listed, needed
from recovery.region.plan import RegionPlan
from recovery.region.stores import source_of
from recovery.restore.preflight import Checked
from strategy.values import duration_text

FORMAT = 1


def as_json(plan: RegionPlan, problems: Sequence[str], notes: Sequence[str], checked: Sequence[Checked]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "plan": plan.as_json(),
        "expected_seconds": plan.expected_seconds,
        "notes": list(notes),
        "problems": list(problems),
        "checked": [asdict(each) for each in checked],
    }


def show(
    plan: RegionPlan, problems: Sequence[str], notes: Sequence[str], checked: Sequence[Checked], *, now: datetime, out: Console
) -> None:
    drill = ", a drill" if plan.drill else ""
    since = age_text(max(now - plan.incident, timedelta()))
    out.print(Text(f"Plan {plan.plan_id}: {plan.title} ({plan.environment}){drill}", style="bold"))
    out.print(Text(f"incident    {moment_text(plan.incident)}, {since} ago: the promised recovery time runs from there"))
    for each in plan.stores:
        first, *others = each.tries
        lost = age_text(max(plan.incident - first.data_of, timedelta()))
        out.print(Text(f"{each.store:<12}{source_of(first)}, as {first.target.name}"))
        out.print(Text(f"{'':<12}lost is what was written in the {lost} from {moment_text(first.data_of)} to the incident"))
        for other in others:
            out.print(Text(f"{'':<12}if that is of no use: {source_of(other)}"))
    out.print(Text(f"approval    {_approval(plan)}"))
    out.print()
    rows = table(out, "step", "takes at most", numbers=("takes at most",))
    for planned in plan.steps:
        seconds = planned.expected_seconds
        rows.add_row(planned.step.value, duration_text(timedelta(seconds=seconds)) if seconds is not None else "-")
    out.print(rows)
    total = duration_text(timedelta(seconds=plan.expected_seconds))
    out.print(Text(f"Together {total}, as the strategy models it; stores, workload and buckets side by side."))
    out.print(Text("  ").join([Text("needed:"), *(needed(one) for one in checked)]))
    listed(out, "Note", notes)
    listed(out, "In its way", problems, style="bold red")
    out.print()
    out.print(
        Text(f"CANNOT BE STARTED: {len(problems)} to be mended above.", style="bold red")
        if problems
        else Text("Nothing stands in its way. Nothing was begun.", style="green")
    )


def _approval(plan: RegionPlan) -> str:
    if not plan.approvals:
        return "nobody else is asked"
    return f"somebody other than {plan.made_by}, before anything is restored"
