"""One drill as a state machine: plan, exercise the route by its own workflow, tear down, see that it is gone, keep the record.

Whatever becomes of the exercise, the teardown follows; whatever becomes of the teardown, the record does. Nobody approves it,
and nobody is told of a drill that passed.
"""

from __future__ import annotations

from typing import Any

from aws_cdk import Duration
from aws_cdk.aws_stepfunctions import Chain, Choice, Condition, DefinitionBody, Fail, IChainable, Parallel, Pass, Succeed
from constructs import Construct

from components.state_machine import Machine
from components.tasks import ANY, CAUGHT, invoke
from dr_stack.drills.functions import DrillFunctions
from dr_stack.drills.teardown import Teardown
from dr_stack.workflow.calls import tell
from dr_stack.workflow.steps import TIMEOUT, WITHIN, again, polls_of, titled
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.drill_steps import WORKFLOW, DrillStep
from strategy.contracts.contract import template_of
from strategy.contracts.drills import DrillPlanRequest, DrillRecordRequest, ExerciseAction, ExerciseRequest
from strategy.contracts.requests.drills import drilled_in

_CAUGHT = f"{{% {CAUGHT} %}}"


class DrillWorkflow(Construct):
    """`machine`: its input is `{route, store}`, with `purpose` and `by` where they are others than a scheduled drill's; or
    `{clean: ARN}` of a drill that was ended from outside, to tear down what it left.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, region: str, functions: DrillFunctions
    ) -> None:
        super().__init__(scope, construct_id)
        self._strategy, self._region, self._functions = strategy, region, functions
        self.machine = Machine(
            self,
            "Workflow",
            name=names.state_machine(strategy.prefix, WORKFLOW),
            comment="Exercises one route of one store beside it, and tears down what it made",
            definition=DefinitionBody.from_chainable(self._definition()),
            timeout=Duration.days(2),  # longer than all its limits: what none of them ended
        )

    def _definition(self) -> Chain:
        read = Pass.jsonata(
            self,
            "Read",
            state_name="Read what is asked",
            assign={
                "asked": "{% $states.input %}",
                "started": "{% $states.context.Execution.StartTime %}",
                "plan": {},
                "clean": False,
                "restore": {},
                "torn": {},
                "trouble": "",
            },
        )
        record = self._record()
        plan = invoke(
            self,
            "Plan",
            name=titled(DrillStep.PLAN),
            function=self._functions.plan,
            request=template_of(
                DrillPlanRequest,
                wanted=drilled_in(self._strategy, self._region),
                asked="{% $asked %}",
                execution="{% $states.context.Execution.Id %}",
            ),
            timeout=TIMEOUT,
            assign={"plan": "{% $states.result.Payload.plan %}", "clean": "{% $states.result.Payload.clean %}"},
        )
        plan.add_catch(record, errors=ANY, assign={"trouble": _CAUGHT})
        exercise = Parallel.jsonata(
            self, "Exercising", state_name=titled(DrillStep.EXERCISE, "within"), assign={"restore": "{% $states.result[0] %}"}
        )
        exercise.branch(self._exercise())
        tear_down = Parallel.jsonata(
            self, "TearingDown", state_name=titled(DrillStep.TEAR_DOWN, "within"), assign={"torn": "{% $states.result[0] %}"}
        )
        tear_down.branch(
            Teardown(self, "Teardown", strategy=self._strategy, region=self._region, functions=self._functions).start
        )
        exercise.add_catch(tear_down, errors=ANY, assign={"restore": {"problem": _CAUGHT}})
        tear_down.add_catch(record, errors=ANY, assign={"torn": {"proven": False, "problem": _CAUGHT}})
        what = Choice.jsonata(self, "What", state_name=titled(DrillStep.PLAN, "what is to be done?"))
        what.when(Condition.jsonata("{% $count($keys($plan)) = 0 %}"), record)
        what.when(Condition.jsonata("{% $clean %}"), tear_down)
        what.otherwise(exercise)
        exercise.next(tear_down)
        tear_down.next(record)
        return Chain.start(read).next(plan).next(what)

    def _exercise(self) -> IChainable:
        """Its output is how the restore ended, or what went wrong: never an error."""
        step = DrillStep.EXERCISE
        begin = Pass.jsonata(
            self,
            "BeginExercise",
            state_name=titled(step, "begin"),
            assign={"found": {}, "branch_problem": "", polls_of(step): 0, "branch_waiting_for": ""},
        )
        problem = Pass.jsonata(
            self, "ExerciseProblem", state_name=titled(step, "problem"), outputs={"problem": "{% $branch_problem %}"}
        )
        ended = Pass.jsonata(self, "ExerciseEnded", state_name=titled(step, "ended"), outputs="{% $found %}")
        part = again(
            self,
            step,
            branch=True,
            function=self._functions.exercise,
            request=template_of(ExerciseRequest, plan="{% $plan %}", action=ExerciseAction.EXERCISE),
            assign={"found": "{% $states.result.Payload %}"},
            done="$found.done",
            ended=problem,
            within=WITHIN,
        )
        part.end.next(ended)
        begin.next(part.start)
        return begin

    def _record(self) -> IChainable:
        strategy, region = self._strategy, self._region
        facts: dict[str, Any] = {name: f"{{% ${name} %}}" for name in ("asked", "plan", "restore", "torn", "trouble", "started")}
        record = invoke(
            self,
            "Record",
            name=titled(DrillStep.RECORD),
            function=self._functions.record,
            request=template_of(
                DrillRecordRequest,
                environment=strategy.environment,
                region=region,
                evidence=names.evidence_bucket(strategy.prefix, region, strategy.account),
                execution="{% $states.context.Execution.Id %}",
                **facts,
            ),
            timeout=TIMEOUT,
            assign={"record": "{% $states.result.Payload %}"},
        )
        told = tell(
            self,
            strategy=strategy,
            region=region,
            subject=f"{{% 'A drill in {region}: ' & $record.outcome %}}",
            message="{% $record.problem & '\\n\\n' & $record.next & '\\n\\n' & $string($record, true) %}",
        )
        failed = Fail.jsonata(self, "Failed", error="DrillFailed", cause="{% $record.problem & ' -- ' & $record.next %}")
        ended = Choice.jsonata(self, "End", state_name="How did it end?")
        passed = Succeed.jsonata(self, "Passed", outputs="{% $record %}")
        ended.when(Condition.jsonata("{% $record.outcome = 'passed' %}"), passed)
        ended.otherwise(told)
        lost: dict[str, Any] = {
            "outcome": "failed",
            "problem": f"{{% 'the record could not be kept: ' & {CAUGHT} %}}",
            "next": "Look at the execution's history, then drill again: without its record it proves nothing",
            "plan": "{% $plan %}",
            "torn": "{% $torn %}",
        }
        record.add_catch(told, errors=ANY, assign={"record": lost})
        told.add_catch(failed, errors=ANY)
        told.next(failed)
        return Chain.start(record).next(ended)
