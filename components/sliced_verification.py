"""A store that one call has no time for, read piece by piece: a Distributed Map over the pieces that the function dealt out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk.aws_lambda import IFunction
from aws_cdk.aws_stepfunctions import DistributedMap, ProvideItems, StateMachineType
from constructs import Construct

from components.tasks import invoke
from strategy.contracts.contract import Template

DEAL_TIMEOUT = Duration.minutes(2)
PIECE_TIMEOUT = Duration.minutes(12)
"""So that dealing, reading and judging (a function's fifteen minutes) are done in the half hour that is promised."""
AT_ONCE = 40
"""All pieces that there may be: none waits for another (`recovery.verify.slices.Sizes`)."""


def each_piece(
    scope: Construct,
    construct_id: str,
    *,
    name: str,
    function: IFunction,
    pieces: str,
    request: Template[Any],
    assign: Mapping[str, Any],
) -> DistributedMap:
    """Calls the function with the request and each of the `pieces`, a JSONata expression; its answers are `$states.result`.

    Each piece is an execution of its own, which sees no variable of this one: what it needs is handed in.
    """
    own = {"piece": "{% $states.context.Map.Item.Value %}", "seconds": PIECE_TIMEOUT.to_seconds()}
    every = DistributedMap.jsonata(
        scope,
        construct_id,
        state_name=f"{name}: pieces",
        items=ProvideItems.jsonata(f"{{% {pieces} %}}"),
        item_selector=request.plus(**own).to_json(),
        max_concurrency=AT_ONCE,
        map_execution_type=StateMachineType.STANDARD,  # an express execution ends after five minutes
        assign=dict(assign),
    )
    task = invoke(
        every,
        "Piece",
        name=f"{name}: one piece",
        function=function,
        request=request.handed_on(**own),
        timeout=PIECE_TIMEOUT,
        assign={},
        outputs="{% $states.result.Payload %}",
    )
    return every.item_processor(task)
