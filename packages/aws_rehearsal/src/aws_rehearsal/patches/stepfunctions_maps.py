"""Step Functions' Distributed Map: its items are executions of their own, which see nothing of the state they belong to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType, MapRunFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor.distributed_item_processor_worker import (  # noqa: E501  moto's name
    DistributedItemProcessorWorker,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor.inline_item_processor_worker import (
    InlineItemProcessorWorker,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore

from aws_rehearsal.patches import patch

Original = Callable[..., Any]


@patch(
    InlineItemProcessorWorker,
    "_eval_input",
    source="c8a62d1f4864ec80",
    why="an item of a Distributed Map is an execution of its own: it sees no variable of the one that started it",
)
def item_input(original: Original, self: Any, env_frame: Any) -> None:
    original(self, env_frame)  # ItemSelector still sees them
    if isinstance(self, DistributedItemProcessorWorker):
        env_frame.variable_store = VariableStore()


@patch(
    DistributedIterationComponent,
    "_map_run",
    source="e45cb604929ff346",
    why="moto answers null for an item that failed, and calls the state succeeded",
)
def map_run(original: Original, self: Any, env: Any, eval_input: Any) -> None:
    original(self, env, eval_input)
    items = eval_input.map_run_record.item_counter
    failed, total = items.failed.get() + items.timed_out.get(), items.total.get()
    tolerated = max(eval_input.tolerated_failure_count or 0, total * (eval_input.tolerated_failure_percentage or 0) / 100)
    if failed > tolerated:
        threshold = StatesErrorName(typ=StatesErrorNameType.StatesExceedToleratedFailureThreshold)
        cause = "The specified tolerated failure threshold was exceeded"
        details = EventDetails(mapRunFailedEventDetails=MapRunFailedEventDetails(error=threshold.error_name, cause=cause))
        raise FailureEventException(FailureEvent(env, threshold, HistoryEventType.MapRunFailed, details))
