"""Step Functions, what a state evaluates and calls: JSONata, parameters, results, error names, clients."""

# ruff: noqa: ARG001, SLF001  replacements of private methods have those methods' signatures and reach
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError
from moto.core.utils import get_service_model
from moto.stepfunctions.parser.api import EvaluationFailedEventDetails, HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.common.outputdecl import Output
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata, StringVariableSample
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_aws_sdk,
    state_task_service_dynamodb,
    state_task_service_events,
    state_task_service_sfn,
    state_task_service_sns,
    state_task_service_sqs,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from aws_rehearsal import context
from aws_rehearsal.gateway import ESCORTED
from aws_rehearsal.patches import patch
from aws_rehearsal.workflows import error_names, jsonata, variables, waits

Original = Callable[..., Any]


# ---------------------------------------------------------------------- JSONata
@patch(StringJSONata, "_eval_body", source="277b6f4132141b36", why="moto lost the Java engine it evaluated JSONata with")
def evaluate_jsonata(original: Original, self: Any, env: Any) -> None:
    env.stack.append(_evaluate(env, self.expression))


@patch(
    StringVariableSample,
    "_eval_body",
    source="4aa01e616a9824dd",
    why="as above, for `$variable.field` in JSONPath",
)
def evaluate_variable(original: Original, self: Any, env: Any) -> None:
    env.stack.append(_evaluate(env, self.expression))


def _evaluate(env: Any, expression: str) -> Any:
    states = {key: value for key, value in env.states._states_data.items() if key == "input" or value is not None}
    store = env.variable_store
    try:
        return jsonata.evaluate(
            expression,
            {**store._outer_scope, **store._inner_scope, "states": error_names.plain(states)},
        )
    except jsonata.EvaluationError as error:
        name = StatesErrorName(typ=StatesErrorNameType.StatesQueryEvaluationError)
        details = EvaluationFailedEventDetails(cause=str(error), error=name.error_name)
        raise FailureEventException(
            FailureEvent(
                env=env,
                error_name=name,
                event_type=HistoryEventType.EvaluationFailed,
                event_details=EventDetails(evaluationFailedEventDetails=details),
            ),
        ) from error


@patch(
    CommonStateField,
    "_eval_body",
    source="035f80caae1290dc",
    why="AWS's Output sees the variables as its state was entered with them",
)
def enter_state(original: Original, self: Any, env: Any) -> None:
    variables.enter(env.variable_store)
    original(self, env)


@patch(Output, "_eval_body", source="d524ce38d6a94beb", why="as above: moto's sees what Assign has just set")
def evaluate_output(original: Original, self: Any, env: Any) -> None:
    with variables.as_entered(env.variable_store):
        original(self, env)


# ---------------------------------------------------------------------- spelling
@patch(
    StateTaskServiceAwsSdk,
    "_validate_service_integration_is_supported",
    source="a9384771c1cedf4e",
    why="AWS refuses an unknown service or action when the state machine is created; moto fails at run time",
)
def validate_integration(original: Original, self: Any) -> None:
    error_names.operation(self.resource.api_name, self.resource.api_action)


@patch(StateTaskService, "_get_boto_service_name", source="89e578864a3def4d", why="moto knows two of the names that differ")
def boto_service_name(original: Original, self: Any, boto_service_name: str | None = None) -> str:
    name = boto_service_name or self.resource.api_name
    return error_names.service(name) if _is_sdk(self) else {"states": "stepfunctions"}.get(name, name)


@patch(StateTaskService, "_get_boto_service_action", source="e57277e8efaa66f0", why="botocore's rule knows where acronyms end")
def boto_service_action(original: Original, self: Any, service_action_name: str | None = None) -> str:
    return xform_name(service_action_name or error_names.capitalised(self.resource.api_action))


@patch(StateTaskService, "_normalise_parameters", source="dece59e76fd5e746", why="a stub in moto: parameters stay unmapped")
def normalise_parameters(
    original: Original,
    self: Any,
    parameters: dict[str, Any],
    boto_service_name: str | None = None,
    service_action_name: str | None = None,
) -> None:
    shape = _operation(self, boto_service_name, service_action_name).input_shape
    if shape is not None:
        _replace(parameters, error_names.to_api(parameters, shape, _spell(self)))


@patch(
    StateTaskService,
    "_normalise_response",
    source="00e0b0a50b1dd4ba",
    why="a stub in moto: results stay botocore's",
)
def normalise_response(
    original: Original,
    self: Any,
    response: Any,
    boto_service_name: str | None = None,
    service_action_name: str | None = None,
) -> None:
    if isinstance(response, dict):
        shape = _operation(self, boto_service_name, service_action_name).output_shape
        _replace(response, error_names.from_api(response, shape, _spell(self)))


@patch(
    StateTaskServiceAwsSdk,
    "_from_error",
    source="43def989ab2585ba",
    why="AWS names errors as its Java SDK does",
)
def from_error(original: Original, self: Any, env: Any, ex: Exception) -> Any:
    if not isinstance(ex, ClientError):
        return original(self, env, ex)
    model = get_service_model(self._get_boto_service_name())
    failure, metadata = ex.response["Error"], ex.response.get("ResponseMetadata", {})
    about = f"Status Code: {metadata.get('HTTPStatusCode')}, Request ID: {metadata.get('RequestId')}"
    cause = f"{failure.get('Message', '')} (Service: {error_names.java(model.service_id)}, {about})"
    return self._get_task_failure_event(env, error_names.error(model, failure.get("Code", "")), cause)


def _is_sdk(task: Any) -> bool:
    return isinstance(task, StateTaskServiceAwsSdk)


def _spell(task: Any) -> error_names.Spell:
    return error_names.java if _is_sdk(task) else error_names.capitalised


def _operation(task: Any, service: str | None, action: str | None) -> Any:
    return _operation_model(task._get_boto_service_name(service), task._get_boto_service_action(action))


@functools.cache
def _operation_model(service: str, wanted: str) -> Any:
    model = get_service_model(service)
    return next(model.operation_model(name) for name in model.operation_names if xform_name(name) == wanted)


def _replace(old: dict[str, Any], new: dict[str, Any]) -> None:
    """What moto hands over is a dictionary it reads afterwards: change it in place."""
    old.clear()
    old.update(new)


# ---------------------------------------------------------------------- clients
def client(original: Original, region: str, service: str, state_credentials: Any = None) -> Any:
    """One client per service, region and state machine, which checks parameters: an unknown one is States.Runtime, as on AWS.

    The interpreting thread is busy while it calls, so the call need not be: when the called service only waits, and says so
    (`Gateway.waiting`), the clock may leap.
    """
    return context.current().client(service, region, mark=ESCORTED, caller=waits.machine())


for module in (
    lambda_eval_utils,
    state_task_service_aws_sdk,
    state_task_service_dynamodb,
    state_task_service_events,
    state_task_service_sfn,
    state_task_service_sns,
    state_task_service_sqs,
):
    patch(module, "boto_client_for", source="1f44dc2ac8aa2179", why="moto makes one for each call, unchecked")(client)
