"""Side by side: each store by its own route, the workload, the buckets. A branch never fails the others.

A store's branch starts the workflow of its route and looks at it: what restores one store restores it here too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aws_cdk.aws_stepfunctions import Choice, Condition, IChainable, Parallel, Pass
from constructs import Construct

from dr_stack.region.functions import RegionFunctions
from dr_stack.region.outcome import clock
from dr_stack.workflow.steps import WITHIN, Otherwise, Part, again, failing, once, polls_of, titled
from strategy import Strategy
from strategy.catalogue.region_steps import RegionStep
from strategy.contracts.contract import template_of
from strategy.contracts.region import BucketsRequest, StoreRequest, WorkloadRequest

_STANDS_WITHIN = timedelta(hours=6)
"""Twice the strategy's upper figure for the infrastructure."""
_PLAN = "{% $plan %}"
_ANSWER = "{% $states.result.Payload %}"


class Gathering(Construct):
    """`part`: all of it, and the attempt's end when something is missing. Assigns `stores`, `workload` and `buckets`."""

    def __init__(
        self, scope: Construct, construct_id: str, *, strategy: Strategy, functions: RegionFunctions, ended: IChainable
    ) -> None:
        super().__init__(scope, construct_id)
        self._functions = functions
        count = len(strategy.stores)
        beside = Parallel.jsonata(
            self,
            "Beside",
            state_name=titled(RegionStep.STORES, "side by side"),
            assign={
                "stores": f"{{% [$states.result[[0..{count - 1}]]] %}}",
                "workload": f"{{% $states.result[{count}] %}}",
                "buckets": f"{{% $states.result[{count + 1}] %}}",
                clock(RegionStep.STORES): "{% $now() %}",
                clock(RegionStep.WORKLOAD): f"{{% $states.result[{count}].at %}}",
                clock(RegionStep.BUCKETS): f"{{% $states.result[{count + 1}].at %}}",
            },
        )
        for store in strategy.stores:
            beside.branch(self._store(store.name))
        beside.branch(self._workload())
        beside.branch(self._buckets())
        whole = Choice.jsonata(self, "Whole", state_name=titled(RegionStep.STORES, "all there?"))
        whole.when(
            Condition.jsonata("{% $count($stores[recovered = false]) > 0 %}"),
            ended,
            assign=failing(RegionStep.STORES, "{% $join([$stores[recovered = false].(store & ': ' & problem)], '; ') %}"),
        )
        whole.when(
            Condition.jsonata("{% $workload.problem != '' %}"),
            ended,
            assign=failing(RegionStep.WORKLOAD, "{% $workload.problem %}"),
        )
        beside.next(whole)
        self.part = Part(beside, Otherwise(whole))

    def _store(self, name: str) -> IChainable:
        answer: dict[str, Any] = {"recovered": False, "plan": {}, "passed_over": [], "verification": {}}
        return self._branch(
            RegionStep.STORES,
            name,
            lambda problem: again(
                self,
                RegionStep.STORES,
                of=name,
                branch=True,
                function=self._functions.store,
                request=template_of(StoreRequest, plan=_PLAN, store=name, since="{% $started %}"),
                assign={"found": _ANSWER},
                done="$found.done",
                ended=problem,
                within=WITHIN,
            ),
            named={"store": name},
            without=answer,
        )

    def _workload(self) -> IChainable:
        return self._branch(
            RegionStep.WORKLOAD,
            "",
            lambda problem: again(
                self,
                RegionStep.WORKLOAD,
                branch=True,
                function=self._functions.workload,
                request=template_of(WorkloadRequest, plan=_PLAN),
                assign={"found": _ANSWER},
                done="$found.done",
                ended=problem,
                within=_STANDS_WITHIN,
            ),
            named={"problem": ""},
            without={"services": []},
        )

    def _buckets(self) -> IChainable:
        return self._branch(
            RegionStep.BUCKETS,
            "",
            lambda problem: once(
                self,
                RegionStep.BUCKETS,
                branch=True,
                function=self._functions.buckets,
                request=template_of(BucketsRequest, plan=_PLAN),
                assign={"found": _ANSWER},
                ended=problem,
            ),
            named={},
            without={"buckets": []},
        )

    def _branch(self, step: RegionStep, of: str, work: Any, *, named: dict[str, Any], without: dict[str, Any]) -> IChainable:
        """Its output is what was found, or what went wrong: never an error."""
        place = Construct(self, f"{step.name.title()}{of.title().replace('-', '')}Branch")
        begin = Pass.jsonata(
            place,
            "Begin",
            state_name=titled(step, of, "begin"),
            assign={"found": {}, "branch_problem": "", polls_of(step, of): 0, "branch_waiting_for": ""},
        )
        at = {"at": "{% $now() %}"}
        problem = Pass.jsonata(
            place,
            "Problem",
            state_name=titled(step, of, "problem"),
            outputs={**without, **named, **at, "problem": "{% $branch_problem %}"},
        )
        # What is found goes last: its own words stand before the empty ones.
        there = Pass.jsonata(
            place,
            "There",
            state_name=titled(step, of, "there"),
            outputs=f"{{% $merge([{_object(named)}, {{'at': $now()}}, $found]) %}}",
        )
        part = work(problem)
        part.end.next(there)
        begin.next(part.start)
        return begin


def _object(values: dict[str, Any]) -> str:
    return "{" + ", ".join(f"'{key}': '{value}'" for key, value in values.items()) + "}"
