"""The restore plan: one JSON value that is shown, started, resumed and proved. What a dry run prints is what a run executes.

It is the input of the route's state machine and is never changed on the way. It holds names, moments and settings, and no secret.
The Lambda functions read it as it is; nothing here needs more than Python's library.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from recovery.errors import WrongInput
from recovery.moments import exact_text, moment_of
from strategy.catalogue.names import PLAN_ID, RESTORES
from strategy.catalogue.routes import PLAN_FORMAT, Mode, Route, Step, modes


class PlanError(WrongInput):
    """This is no plan that can be followed; the message says what, and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """A store as AWS has it: `name` is the DB instance's identifier or the table's name."""

    name: str
    arn: str


@dataclass(frozen=True, slots=True)
class RecoveryPoint:
    """The one that is restored; `created` is the moment its data is of."""

    arn: str
    vault: str
    created: datetime


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """`expected_seconds` is the strategy's modelled duration; None where it models none."""

    step: Step
    expected_seconds: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Exactly one of `moment` and `recovery_point` is given, as the route says."""

    plan_id: str
    route: Route
    mode: Mode
    environment: str
    prefix: str
    account: str
    region: str
    store: str
    source: Place
    """The store that the application uses now; it may be gone."""
    target: Place
    """The store that this plan makes, and nobody else."""
    moment: datetime | None
    """To the second; also for `--latest`, which is settled when the plan is made."""
    recovery_point: RecoveryPoint | None
    manifest_key: str | None
    """In the region's evidence bucket: what the restored data is compared with. None: it will be not checked."""
    settings: Mapping[str, Any]
    """What the restored store is to be like (`recovery.restore.settings`)."""
    verification: Mapping[str, Any]
    """How it is verified: `changes` by table for MySQL, `written_at` for DynamoDB; empty for a recovery point of a manifest."""
    services: tuple[str, ...]
    """The services that use the store, by their names in the strategy."""
    steps: tuple[PlannedStep, ...]
    made: datetime
    made_by: str
    """ARN of the caller."""
    drill: bool = False
    """What it makes is tagged as a drill's, is not protected against deletion, and may be deleted by `recovery cleanup`."""
    replica: bool = False
    """The target is a replica of the source that lives in this region: it is promoted, or taken as it is, and nothing is made."""
    accept_unverified: str | None = None
    """Why the application may use data that could not be checked; what was checked and differs is never accepted."""
    format: int = field(default=PLAN_FORMAT)

    @property
    def title(self) -> str:
        return f"{self.route} of {self.store}"

    @property
    def makes(self) -> str:
        return self.target.name

    @property
    def records(self) -> str:
        """Folder of the evidence bucket."""
        return RESTORES

    @property
    def data_of(self) -> datetime:
        """The moment of the data that comes back."""
        moment = self.moment or (self.recovery_point.created if self.recovery_point else None)
        if moment is None:
            raise PlanError(f"plan {self.plan_id} has neither a moment nor a recovery point")
        return moment

    @property
    def expected_seconds(self) -> int:
        """Of the steps whose duration the strategy models."""
        return sum(each.expected_seconds or 0 for each in self.steps)

    def as_json(self) -> dict[str, Any]:
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Raises PlanError for anything but a whole plan of this format."""
        if not isinstance(value, Mapping) or value.get("format") != PLAN_FORMAT:
            raise PlanError(f"this is no restore plan of format {PLAN_FORMAT}: make one with `python -m recovery plan`")
        try:
            given = dict(value)
            point = given["recovery_point"]
            plan = cls(
                **given
                | {
                    "route": Route(given["route"]),
                    "mode": Mode(given["mode"]),
                    "source": Place(**given["source"]),
                    "target": Place(**given["target"]),
                    "moment": moment_of(given["moment"]) if given["moment"] is not None else None,
                    "recovery_point": RecoveryPoint(**point | {"created": moment_of(point["created"])}) if point else None,
                    "services": tuple(given["services"]),
                    "steps": tuple(PlannedStep(Step(each["step"]), each["expected_seconds"]) for each in given["steps"]),
                    "made": moment_of(given["made"]),
                }
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise PlanError(f"the plan is not of the expected shape: {error!r}") from error
        plan.check()
        return plan

    def check(self) -> None:
        """What must hold between its values; PlanError names the one that is wrong."""
        if not re.fullmatch(PLAN_ID, self.plan_id):
            raise PlanError(f"plan_id: found {self.plan_id!r}; allowed: {PLAN_ID}")
        if self.mode not in modes(self.route):
            raise PlanError(f"mode: found {self.mode}; allowed for {self.route}: {', '.join(modes(self.route))}")
        if self.route.to_a_moment != (self.moment is not None) or self.route.to_a_moment != (self.recovery_point is None):
            raise PlanError(f"{self.route} takes {'a moment' if self.route.to_a_moment else 'a recovery point'}, and only that")
        if self.replica and not self.route.to_a_moment:
            raise PlanError(f"replica: found true; {self.route} restores a recovery point, and a replica is none")
        if not self.replica and not self.target.name.endswith(f"-{self.plan_id}"):
            raise PlanError(f"target: found {self.target.name!r}; a plan restores under a name that ends in its own id")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return exact_text(value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
