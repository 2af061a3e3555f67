"""Step Functions, the life of an execution: names, stopping, waits and timeouts on the cloud's clock.

What a task calls and how its data is spelled is in `stepfunctions_tasks.py`.
"""

# ruff: noqa: ARG001, PLR0917  replacements of private methods have those methods' signatures and reach
from __future__ import annotations

import contextlib
import copy
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import AWSError
from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.common.retry.jitter_strategy_decl import JitterStrategyDecl
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import EvalTimeoutError
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackEndpoint, HeartbeatEndpoint
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from aws_rehearsal import context
from aws_rehearsal.patches import patch
from aws_rehearsal.workflows import executions, history, waits

Original = Callable[..., Any]
_UNCATCHABLE = {StatesErrorNameType.StatesRuntime.to_name(), StatesErrorNameType.StatesStatesDataLimitExceeded.to_name()}


# ---------------------------------------------------------------------- the API
@patch(StepFunctionsParserBackend, "start_execution", source="0f8d9dd57baf0c28", why="moto calls every unnamed execution None")
def start_execution(
    original: Original,
    self: Any,
    state_machine_arn: str,
    name: str | None = None,
    execution_input: str | None = None,
    trace_header: str | None = None,
) -> Any:
    if name is not None:
        self._validate_name(name)  # moto checks the names of state machines with it, not those of executions
    return executions.start(
        lambda unique, document: original(self, state_machine_arn, unique, document, trace_header),
        name=name,
        document=execution_input,
    )


@patch(StepFunctionResponse, "stop_execution", source="633c8a544aacfd14", why="moto loses the error, the cause and the stop date")
def stop_execution(original: Original, self: Any) -> ActionResult:
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    stopped = executions.stop(execution, error=self._get_param("error"), cause=self._get_param("cause"))
    return ActionResult({"stopDate": stopped})


@patch(StepFunctionResponse, "describe_execution", source="c3953bdc9ce21fda", why="moto omits TIMED_OUT's stop date")
def describe_execution(original: Original, self: Any) -> Any:
    result = original(self)
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    if execution.exec_status is ExecutionStatus.TIMED_OUT:
        result.result["stopDate"] = execution.stop_date
    return result


@patch(StepFunctionResponse, "get_execution_history", source="3889cc6224ac2f76", why="moto knows no pages and no reverse order")
def get_execution_history(original: Original, self: Any) -> ActionResult:
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    newest_first, size, token = (self._get_param(each) for each in ("reverseOrder", "maxResults", "nextToken"))
    return ActionResult(history.page(execution, newest_first=bool(newest_first), size=size, token=token))


@patch(AWSError, "__init__", source="45ec5b202f9fd4e4", why="the interpreter's exceptions have neither TYPE nor message: 500s")
def aws_error(
    original: Original, self: Any, message: str = "", exception_type: str | None = None, status: int | None = None
) -> None:
    code = type(self).code  # the interpreter's own exceptions, ported from elsewhere, are named by it
    original(self, message, exception_type or self.TYPE or (code if isinstance(code, str) else None), status)


@patch(
    Environment,
    "set_error",
    source="6447409d405612c0",
    why="ABORTED stays, whatever the last state raises",
)
def set_error(original: Original, self: Any, error: Any) -> None:
    if not isinstance(self._program_state, ProgramStopped):
        original(self, error)


# ---------------------------------------------------------------------- the interpreter at work is a busy cloud
@patch(ExecutionWorker, "_get_evaluation_entrypoint", source="2b25949ae855da80", why="the clock must not leap while moto parses")
def parse_definition(original: Original, self: Any) -> Any:
    with context.current().gateway.working():
        return original(self)


@patch(EventManager, "add_event", source="cb430fa2e3fed3e8", why="the clock must not leap between two states")
def add_event(original: Original, self: Any, *args: Any, **kwargs: Any) -> Any:
    with context.current().gateway.working():
        return original(self, *args, **kwargs)


@patch(
    StateTaskServiceCallback,
    "_eval_integration_pattern",
    source="3b97ada1d4cb7280",
    why="awaiting a token or a child is not work",
)
def await_integration(original: Original, self: Any, *args: Any, **kwargs: Any) -> None:
    with waits.resting():
        original(self, *args, **kwargs)


# ---------------------------------------------------------------------- waits: the clock leaps to them
@patch(WaitFunction, "_wait_interval", source="8f954dee80372b4b", why="a Wait state waits on the cloud's clock")
def wait_interval(original: Original, self: Any, env: Any, wait_seconds: float) -> None:
    waits.sleep(env, wait_seconds)


