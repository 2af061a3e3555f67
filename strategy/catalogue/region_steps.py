"""The recovery of a whole region: its workflow's name, its steps in order, and what they are called everywhere.

As with the routes of one store, a state is named for its step; what belongs to one store, or is not a step's main state, carries
the step's title, a colon and a word.
"""

from __future__ import annotations

from enum import StrEnum

WORKFLOW = "recover-region"
REGION_PLAN_FORMAT = 1
"""Of the region plan's JSON, which is also the input of the execution."""


class RegionStep(StrEnum):
    """The value is the title."""

    CLAIM = "Claim the region plan"
    ASSESS = "Assess, and tell the stakeholders"
    APPROVE = "Wait for the approval to recover"
    STORES = "Bring the stores back"
    WORKLOAD = "Activate the workload"
    BUCKETS = "Check the replicated buckets"
    WIRE = "Point the services at the stores"
    SMOKE = "Smoke-test the services"
    APPROVE_CUTOVER = "Wait for the approval to cut over"
    CUT_OVER = "Throw the switch"
    WATCH = "Watch the services and the switch"
    PROTECT = "Back up in the new region"
    RECORD = "Write the record"


class Approval(StrEnum):
    """What a second person answers for; also the attribute of the plans table that holds the answer."""

    RECOVER = "recover"
    CUT_OVER = "cut-over"


_APPROVALS = frozenset({RegionStep.APPROVE, RegionStep.APPROVE_CUTOVER})
_TRAFFIC = frozenset({RegionStep.APPROVE_CUTOVER, RegionStep.CUT_OVER, RegionStep.WATCH})


def region_steps(*, approvals: bool, traffic: bool = True) -> tuple[RegionStep, ...]:
    """In order. Without `traffic`, those of a drill: it brings everything up, and moves no customer."""
    left_out = (frozenset() if approvals else _APPROVALS) | (frozenset() if traffic else _TRAFFIC)
    return tuple(each for each in RegionStep if each not in left_out)


def region_step_of(state: str) -> RegionStep | None:
    """The step that a state belongs to, by its name; None for what is of no step."""
    title = state.partition(":")[0]
    return RegionStep(title) if title in set(RegionStep) else None
