"""What is broken, how it is brought back, and how that is judged. One module per kind of scenario."""

from collections.abc import Callable

from rehearsal.result import Outcome
from rehearsal.scenarios.base import Context, ScenarioFailed, World
from rehearsal.scenarios.drills import drills
from rehearsal.scenarios.failback import failback
from rehearsal.scenarios.region_loss import FAULTS, region_loss
from rehearsal.scenarios.restores import Case
from strategy.catalogue.routes import Mode, Route

Scenario = Callable[[Context, World], Outcome]
SCENARIOS: dict[str, Scenario] = {
    **{
        case.name: case
        for case in (
            Case(Route.MYSQL_TO_A_MOMENT),
            Case(Route.MYSQL_FROM_RECOVERY_POINT),
            Case(Route.DYNAMODB_TO_A_MOMENT),
            Case(Route.DYNAMODB_TO_A_MOMENT, Mode.REPAIR),
            Case(Route.DYNAMODB_FROM_RECOVERY_POINT),
        )
    },
    "drill": drills,
    "region-loss": region_loss,
    "failback": failback,
}
"""By the names of `rehearsal.options`."""

__all__ = ["FAULTS", "SCENARIOS", "Context", "Scenario", "ScenarioFailed", "World"]
