"""A second person's yes, where the plan wants one: looked for each minute, in the plans table."""

from __future__ import annotations

from datetime import timedelta

from aws_cdk.aws_stepfunctions import Choice, Condition, IChainable
from constructs import Construct

from dr_stack.region.functions import RegionFunctions
from dr_stack.region.outcome import clock
from dr_stack.workflow.steps import Ends, Otherwise, Part, again, titled
from strategy.catalogue.region_steps import Approval, RegionStep
from strategy.contracts.contract import template_of
from strategy.contracts.region import ApprovalRequest

_WITHIN = timedelta(hours=4)
"""A third of the promised recovery time: by then somebody else must be called. Resuming the plan waits again."""


class Approving(Construct):
    """`part`: assigns the answer to the variable `into`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        step: RegionStep,
        what: Approval,
        into: str,
        functions: RegionFunctions,
        ended: IChainable,
    ) -> None:
        super().__init__(scope, construct_id)
        wanted = Choice.jsonata(self, "Wanted", state_name=titled(step, "wanted?"))
        wait = again(
            self,
            step,
            function=functions.approval,
            request=template_of(ApprovalRequest, plan="{% $plan %}", what=what),
            assign={into: "{% $states.result.Payload %}", clock(step): "{% $now() %}"},
            done=f"${into}.done",
            ended=ended,
            within=_WITHIN,
        )
        wanted.when(Condition.jsonata("{% $plan.approvals %}"), wait.start)
        self.part = Part(wanted, Ends(Otherwise(wanted), wait.end))
