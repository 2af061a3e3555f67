"""The switch is thrown, by one write in this region, and what it does is watched. A drill leaves all of this out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aws_cdk.aws_lambda import IFunction
from aws_cdk.aws_stepfunctions import Choice, Condition, IChainable
from constructs import Construct

from dr_stack.region.approval import Approving
from dr_stack.region.functions import RegionFunctions
from dr_stack.region.notify import Telling
from dr_stack.region.outcome import TEST_LINES, clock
from dr_stack.workflow.steps import Ends, Otherwise, Part, again, once, titled
from strategy import Strategy
from strategy.catalogue.region_steps import Approval, RegionStep
from strategy.contracts.contract import template_of
from strategy.contracts.cutover import ThrowRequest
from strategy.contracts.region import WatchRequest

_QUIET_WITHIN = timedelta(hours=1)
"""The watch lasts 10 minutes at least; troubles that do not end by then are for a person, with traffic here."""


class CuttingOver(Construct):
    """`part`: assigns `approved_cutover`, `thrown` and `watched`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        functions: RegionFunctions,
        throw: IFunction,
        ended: IChainable,
    ) -> None:
        super().__init__(scope, construct_id)
        self._functions, self._region, self._ended = functions, region, ended
        common: Any = {"strategy": strategy, "region": region, "ended": ended}
        tested = Telling(self, "TellTested", step=RegionStep.SMOKE, message=f"'Tested: ' & {TEST_LINES} & {_ASKS}", **common)
        path = tested.part
        path = path.then(
            Approving(
                self,
                "Approve",
                step=RegionStep.APPROVE_CUTOVER,
                what=Approval.CUT_OVER,
                into="approved_cutover",
                functions=functions,
                ended=ended,
            ).part
        )
        path = path.then(self._throw(throw))
        path = path.then(Telling(self, "TellThrown", step=RegionStep.CUT_OVER, message=_THROWN.format(region), **common).part)
        path = path.then(self._watch())
        path = path.then(Telling(self, "TellWatched", step=RegionStep.WATCH, message=_WATCHED, **common).part)
        wanted = Choice.jsonata(self, "Wanted", state_name=titled(RegionStep.CUT_OVER, "wanted?"))
        wanted.when(Condition.jsonata("{% $plan.drill = false %}"), path.start)
        self.part = Part(wanted, Ends(Otherwise(wanted), path.end))

    def _throw(self, function: IFunction) -> Part:
        return once(
            self,
            RegionStep.CUT_OVER,
            function=function,
            request=template_of(ThrowRequest, serving=self._region, plan_id="{% $plan.plan_id %}", by=f"{{% {_BY} %}}"),
            assign={"thrown": "{% $states.result.Payload %}", clock(RegionStep.CUT_OVER): "{% $now() %}"},
            ended=self._ended,
        )

    def _watch(self) -> Part:
        return again(
            self,
            RegionStep.WATCH,
            function=self._functions.watch,
            request=template_of(WatchRequest, plan="{% $plan %}", services="{% [$workload.services] %}", so_far="{% $watched %}"),
            assign={"watched": "{% $states.result.Payload %}", clock(RegionStep.WATCH): "{% $now() %}"},
            done="$watched.done",
            ended=self._ended,
            within=_QUIET_WITHIN,
        )


_BY = "$exists($approved_cutover.by) ? $approved_cutover.by : $plan.made_by"
_ASKS = (
    "($plan.approvals ? '\\n\\nIt waits for a person other than ' & $plan.made_by & ' to move the traffic: "
    "python -m recovery approve ' & $plan.plan_id & ' --for cut-over --env ' & $plan.environment & "
    "' --region ' & $plan.region : '')"
)
_THROWN = (
    "'The switch is thrown: customers are led to {}' & ($thrown.changed ? '' : ', as it said already, by plan ' & "
    "$thrown.now.plan_id) & '. Their resolvers follow within minutes. It is watched now.'"
)
_WATCHED = (
    "'Watched from ' & $watched.from & ' to ' & $watched.to & ': ' & $string($watched.looks) & ' looks, ' & "
    "$string($count($watched.troubles)) & ' troubles' & ($count($watched.troubles) = 0 ? '' : ':\\n' & "
    "$join($watched.troubles, '\\n'))"
)
