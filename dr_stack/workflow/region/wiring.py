"""The endpoints of this region name the restored stores, the services that are here are restarted, and are seen on them."""

from __future__ import annotations

from aws_cdk.aws_stepfunctions import IChainable
from constructs import Construct

from dr_stack.restore_functions import RestoreFunctions
from dr_stack.workflow.region.journal import clock
from dr_stack.workflow.route.flow import Part, again, once
from strategy import Strategy
from strategy.region import RegionStep


class Wiring(Construct):
    """`part`: every endpoint, then one restart of all services, then the proof of each store. Assigns `wired` and `proved`."""

    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, functions: RestoreFunctions, ended: IChainable
    ) -> None:
        super().__init__(scope, construct_id)
        self._last = len(strategy.stores) - 1
        parts = [
            *(self._switch(index, store.name, functions, ended) for index, store in enumerate(strategy.stores)),
            *(self._prove(index, store.name, functions, ended) for index, store in enumerate(strategy.stores)),
        ]
        path: Part = parts[0]
        for each in parts[1:]:
            path = path.then(each)
        self.part = path

    def _switch(self, index: int, store: str, functions: RestoreFunctions, ended: IChainable) -> Part:
        # With the last endpoint: a service is started anew once, when it finds all of them.
        restarted = "[$workload.services]" if index == self._last else "[]"
        return once(
            self,
            RegionStep.WIRE,
            of=store,
            function=functions.cut_over,
            payload={"plan": _plan(index, restarted), "action": "switch"},
            assign={"wired": f"{{% $merge([$wired, {{'{store}': $states.result.Payload}}]) %}}"},
            ended=ended,
        )

    def _prove(self, index: int, store: str, functions: RestoreFunctions, ended: IChainable) -> Part:
        return again(
            self,
            RegionStep.WIRE,
            of=f"{store}-used",
            function=functions.cut_over,
            payload={
                "plan": _plan(index, _USING.format(index)),
                "action": "prove",
                "since": f"{{% $lookup($wired, '{store}').switched %}}",
            },
            assign={
                "proved": f"{{% $merge([$proved, {{'{store}': $states.result.Payload}}]) %}}",
                clock(RegionStep.WIRE): "{% $now() %}",
            },
            done=f"$lookup($proved, '{store}').proved",
            ended=ended,
        )


_USING = "[$stores[{0}].plan.services[$ in $workload.services]]"
"""Services that use a store and are installed here. In brackets, or one of them would be no list."""


def _plan(index: int, services: str) -> str:
    """The store's plan, for these services."""
    return f"{{% $merge([$stores[{index}].plan, {{'services': {services}}}]) %}}"
