"""The plan of a region's recovery: one JSON value, shown, started, resumed. It holds the plans of its stores, whole.

Each store has its restores in the order in which they are tried, the freshest source first; the next one is tried only when the
one before it proves to be no use (its job failed, or its content differs). So what is newest is settled when the plan is made,
and what is shown is what runs. The Lambda functions read it as it is; nothing here needs more than Python's library.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from recovery.moments import exact_text, moment_of
from recovery.restore.plan import Plan, PlanError
from strategy.catalogue.names import PLAN_ID, RECOVERIES
from strategy.catalogue.region_steps import REGION_PLAN_FORMAT, WORKFLOW, RegionStep


@dataclass(frozen=True, slots=True)
class PlannedRegionStep:
    """`expected_seconds` is the strategy's modelled duration; None where it models none."""

    step: RegionStep
    expected_seconds: int | None


@dataclass(frozen=True, slots=True)
class StorePlans:
    """One store: its restores, in the order in which they are tried."""

    store: str
    tries: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class RegionPlan:
    plan_id: str
    environment: str
    prefix: str
    account: str
    region: str
    """Where it is recovered."""
    lost_region: str
    incident: datetime
    """When the region was lost: the clock of the promised recovery time runs from here."""
    stores: tuple[StorePlans, ...]
    services: tuple[str, ...]
    buckets: tuple[str, ...]
    """Replicated buckets of this region."""
    approvals: bool
    """A person other than the starter answers for the recovery, and for moving the traffic. Not in a drill."""
    steps: tuple[PlannedRegionStep, ...]
    made: datetime
    made_by: str
    """ARN of the caller."""
    drill: bool = False
    route: str = field(default=WORKFLOW)
    format: int = field(default=REGION_PLAN_FORMAT)

    @property
    def title(self) -> str:
        return f"{WORKFLOW} of {self.lost_region} in {self.region}"

    @property
    def makes(self) -> str:
        return f"{', '.join(each.store for each in self.stores)} in {self.region}"

    @property
    def records(self) -> str:
        """Folder of the evidence bucket."""
        return RECOVERIES

    @property
    def expected_seconds(self) -> int:
        """Of the steps whose duration the strategy models; what runs side by side counts once, by its longest."""
        beside = {RegionStep.STORES, RegionStep.WORKLOAD, RegionStep.BUCKETS}
        known = {each.step: each.expected_seconds or 0 for each in self.steps}
        together = max((seconds for step, seconds in known.items() if step in beside), default=0)
        return together + sum(seconds for step, seconds in known.items() if step not in beside)

    def as_json(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "route": self.route,
            "plan_id": self.plan_id,
            "environment": self.environment,
            "prefix": self.prefix,
            "account": self.account,
            "region": self.region,
            "lost_region": self.lost_region,
            "incident": exact_text(self.incident),
            "stores": [{"store": each.store, "tries": [plan.as_json() for plan in each.tries]} for each in self.stores],
            "services": list(self.services),
            "buckets": list(self.buckets),
            "approvals": self.approvals,
            "steps": [{"step": each.step.value, "expected_seconds": each.expected_seconds} for each in self.steps],
            "made": exact_text(self.made),
            "made_by": self.made_by,
            "drill": self.drill,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Raises PlanError for anything but a whole plan of this format."""
        if not is_region_plan(value) or value.get("format") != REGION_PLAN_FORMAT:
            raise PlanError(
                f"this is no region plan of format {REGION_PLAN_FORMAT}: make one with `python -m recovery plan region`"
            )
        try:
            given = dict(value)
            plan = cls(
                **given
                | {
                    "incident": moment_of(given["incident"]),
                    "stores": tuple(
                        StorePlans(each["store"], tuple(Plan.from_json(plan) for plan in each["tries"]))
                        for each in given["stores"]
                    ),
                    "services": tuple(given["services"]),
                    "buckets": tuple(given["buckets"]),
                    "steps": tuple(
                        PlannedRegionStep(RegionStep(each["step"]), each["expected_seconds"]) for each in given["steps"]
                    ),
                    "made": moment_of(given["made"]),
                }
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise PlanError(f"the region plan is not of the expected shape: {error!r}") from error
        plan.check()
        return plan

    def check(self) -> None:
        """What must hold between its values; PlanError names the one that is wrong."""
        if not re.fullmatch(PLAN_ID, self.plan_id):
            raise PlanError(f"plan_id: found {self.plan_id!r}; allowed: {PLAN_ID}")
        if self.region == self.lost_region:
            raise PlanError(f"lost_region: found {self.lost_region!r}, where it would be recovered; it must be the other one")
        for each in self.stores:
            if not each.tries:
                raise PlanError(f"stores: {each.store} has nothing to be restored from")
            if any(plan.region != self.region or plan.store != each.store for plan in each.tries):
                raise PlanError(f"stores: a restore of {each.store} is of another store or region")


def is_region_plan(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("route") == WORKFLOW


def any_plan(value: Mapping[str, Any]) -> Plan | RegionPlan:
    """Of one store, or of a region. Raises PlanError for what is neither."""
    return RegionPlan.from_json(value) if is_region_plan(value) else Plan.from_json(value)


AnyPlan = Plan | RegionPlan
