"""The endpoints of this region name the restored stores, the services that are here are restarted, and are seen on them.

In between the region is opened, or its own fence would lock the services out of the restored store within a minute. Not before
the endpoints have moved: what is opened is the store that they name.
"""

from __future__ import annotations

from datetime import timedelta

from aws_cdk.aws_lambda import IFunction
from aws_cdk.aws_stepfunctions import IChainable
from constructs import Construct

from dr_stack.region.outcome import clock
from dr_stack.restore.functions import RestoreFunctions
from dr_stack.workflow.steps import Part, again, once
from strategy import Strategy
from strategy.catalogue.region_steps import RegionStep
from strategy.contracts.contract import template_of
from strategy.contracts.fence import FenceAction, OpenRequest
from strategy.contracts.restore import CutoverAction, CutoverRequest


class Wiring(Construct):
    """`part`: every endpoint, the region opened, then one restart of all services, then the proof of each store.

    Assigns `wired`, `opened` and `proved`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        functions: RestoreFunctions,
        fence: IFunction,
        ended: IChainable,
    ) -> None:
        super().__init__(scope, construct_id)
        last = len(strategy.stores) - 1
        parts = [
            *(self._switch(index, store.name, functions, ended) for index, store in enumerate(strategy.stores)),
            self._open(fence, ended),
            self._switch(last, strategy.stores[last].name, functions, ended, restarting=True),
            *(self._prove(index, store.name, functions, ended) for index, store in enumerate(strategy.stores)),
        ]
        path: Part = parts[0]
        for each in parts[1:]:
            path = path.then(each)
        self.part = path

    def _open(self, fence: IFunction, ended: IChainable) -> Part:
        return again(
            self,
            RegionStep.WIRE,
            of="open",
            function=fence,
            request=template_of(OpenRequest, action=FenceAction.OPEN, plan_id="{% $plan.plan_id %}"),
            assign={"opened": "{% $states.result.Payload %}"},
            done="$count($opened.left) = 0",
            waiting_for="'this region to be opened: ' & $join($states.result.Payload.left, '; ')",
            ended=ended,
            within=_OPENS_WITHIN,
        )

    def _switch(
        self, index: int, store: str, functions: RestoreFunctions, ended: IChainable, *, restarting: bool = False
    ) -> Part:
        # Once, when a service finds all of them. Switching again writes nothing that is so already.
        restarted = "[$workload.services]" if restarting else "[]"
        return once(
            self,
            RegionStep.WIRE,
            of=f"{store}-restart" if restarting else store,
            function=functions.cut_over,
            request=template_of(CutoverRequest, plan=_plan(index, restarted), action=CutoverAction.SWITCH),
            assign={"wired": f"{{% $merge([$wired, {{'{store}': $states.result.Payload}}]) %}}"},
            ended=ended,
        )

    def _prove(self, index: int, store: str, functions: RestoreFunctions, ended: IChainable) -> Part:
        return again(
            self,
            RegionStep.WIRE,
            of=f"{store}-used",
            function=functions.cut_over,
            request=template_of(
                CutoverRequest,
                plan=_plan(index, _USING.format(index)),
                action=CutoverAction.PROVE,
                since=f"{{% $lookup($wired, '{store}').switched %}}",
            ),
            assign={
                "proved": f"{{% $merge([$proved, {{'{store}': $states.result.Payload}}]) %}}",
                clock(RegionStep.WIRE): "{% $now() %}",
            },
            done=f"$lookup($proved, '{store}').proved",
            ended=ended,
        )


_OPENS_WITHIN = timedelta(minutes=30)
_USING = "[$stores[{0}].plan.services[$ in $workload.services]]"
"""Services that use a store and are installed here. In brackets, or one of them would be no list."""


def _plan(index: int, services: str) -> str:
    """The store's plan, for these services."""
    return f"{{% $merge([$stores[{index}].plan, {{'services': {services}}}]) %}}"
