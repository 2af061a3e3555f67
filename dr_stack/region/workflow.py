"""recover-region as a state machine: assess, approve, gather, wire, try, cut over, back up; and a record, whatever happens.

Its input is the region plan's JSON (`recovery/restore/region_plan.py`). It needs nothing of the lost region.
"""

from __future__ import annotations

from typing import Any

from aws_cdk import Duration
from aws_cdk.aws_stepfunctions import Chain, DefinitionBody, IChainable, Parallel, Pass
from constructs import Construct

from components.state_machine import Machine
from components.tasks import ANY
from dr_stack.cutover.switch import Switch
from dr_stack.region import outcome
from dr_stack.region.approval import Approving
from dr_stack.region.cutover import CuttingOver
from dr_stack.region.functions import RegionFunctions
from dr_stack.region.notify import Telling
from dr_stack.region.restore_stores import Gathering
from dr_stack.region.smoke_test import Trying
from dr_stack.region.switch_endpoints import Wiring
from dr_stack.restore.functions import RestoreFunctions
from dr_stack.workflow.record import Record
from dr_stack.workflow.steps import Part, once
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.region_steps import WORKFLOW, Approval, RegionStep
from strategy.contracts.contract import template_of
from strategy.contracts.region import AssessRequest, ProtectRequest
from strategy.contracts.restore import ClaimRequest

_PLAN = "{% $plan %}"
_ANSWER = "{% $states.result.Payload %}"
_NOW = "{% $now() %}"


class RegionWorkflow(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        strategy: Strategy,
        region: str,
        functions: RegionFunctions,
        steps: RestoreFunctions,
        switch: Switch,
    ) -> None:
        super().__init__(scope, construct_id)
        self._strategy, self._region, self._functions, self._shared, self._switch = strategy, region, functions, steps, switch
        Machine(
            self,
            "Workflow",
            name=names.state_machine(strategy.prefix, WORKFLOW),
            comment="Brings what a lost region held and did into this region",
            definition=DefinitionBody.from_chainable(self._definition()),
            timeout=Duration.days(3),  # longer than all its limits: what none of them ended
        )

    def _definition(self) -> Chain:
        read = Pass.jsonata(
            self,
            "ReadPlan",
            state_name="Read the plan",
            assign={"plan": "{% $states.input %}", "started": "{% $states.context.Execution.StartTime %}"},
        )
        recover = Parallel.jsonata(self, "Recover", state_name="Follow the plan", assign={"record": "{% $states.result[0] %}"})
        recover.branch(self._steps())
        written = Record(
            self,
            "Record",
            strategy=self._strategy,
            region=self._region,
            folder=names.RECOVERIES,
            named="$states.context.Execution.Name",
            what="Recovery",
        )
        recover.add_catch(written.start, errors=ANY, assign={"record": outcome.of_error(self._region)})
        return Chain.start(read).next(recover).next(written.start)

    def _steps(self) -> IChainable:
        """An attempt's end is one state, wherever it ends: it sums up what the steps have left in their variables."""
        strategy, region = self._strategy, self._region
        begin = Pass.jsonata(self, "Begin", state_name="Begin", assign=outcome.beginning(strategy))
        ended = Pass.jsonata(self, "SumUp", state_name="Sum up", outputs=outcome.of_attempt(strategy, region))
        common: Any = {"strategy": strategy, "region": region, "ended": ended}
        approval: Any = {"functions": self._functions, "ended": ended}
        path = self._claim(ended)
        path = path.then(self._assess(ended))
        path = path.then(Telling(self, "TellAssessed", step=RegionStep.ASSESS, message="$assessment.message", **common).part)
        path = path.then(
            Approving(self, "Approve", step=RegionStep.APPROVE, what=Approval.RECOVER, into="approved", **approval).part
        )
        path = path.then(Gathering(self, "Gather", strategy=strategy, functions=self._functions, ended=ended).part)
        path = path.then(Telling(self, "TellGathered", step=RegionStep.STORES, message=_GATHERED, **common).part)
        path = path.then(
            Wiring(self, "Wire", strategy=strategy, functions=self._shared, fence=self._switch.fence, ended=ended).part
        )
        path = path.then(Trying(self, "Try", functions=self._functions, ended=ended).part)
        path = path.then(CuttingOver(self, "CutOver", functions=self._functions, throw=self._switch.throw, **common).part)
        path = path.then(self._protect(ended))
        path.end.next(ended)
        begin.next(path.start)
        return begin

    def _claim(self, ended: IChainable) -> Part:
        return once(
            self,
            RegionStep.CLAIM,
            function=self._shared.claim,
            request=template_of(ClaimRequest, plan=_PLAN, execution="{% $states.context.Execution.Id %}"),
            assign={"attempt": "{% $states.result.Payload.attempt %}", outcome.clock(RegionStep.CLAIM): _NOW},
            ended=ended,
        )

    def _assess(self, ended: IChainable) -> Part:
        return once(
            self,
            RegionStep.ASSESS,
            function=self._functions.assess,
            request=template_of(AssessRequest, plan=_PLAN),
            assign={"assessment": _ANSWER, outcome.clock(RegionStep.ASSESS): _NOW},
            ended=ended,
        )

    def _protect(self, ended: IChainable) -> Part:
        return once(
            self,
            RegionStep.PROTECT,
            function=self._functions.protect,
            request=template_of(ProtectRequest, plan=_PLAN, used="{% [$stores.plan] %}"),
            assign={"protected": _ANSWER, outcome.clock(RegionStep.PROTECT): _NOW},
            ended=ended,
        )


_GATHERED = "'Back and verified: ' & $join([$stores.(store & ' as ' & resource & ', from ' & source)], '; ')"
