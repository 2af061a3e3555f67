"""The documented ways to bring one store back, and the steps each takes, under the names people see everywhere.

A route is a Step Functions state machine of the same name; a step is a state of it. States that belong to a step and are not
its main one carry its title, a colon and a word: `Restore beside the old store: wait`. So an execution's history tells the step.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

Kind = Literal["mysql", "dynamodb"]
PLAN_FORMAT = 1
"""Of the plan's JSON, which is also the input of the execution."""


class Route(StrEnum):
    """One store, in the region where it lives."""

    MYSQL_TO_A_MOMENT = "mysql-to-a-moment"
    MYSQL_FROM_RECOVERY_POINT = "mysql-from-recovery-point"
    DYNAMODB_TO_A_MOMENT = "dynamodb-to-a-moment"
    DYNAMODB_FROM_RECOVERY_POINT = "dynamodb-from-recovery-point"

    @property
    def kind(self) -> Kind:
        return "mysql" if self.value.startswith("mysql") else "dynamodb"

    @property
    def to_a_moment(self) -> bool:
        """By native point-in-time recovery; the others restore a recovery point of AWS Backup."""
        return self.value.endswith("to-a-moment")


class Mode(StrEnum):
    """How far a restore goes once the restored store is verified."""

    SWITCH = "switch"
    """Stop writers to the old store, point the application at the restored one, and prove that it is used."""
    BESIDE = "beside"
    """Leave it beside the old one: to look, to copy single rows out of it, to drill."""
    REPAIR = "repair"
    """DynamoDB only: write the keys that differ back into the live table, whose name cannot be taken over."""


class Step(StrEnum):
    """The value is the title."""

    CLAIM = "Claim the plan"
    CHECK = "Check the plan"
    RESTORE = "Restore beside the old store"
    SETTINGS = "Put the settings back"
    PASSWORDS = "Reset the passwords"
    VERIFY = "Verify the content"
    FENCE = "Stop writers to the old store"
    SWITCH = "Switch the endpoint"
    PROVE = "Prove that the services use it"
    REPAIR = "Repair the live table"
    RECORD = "Write the record"


_MODES = {
    Mode.SWITCH: (Step.FENCE, Step.SWITCH, Step.PROVE),
    Mode.BESIDE: (),
    Mode.REPAIR: (Step.REPAIR,),
}


def steps(route: Route, mode: Mode) -> tuple[Step, ...]:
    """In order. ValueError for a mode that the route does not have."""
    if mode not in modes(route):
        raise ValueError(f"{route} has no mode {mode}: there are {', '.join(modes(route))}")
    common = [Step.CLAIM, Step.CHECK, Step.RESTORE, Step.SETTINGS]
    common += [Step.PASSWORDS] if route.kind == "mysql" else []
    return (*common, Step.VERIFY, *_MODES[mode], Step.RECORD)


def modes(route: Route) -> tuple[Mode, ...]:
    return tuple(Mode) if route.kind == "dynamodb" else (Mode.SWITCH, Mode.BESIDE)


def step_of(state: str) -> Step | None:
    """The step that a state belongs to, by its name; None for what is of no step."""
    title = state.partition(":")[0]
    return Step(title) if title in set(Step) else None