@patch(
    Timestamp,
    "_get_wait_seconds",
    source="611d040940ad5f39",
    why="moto reads local time, and wakes a second early",
)
def timestamp_seconds(original: Original, self: Any, env: Any) -> float:
    self.string.eval(env=env)
    text = env.stack.pop()
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise FailureEventException(self._create_failure_event(env, text))
    return (moment - datetime.now(UTC)).total_seconds()


@patch(JitterStrategyDecl, "_eval_body", source="13a10f4ac093e55b", why="a Retry interval waits on the cloud's clock")
def retry_interval(original: Original, self: Any, env: Any) -> None:
    """The last to touch the interval before moto sleeps it: sleep it here, and leave nothing to sleep."""
    original(self, env)
    waits.sleep(env, env.stack.pop())
    env.stack.append(0)


# ---------------------------------------------------------------------- timeouts: time passes over them
@patch(Program, "eval", source="6d701880064a8970", why="TimeoutSeconds of a state machine runs on the cloud's clock")
def run_program(original: Original, self: Any, env: Any) -> None:
    env.next_state_name = self.start_at.start_at_name
    ended = threading.Event()

    def run() -> None:
        try:
            with waits.working(env):
                EvalComponent.eval(self, env)
        finally:
            ended.set()

    threading.Thread(target=run, name="execution", daemon=True).start()
    if self.timeout_seconds is None:
        ended.wait()
    elif not waits.wait(ended, self.timeout_seconds.timeout_seconds):
        env.set_timed_out()


@patch(ExecutionState, "_evaluate_with_timeout", source="c56deda08a42e98d", why="a state's timeout runs on the cloud's clock")
def evaluate_with_timeout(original: Original, self: Any, env: Any) -> None:
    """Run the task in a frame of its own; what comes too late is dropped. Assign and Output are in the reach of Catch."""
    self.timeout.eval(env=env)
    seconds = env.stack.pop()
    frame = env.open_frame()
    frame.states.reset(input_value=env.states.get_input())
    frame.stack = copy.deepcopy(env.stack)
    ended = threading.Event()
    errors: list[Exception] = []

    def run() -> None:
        try:
            with waits.working(frame) if isinstance(self, StateTaskService) else contextlib.nullcontext():
                self._eval_execution(frame)
        except Exception as error:  # noqa: BLE001  raised again below, on the execution's own thread
            errors.append(error)
        ended.set()

    threading.Thread(target=run, name="task", daemon=True).start()
    in_time = waits.wait(ended, seconds)
    frame.set_ended()
    env.close_frame(frame)
    if not in_time:
        raise EvalTimeoutError
    if errors:
        raise errors[0]
    env.stack.append(frame.stack[-1])
    if not self._is_language_query_jsonpath():
        env.states.set_result(frame.stack[-1])
        if self.output:  # evaluated for good after this; here, so that Retry and Catch see its errors as on AWS
            self.output.jsonata_template_value.eval(env=env)
            env.stack.pop()
    if self.assign_decl:
        self.assign_decl.eval(env=env)
    if self.result_selector:
        self.result_selector.eval(env=env)
    if self.result_path:
        self.result_path.eval(env)
    else:
        env.states.reset(input_value=env.stack.pop())


@patch(CallbackEndpoint, "wait", source="85d0fa6224f12b37", why="a task token's timeout runs on the cloud's clock")
def await_token(original: Original, self: Any, timeout: float) -> Any:
    waits.wait(self._notify_event, timeout)
    return self.get_outcome()


@patch(HeartbeatEndpoint, "clear_and_wait", source="2037f07deefe18f0", why="HeartbeatSeconds runs on the cloud's clock")
def await_heartbeat(original: Original, self: Any) -> bool:
    beaten = waits.wait(self._next_heartbeat_event, self._heartbeat_seconds)
    self._next_heartbeat_event.clear()
    return beaten


# ---------------------------------------------------------------------- errors
@patch(
    ErrorEqualsDecl,
    "_eval_body",
    source="aeda14a0cc01747d",
    why="States.ALL must not match States.Runtime",
)
def error_equals(original: Original, self: Any, env: Any) -> None:
    if env.stack[-1].error_name in _UNCATCHABLE:
        env.stack.append(env.stack.pop().error_name in {each.error_name for each in self.error_names} - {"States.ALL"})
    else:
        original(self, env)
