"""Drills: a documented route exercised beside the live store, verified, timed and torn down again. Its workflow, steps and words.

One execution drills one route of one store, in one region. A state is named for its step, as in the routes
(`strategy.catalogue.routes`). Safe to import in a Lambda function.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from strategy.catalogue import names

WORKFLOW = "drill"
FORMAT = 1
"""Of a drill's record."""
LATECOMERS = timedelta(minutes=5)
"""A function of a restore that was just ended may still begin something: longer than its timeout. And AWS may not show yet what a
restore began that failed less than this ago.
"""


class Purpose(StrEnum):
    """Why a store is restored beside itself and compared; the value is also the record's `kind`."""

    DRILL = "drill"
    """The route is exercised: the newest data there is comes back."""
    INTEGRITY = "integrity"
    """The data is checked: the newest manifest's own second comes back, which must be equal to it."""

    @property
    def folder(self) -> str:
        """Of the evidence bucket."""
        return names.DRILLS if self is Purpose.DRILL else names.INTEGRITY


class DrillStep(StrEnum):
    """The value is the title."""

    PLAN = "Plan the drill"
    EXERCISE = "Restore and verify beside the live store"
    STOP = "End a restore that still runs"
    MARK = "Mark what the drill made"
    TEAR_DOWN = "Tear down what the drill made"
    GONE = "See that it is gone"
    RECORD = "Keep the record"


def drill_step_of(state: str) -> DrillStep | None:
    """The step that a state belongs to, by its name; None for what is of no step."""
    title = state.partition(":")[0]
    return DrillStep(title) if title in set(DrillStep) else None
