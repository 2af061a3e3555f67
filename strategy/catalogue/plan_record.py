"""The item of a plan in the plans table: who may write which of its attributes."""

from __future__ import annotations

from strategy.catalogue.region_steps import Approval

KEY = "plan_id"
NUMBER = "restore_number"
CLAIM = (KEY, "attempt", "claimed", "execution", "plan", NUMBER)
"""Named by whoever claims the plan."""
JOB = (KEY, "announced", "job_id", NUMBER)
"""Named by whoever begins its restore."""


def approved(what: Approval) -> str:
    """The attribute with a second person's yes."""
    return f"approved_{what.value.replace('-', '_')}"


APPROVALS = (KEY, *(approved(each) for each in Approval))
"""Named by whoever approves: the key tells that the plan is there."""
