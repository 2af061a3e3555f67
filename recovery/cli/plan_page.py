"""A restore plan for people: what will happen, in words, and at the end what stands in its way.

Its JSON is a contract: keys are added, never renamed or removed while `format` stays the same.

format            1
plan              the plan, exactly as the execution gets it (`recovery.restore.plan`, `recovery.restore.region_plan`)
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

from recovery.cli.console import show_list, table
from recovery.cli.times import age_text
from recovery.moments import moment_text
from recovery.restore.plan import Plan
from recovery.restore.preflight import Checked
from recovery.restore.region_plan import AnyPlan
from strategy.catalogue.routes import Mode
from strategy.model.field_types import duration_text

FORMAT = 1
_ENDS = {
    Mode.SWITCH: "Writers to {source} are stopped, the application is pointed at {target} and restarted; {source} is kept.",
    Mode.BESIDE: "{target} is left beside {source}; the application is not touched.",
    Mode.REPAIR: "The items that differ are written back from {target} into {source}, the live table; none is deleted.",
}


def as_json(plan: AnyPlan, problems: Sequence[str], notes: Sequence[str], checked: Sequence[Checked]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "plan": plan.as_json(),
        "expected_seconds": plan.expected_seconds,
        "notes": list(notes),
        "problems": list(problems),
        "checked": [asdict(each) for each in checked],
    }


def show(
    plan: Plan, problems: Sequence[str], notes: Sequence[str], checked: Sequence[Checked], *, now: datetime, out: Console
) -> None:
    drill = ", a drill" if plan.drill else ""
    out.print(Text(f"Plan {plan.plan_id}: {plan.route} of {plan.store} ({plan.environment}){drill}", style="bold"))
    for title, text in _facts(plan, now):
        out.print(Text(f"{title:<12}{text}"))
    out.print()
    steps(plan, out)
    out.print(Text(f"Together {duration_text(timedelta(seconds=plan.expected_seconds))}, as the strategy models it."))
    out.print(Text(_ENDS[plan.mode].format(source=plan.source.name, target=plan.target.name)))
    out.print(Text("  ").join([Text("needed:"), *(needed(each) for each in checked)]))
    show_list(out, "Settings that differ today from what is wanted", _differing(plan))
    show_list(out, "Cannot be put back", [f"{each['what']}: {each['because']}" for each in plan.settings.get("cannot", [])])
    ending(notes, problems, out)


def steps(plan: AnyPlan, out: Console) -> None:
    rows = table(out, "step", "takes at most", numbers=("takes at most",))
    for each in plan.steps:
        takes = duration_text(timedelta(seconds=each.expected_seconds)) if each.expected_seconds is not None else "-"
        rows.add_row(each.step.value, takes)
    out.print(rows)


def ending(notes: Sequence[str], problems: Sequence[str], out: Console) -> None:
    """What its reader should know, and whether it can be started."""
    show_list(out, "Note", notes)
    show_list(out, "In its way", problems, "bold red")
    out.print()
    out.print(
        Text(f"CANNOT BE STARTED: {len(problems)} to be fixed above.", style="bold red")
        if problems
        else Text("Nothing stands in its way. Nothing was begun.", style="green")
    )


def _facts(plan: Plan, now: datetime) -> list[tuple[str, str]]:
    age = max(now - plan.data_of, timedelta())
    found = [
        ("from", f"{plan.source.name}, which the application uses now, in {plan.region}"),
        ("to", f"{plan.target.name}, which is made"),
        ("data of", f"{moment_text(plan.data_of)}, {age_text(age)} ago; what was written since is not in it"),
    ]
    if plan.recovery_point:
        found.append(("point", f"{plan.recovery_point.arn} in {plan.recovery_point.vault}"))
    found.append(("compare", plan.manifest_key or "with nothing: there is no manifest"))
    found.append(("services", ", ".join(plan.services) or "none uses it"))
    if plan.accept_unverified:
        found.append(("unverified", f"accepted, because: {plan.accept_unverified}"))
    return found


def needed(checked: Checked) -> Text:
    if checked.problem:
        return Text(f"{checked.what} MISSING", "bold red")
    return Text(f"{checked.what} {'not checked' if checked.note.startswith('not checked') else 'ok'}")


def _differing(plan: Plan) -> list[str]:
    return [f"{each['what']}: {each['found']!r} today, {each['wanted']!r} wanted" for each in plan.settings.get("differs", [])]
