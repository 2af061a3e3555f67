"""From the words of `plan region` and `restore region` to a region plan that was looked at."""

from __future__ import annotations

import json
from dataclasses import dataclass

import typer

from recovery.aws import must
from recovery.cli import plan_page, region_page
from recovery.cli.console import console
from recovery.cli.session import Session
from recovery.region.planner import RegionAsked, make_region_plan
from recovery.restore.preflight import Checked, preflight
from recovery.restore.region_plan import RegionPlan


@dataclass(frozen=True, slots=True)
class Looked:
    """A region plan, and what was found when what it stands on was looked at."""

    plan: RegionPlan
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    checked: tuple[Checked, ...]

    @property
    def confirmed(self) -> tuple[str, str]:
        """What is asked, and what is to be typed."""
        return f"Recover {self.plan.lost_region} in {self.plan.region}", self.plan.lost_region

    def show(self, session: Session, *, as_json: bool) -> None:
        if as_json:
            typer.echo(json.dumps(plan_page.as_json(self.plan, self.problems, self.notes, self.checked), indent=2))
            return
        with console() as out:
            region_page.show(self.plan, self.problems, self.notes, self.checked, now=session.now(), out=out)


def plan_for(session: Session, asked: RegionAsked) -> Looked:
    """A new plan, made now. Makes only read calls, in the region where it is recovered."""
    made = must(
        session.region.name,
        lambda: make_region_plan(session.strategy, session.region, asked, now=session.begun, made_by=session.made_by),
    )
    return look(session, made.plan, made.notes)


def look(session: Session, plan: RegionPlan, notes: tuple[str, ...]) -> Looked:
    """What the first restore of each store stands on; every workflow looks again, right before it restores."""
    checked: list[Checked] = []
    for each in plan.stores:
        first = each.tries[0]
        found = must(session.region.name, lambda first=first: preflight(first, session.region.client, session.begun))  # type: ignore[misc]
        checked += [Checked(f"{each.store}: {one.what}", one.problem, one.note) for one in found]
    problems = tuple(f"{each.what}: {each.problem}" for each in checked if each.problem)
    unknown = tuple(f"{each.what}: {each.note}" for each in checked if not each.problem and each.note.startswith("not checked"))
    return Looked(plan, problems, (*notes, *unknown), tuple(checked))
