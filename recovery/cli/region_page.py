"""A region plan for people: what comes back from where, what is lost, in which order, and what stands in its way.

Its JSON is that of every plan: `recovery.cli.plan_page.as_json`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.console import Console
from rich.text import Text

from recovery.cli.plan_page import ending, needed, steps
from recovery.cli.times import age_text
from recovery.moments import moment_text
from recovery.region.source import source_of
from recovery.restore.preflight import Checked
from recovery.restore.region_plan import RegionPlan
from strategy.model.field_types import duration_text


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
    out.print(Text(f"traffic     {_traffic(plan)}"))
    out.print()
    steps(plan, out)
    total = duration_text(timedelta(seconds=plan.expected_seconds))
    out.print(Text(f"Together {total}, as the strategy models it; stores, workload and buckets side by side."))
    out.print(Text("  ").join([Text("needed:"), *(needed(one) for one in checked)]))
    ending(notes, problems, out)


def _traffic(plan: RegionPlan) -> str:
    if plan.drill:
        return "is not moved: it is a drill"
    return f"is moved to {plan.region} when its services have passed their tests, and watched"


def _approval(plan: RegionPlan) -> str:
    if not plan.approvals:
        return "nobody else is asked"
    return f"somebody other than {plan.made_by}, before anything is restored, and before traffic is moved"
