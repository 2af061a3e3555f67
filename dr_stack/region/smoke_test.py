"""The services are tried before any customer is sent to them: each is asked until all pass."""

from __future__ import annotations

from datetime import timedelta

from aws_cdk.aws_stepfunctions import IChainable
from constructs import Construct

from dr_stack.region.functions import RegionFunctions
from dr_stack.region.outcome import clock
from dr_stack.workflow.steps import again
from strategy.catalogue.region_steps import RegionStep
from strategy.contracts.contract import template_of
from strategy.contracts.region import SmokeRequest

_PASS_WITHIN = timedelta(minutes=30)
"""Services were seen on their stores before: what does not pass by then needs a person."""


class Trying(Construct):
    """`part`: assigns `smoke`."""

    def __init__(self, scope: Construct, construct_id: str, *, functions: RegionFunctions, ended: IChainable) -> None:
        super().__init__(scope, construct_id)
        self.part = again(
            self,
            RegionStep.SMOKE,
            function=functions.smoke,
            request=template_of(SmokeRequest, plan="{% $plan %}", services="{% [$workload.services] %}"),
            assign={"smoke": "{% $states.result.Payload %}", clock(RegionStep.SMOKE): "{% $now() %}"},
            done="$smoke.done",
            ended=ended,
            within=_PASS_WITHIN,
        )
