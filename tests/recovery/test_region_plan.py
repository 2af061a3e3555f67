"""The region plan: what it is made of, what goes first, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from recovery.region.planner import freshest_first
from recovery.restore.plan import Plan, PlanError
from recovery.restore.region_plan import RegionPlan, any_plan
from strategy.catalogue.region_steps import RegionStep, region_step_of, region_steps
from strategy.catalogue.routes import Route
from tests.recovery.fake_night import DEV, plan
from tests.recovery.region_night import HERE, INCIDENT, copy, region_plan

NEW, OLD = copy(1, timedelta(hours=1)), copy(2, timedelta(hours=13))


def replicated(age: timedelta) -> Plan:
    return plan(plan_id="r1a2b3c4d", route=Route.MYSQL_TO_A_MOMENT, region=HERE, moment=INCIDENT - age)


@pytest.mark.parametrize(
    ("age", "copies", "expected"),
    [
        (None, [NEW, OLD], ["copy", "copy"]),
        (timedelta(minutes=5), [NEW, OLD], ["replicated", "copy", "copy"]),
        (timedelta(hours=2), [NEW, OLD], ["copy", "replicated", "copy"]),
        (timedelta(minutes=5), [], ["replicated"]),
        (None, [], []),
    ],
)
def test_what_reaches_furthest_goes_first(age: timedelta | None, copies: list[Plan], expected: list[str]) -> None:
    found = freshest_first(replicated(age) if age is not None else None, *copies)
    assert ["replicated" if each.moment else "copy" for each in found] == expected


def test_it_survives_its_json() -> None:
    made = region_plan(NEW, OLD)
    assert RegionPlan.from_json(made.as_json()) == made
    assert any_plan(made.as_json()) == made
    assert any_plan(NEW.as_json()) == NEW


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"plan_id": "night"}, "plan_id"),
        ({"lost_region": HERE}, "lost_region"),
        ({"region": DEV.regions.primary, "lost_region": "eu-west-1"}, "another store or region"),
    ],
)
def test_what_does_not_hold_together_is_refused(changes: dict[str, str], said: str) -> None:
    with pytest.raises(PlanError, match=said):
        region_plan(**changes).check()
    with pytest.raises(PlanError):
        RegionPlan.from_json(replace(region_plan(), **changes).as_json())  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["stores", "incident", "steps"])
def test_a_plan_that_lacks_something_is_refused(key: str) -> None:
    value = region_plan().as_json()
    del value[key]
    with pytest.raises(PlanError, match="shape"):
        RegionPlan.from_json(value)


def test_steps_are_told_from_the_names_of_states() -> None:
    assert region_step_of("Bring the stores back: mysql wait") is RegionStep.STORES
    assert region_step_of("Sum up") is None
    assert RegionStep.APPROVE not in region_steps(approvals=False)
