"""Where the data of a store's restore comes from, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recovery.moments import moment_text
from recovery.restore.plan import Plan

Client = Callable[[str], Any]
"""Of the region, by the service's name."""


def source_of(plan: Plan) -> str:
    """Where its data comes from, in words."""
    moment = moment_text(plan.data_of)
    if plan.replica:
        known = "had reached" if plan.route.kind == "mysql" else "by AWS's figure had reached"
        return f"the replica {plan.target.name}, which {known} {moment}"
    if plan.recovery_point is not None:
        return f"the copy of {moment} ({plan.recovery_point.arn})"
    return f"the replicated automated backup, to {moment}"
