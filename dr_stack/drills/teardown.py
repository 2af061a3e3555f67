"""Nothing of a drill stays: what it made is marked, deleted, and looked for until AWS itself says that there is no such thing.

No other error counts as gone: a refusal, a fault or a silence leaves it unproven, and people are told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk.aws_stepfunctions import Choice, Condition, IChainable, Pass, Wait, WaitTime
from constructs import Construct

from components.tasks import call
from dr_stack.drills.functions import DrillFunctions
from dr_stack.region_arns import Places
from dr_stack.workflow.steps import EVERY, SETTLES, again, catch, once, pause, polls_of, titled
from strategy import Strategy
from strategy.catalogue.drill_steps import LATECOMERS, DrillStep
from strategy.catalogue.routes import Route
from strategy.contracts.contract import template_of
from strategy.contracts.drills import ExerciseAction, ExerciseRequest, MarkRequest, TearDownRequest

_PLAN = "{% $plan %}"
_ANSWER = "{% $states.result.Payload %}"
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "mysql": {
        "service": "rds",
        "action": "describeDBInstances",
        "parameters": {"DbInstanceIdentifier": "{% $plan.target.name %}"},
        "status": "$states.result.DbInstances[0].DbInstanceStatus",
        "gone": "Rds.DbInstanceNotFoundException",
    },
    "dynamodb": {
        "service": "dynamodb",
        "action": "describeTable",
        "parameters": {"TableName": "{% $plan.target.name %}"},
        "status": "$states.result.Table.TableStatus",
        "gone": "DynamoDb.ResourceNotFoundException",
    },
}
"""By kind of store: how it is looked for, and the one error that says it is gone."""


class Teardown(Construct):
    """`start`: a branch whose output is `{proven, gone_at, problem}`: never an error."""

    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, functions: DrillFunctions
    ) -> None:
        super().__init__(scope, construct_id)
        counts = {polls_of(each): 0 for each in (DrillStep.MARK, DrillStep.TEAR_DOWN, DrillStep.GONE)}
        begin = Pass.jsonata(
            self,
            "Begin",
            state_name=titled(DrillStep.TEAR_DOWN, "begin"),
            assign={"stopped": {}, "found": {}, "status": "", "branch_problem": "", "branch_waiting_for": "", **counts},
        )
        problem = Pass.jsonata(
            self,
            "Problem",
            state_name=titled(DrillStep.GONE, "not proven"),
            outputs={"proven": False, "problem": "{% $branch_problem %}"},
        )
        gone = Pass.jsonata(
            self,
            "Gone",
            state_name=titled(DrillStep.GONE, "gone"),
            outputs={"proven": True, "gone_at": "{% $now() %}", "problem": ""},
        )
        stop = once(
            self,
            DrillStep.STOP,
            branch=True,
            function=functions.exercise,
            request=template_of(ExerciseRequest, plan=_PLAN, action=ExerciseAction.STOP),
            assign={"stopped": _ANSWER},
            ended=problem,
        )
        ran = Choice.jsonata(self, "Ran", state_name=titled(DrillStep.STOP, "did it run?"))
        latecomers = Wait.jsonata(
            self,
            "Latecomers",
            state_name=titled(DrillStep.STOP, "let its last call end"),
            time=WaitTime.duration(Duration.seconds(int(LATECOMERS.total_seconds()))),
        )
        common: Any = {"branch": True, "assign": {"found": _ANSWER}, "done": "$found.done", "ended": problem}
        mark = again(
            self, DrillStep.MARK, function=functions.mark, request=template_of(MarkRequest, plan=_PLAN), within=SETTLES, **common
        )
        delete = again(
            self,
            DrillStep.TEAR_DOWN,
            function=functions.tear_down,
            request=template_of(TearDownRequest, plan=_PLAN),
            within=SETTLES,
            **common,
        )
        ran.when(Condition.jsonata("{% $stopped.stopped %}"), latecomers)
        ran.otherwise(mark.start)
        latecomers.next(mark.start)
        begin.next(stop.start)
        stop.end.next(ran)
        mark.end.next(delete.start)
        delete.end.next(self._gone(strategy, region, gone, problem))
        self.start = begin

    def _gone(self, strategy: Strategy, region: str, gone: IChainable, problem: IChainable) -> IChainable:
        places = Places(strategy, region)
        kinds = list(dict.fromkeys(store.kind.value for store in strategy.stores))
        looks = {kind: self._look(kind, places, gone, problem) for kind in kinds}
        which = Choice.jsonata(self, "Which", state_name=titled(DrillStep.GONE, "where to look?"))
        for kind, look in looks.items():
            which.when(Condition.jsonata(f"{{% $substring($plan.route, 0, {len(kind)}) = '{kind}' %}}"), look)
        unknown = Pass.jsonata(
            self,
            "Unknown",
            state_name=titled(DrillStep.GONE, "of no known kind"),
            outputs={"proven": False, "problem": "{% 'nobody knows where to look for what ' & $plan.route & ' makes' %}"},
        )
        which.otherwise(unknown)
        return which

    def _look(self, kind: str, places: Places, gone: IChainable, problem: IChainable) -> IChainable:
        step, says = DrillStep.GONE, _LOOKS[kind]
        place, polls, count = Construct(self, kind.title()), SETTLES // EVERY, polls_of(step)
        route = next(each for each in Route if each.kind == kind)
        look = call(
            place,
            "Look",
            name=titled(step, kind),
            service=says["service"],
            action=says["action"],
            parameters=says["parameters"],
            resources=places.restored(route),
            because="The store that the drill made: its name ends in the plan's id",
            assign={"status": f"{{% {says['status']} %}}", count: f"{{% ${count} + 1 %}}"},
        )
        look.add_catch(gone, errors=[says["gone"]])
        catch(look, step, problem, branch=True)
        still = Choice.jsonata(place, "Still", state_name=titled(step, kind, "still there?"))
        wait = pause(place, step, kind, "wait")
        still.when(
            Condition.jsonata(f"{{% ${count} >= {polls} %}}"),
            problem,
            assign={"branch_problem": f"{{% $plan.target.name & ' is still there after {SETTLES}: ' & $status %}}"},
        )
        still.otherwise(wait)
        wait.next(look)
        look.next(still)
        return look
