"""Verifying one store by its function: in one go, or piece by piece where that takes longer than a function may run.

    in which pieces? ▸ (each of them, all at once) ▸ the verdict

The function says whether there are pieces (`strategy.contracts.verify`): what a store holds is known only when it is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_cdk.aws_lambda import IFunction
from aws_cdk.aws_stepfunctions import Choice, Condition, DistributedMap, IChainable, TaskStateBase
from constructs import Construct

from components.sliced_verification import DEAL_TIMEOUT, each_piece
from components.tasks import invoke
from dr_stack.verify.functions import VERIFY_TIMEOUT
from strategy.contracts.contract import Template

Caught = Callable[[TaskStateBase | DistributedMap], object]


class Verifying(Construct):
    """Entered at `start`, left at `end`. Assigns `verification`, the function's answer; `caught` gives each state its catch."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        function: IFunction,
        request: Template[Any],
        caught: Caught,
    ) -> None:
        super().__init__(scope, construct_id)
        deal = invoke(
            self,
            "Deal",
            name=f"{name}: in which pieces",
            function=function,
            request=request.plus(deal=True),
            timeout=DEAL_TIMEOUT,
            assign={"pieces": "{% $states.result.Payload.pieces %}", "measured": []},
        )
        pieces = each_piece(
            self,
            "Pieces",
            name=name,
            function=function,
            pieces="$pieces",
            request=request,
            assign={"measured": "{% $states.result %}"},
        )
        verify = invoke(
            self,
            "Verify",
            name=name,
            function=function,
            request=request.plus(measured="{% $measured %}"),
            timeout=VERIFY_TIMEOUT,
            assign={"verification": "{% $states.result.Payload %}"},
        )
        for state in (deal, pieces, verify):
            caught(state)
        several = Choice.jsonata(self, "Several", state_name=f"{name}: in pieces?")
        several.when(Condition.jsonata("{% $count($pieces) > 0 %}"), pieces)
        several.otherwise(verify)
        pieces.next(verify)
        deal.next(several)
        self.start: IChainable = deal
        self.end = verify
