"""One route as a state machine: claim, check, restore, put back, reset, verify, and then as far as the plan's mode goes."""

from __future__ import annotations

from typing import Any

from aws_cdk import Duration
from aws_cdk.aws_lambda import IFunction
from aws_cdk.aws_stepfunctions import Chain, DefinitionBody, IChainable, Parallel, Pass
from constructs import Construct

from components.state_machine import Machine
from components.tasks import ANY
from dr_stack.restore import outcome
from dr_stack.restore.functions import RestoreFunctions
from dr_stack.restore.restore_steps import Restoring
from dr_stack.restore.switch_steps import Using
from dr_stack.restore.verify_steps import Checking
from dr_stack.workflow.record import Record
from dr_stack.workflow.steps import Part, again, once
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.routes import Route, Step
from strategy.contracts.contract import template_of
from strategy.contracts.restore import CheckRequest, ClaimRequest, PasswordsRequest, SettingsRequest

_PLAN = "{% $plan %}"


class RouteWorkflow(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        route: Route,
        functions: RestoreFunctions,
        verify: IFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self._strategy, self._region, self._route, self._functions = strategy, region, route, functions
        Machine(
            self,
            "Workflow",
            name=names.state_machine(strategy.prefix, route),
            comment=f"Restores one store: {route}",
            definition=DefinitionBody.from_chainable(self._definition(verify)),
            timeout=Duration.days(2),  # longer than all its limits: what none of them ended
        )

    def _definition(self, verify: IFunction) -> Chain:
        read = Pass.jsonata(
            self, "ReadPlan", state_name="Read the plan", assign={"plan": "{% $states.input %}", "started": _STARTED}
        )
        follow = Parallel.jsonata(self, "Follow", state_name="Follow the plan", assign={"record": "{% $states.result[0] %}"})
        follow.branch(self._steps(verify))
        record = Record(
            self,
            "Record",
            strategy=self._strategy,
            region=self._region,
            folder=names.RESTORES,
            named="$states.context.Execution.Name",
            what=f"Restore {self._route}",
            drills=True,
        )
        follow.add_catch(record.start, errors=ANY, assign={"record": outcome.of_error(self._region)})
        return Chain.start(read).next(follow).next(record.start)

    def _steps(self, verify: IFunction) -> IChainable:
        """An attempt's end is one state, wherever it ends: it sums up what the steps have left in their variables."""
        functions, route = self._functions, self._route
        begin = Pass.jsonata(self, "Begin", state_name="Begin", assign=outcome.beginning())
        ended = Pass.jsonata(self, "SumUp", state_name="Sum up", outputs=outcome.of_attempt(self._strategy, self._region))
        common: Any = {"strategy": self._strategy, "region": self._region, "route": route, "ended": ended}
        path = once(
            self,
            Step.CLAIM,
            function=functions.claim,
            request=template_of(ClaimRequest, plan=_PLAN, execution="{% $states.context.Execution.Id %}"),
            assign={"attempt": "{% $states.result.Payload.attempt %}"},
            ended=ended,
        )
        path = path.then(
            once(
                self,
                Step.CHECK,
                function=functions.check,
                request=template_of(CheckRequest, plan=_PLAN),
                assign={"checked": "{% $states.result.Payload.checked %}"},
                ended=ended,
            )
        )
        path = path.then(Restoring(self, "Restoring", functions=functions, **common).part)
        path = path.then(self._settings(ended))
        if route.kind == "mysql":
            path = path.then(
                again(
                    self,
                    Step.PASSWORDS,
                    function=functions.passwords,
                    request=template_of(PasswordsRequest, plan=_PLAN),
                    assign={"passwords": "{% $states.result.Payload %}"},
                    done="$passwords.settled",
                    ended=ended,
                )
            )
        path = path.then(Checking(self, "Checking", verify=verify, **common).part)
        path.end.next(Using(self, "Using", route=route, functions=functions, ended=ended).start)
        begin.next(path.start)
        return begin

    def _settings(self, ended: IChainable) -> Part:
        answer = "$states.result.Payload"
        return again(
            self,
            Step.SETTINGS,
            function=self._functions.settings,
            request=template_of(SettingsRequest, plan=_PLAN),
            assign={"settings": f"{{% {answer} %}}", "put_back": f"{{% [$put_back, {answer}.put_back] %}}"},
            done="$settings.settled",
            ended=ended,
        )


_STARTED = "{% $states.context.Execution.StartTime %}"
