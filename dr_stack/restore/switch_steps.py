"""From a verified store to one that the application uses; or to a live table that is repaired; or no further."""

from __future__ import annotations

from aws_cdk.aws_stepfunctions import Choice, Condition, IChainable
from constructs import Construct

from dr_stack.restore.functions import RestoreFunctions
from dr_stack.workflow.steps import LONG_TIMEOUT, WITHIN, Part, again, once
from strategy.catalogue.routes import Mode, Route, Step
from strategy.contracts.contract import template_of
from strategy.contracts.restore import CutoverAction, CutoverRequest, RepairRequest

_PLAN, _ANSWER = "{% $plan %}", "{% $states.result.Payload %}"


class Using(Construct):
    """`part`: as the plan's mode says. Every way leads to `ended`. Assigns `fence`, `switch`, `prove` or `repair`."""

    def __init__(
        self, scope: Construct, construct_id: str, *, route: Route, functions: RestoreFunctions, ended: IChainable
    ) -> None:
        super().__init__(scope, construct_id)
        mode = Choice.jsonata(self, "Mode", state_name="How far does this plan go?")
        mode.when(Condition.jsonata(f"{{% $plan.mode = '{Mode.SWITCH}' %}}"), self._switch(functions, ended))
        if route.kind == "dynamodb":
            mode.when(Condition.jsonata(f"{{% $plan.mode = '{Mode.REPAIR}' %}}"), self._repair(functions, ended))
        mode.otherwise(ended)
        self.start = mode

    def _switch(self, functions: RestoreFunctions, ended: IChainable) -> IChainable:
        fence = once(
            self,
            Step.FENCE,
            function=functions.cut_over,
            request=template_of(CutoverRequest, plan=_PLAN, action=CutoverAction.FENCE),
            assign={"fence": _ANSWER},
            ended=ended,
        )
        switch = once(
            self,
            Step.SWITCH,
            function=functions.cut_over,
            request=template_of(CutoverRequest, plan=_PLAN, action=CutoverAction.SWITCH),
            assign={"switch": _ANSWER},
            ended=ended,
        )
        prove = again(
            self,
            Step.PROVE,
            function=functions.cut_over,
            request=template_of(CutoverRequest, plan=_PLAN, action=CutoverAction.PROVE, since="{% $switch.switched %}"),
            assign={"prove": _ANSWER},
            done="$prove.proved",
            ended=ended,
        )
        whole: Part = fence.then(switch).then(prove)
        whole.end.next(ended)
        return whole.start

    def _repair(self, functions: RestoreFunctions, ended: IChainable) -> IChainable:
        repair = again(
            self,
            Step.REPAIR,
            function=functions.repair,
            request=template_of(RepairRequest, plan=_PLAN, cursor="{% $exists($repair.cursor) ? $repair.cursor : null %}"),
            assign={"repair": _ANSWER},
            done="$repair.done",
            ended=ended,
            waiting_for="'the rest of the keys'",
            within=WITHIN,
            timeout=LONG_TIMEOUT,
        )
        repair.end.next(ended)
        return repair.start
