"""The two kinds of task a workflow has, each with a timeout and with retries for what passes by itself."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Duration
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda import IFunction
from aws_cdk.aws_stepfunctions import JitterType, TaskInput, TaskStateBase, Timeout
from aws_cdk.aws_stepfunctions_tasks import CallAwsService, LambdaInvoke
from constructs import Construct

from components.permissions import give_reason, listened
from strategy.contracts.contract import Template

CALL_TIMEOUT = Duration.minutes(1)
ANY = ["States.ALL"]
CAUGHT = (
    "($cause := $exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : 'no cause given'; "
    "$said := $substring($cause, 0, 1) = '{' ? $parse($cause).errorMessage : $cause; "
    "$states.errorOutput.Error & ': ' & ($exists($said) ? $said : $cause))"
)
"""What went wrong, in one line: a function's error is a JSON document with its stack, of which a person needs the message."""
NO_RESOURCE = "What is asked has no ARN: neither restore jobs nor the delivery of a workflow's logs"

_FIRST_WAIT, _LONGEST_WAIT = Duration.seconds(2), Duration.minutes(1)
_PASSING_BY = ("ThrottlingException", "ServiceUnavailableException", "InternalServerException", "SdkClientException")
_HEADS = {"dynamodb": "DynamoDb"}
"""How Step Functions heads the names of a service's errors, where a capital letter is not all."""
_LAMBDA_PASSING_BY = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.ClientExecutionTimeoutException",
    "TryAgain",  # of our own: AWS throttled a function, or was not ready for it
    "DatabaseUnreachable",  # of our own: an instance may be `available` a moment before it lets anyone in
)


def call(
    scope: Construct,
    construct_id: str,
    *,
    name: str,
    service: str,
    action: str,
    parameters: Mapping[str, Any],
    resources: Sequence[str],
    assign: Mapping[str, Any],
    permissions: Sequence[PolicyStatement] = (),
    because: str = "",
) -> CallAwsService:
    """A call of AWS's API. `parameters` and results are spelled as the AWS SDK for Java does: `DbInstanceIdentifier`.

    `because` is a sentence that says why `resources` has a wildcard, where it has one.
    """
    iam_action = f"{service}:{action[0].upper()}{action[1:]}"
    _excuse(scope, [iam_action], resources, because)
    task = CallAwsService.jsonata(
        scope,
        construct_id,
        state_name=name,
        service=service,
        action=action,
        parameters=dict(parameters),
        iam_resources=list(resources),
        iam_action=iam_action,
        additional_iam_statements=list(permissions),
        task_timeout=_timeout(CALL_TIMEOUT),
        assign=dict(assign),
    )
    prefix = _HEADS.get(service, service.capitalize())
    # `Rds.RdsException` and its like are what the service has no class of its own for: throttling, often.
    _retry(task, [f"{prefix}.{error}" for error in (*_PASSING_BY, f"{prefix}Exception")])
    return task


def invoke(
    scope: Construct,
    construct_id: str,
    *,
    name: str,
    function: IFunction,
    request: Template[Any],
    timeout: Duration,
    assign: Mapping[str, Any],
    outputs: str | None = None,
) -> LambdaInvoke:
    """A call of one of our functions; its answer is `$states.result.Payload`."""
    versions = "Any version of this one function, as the CDK grants a call of it"
    _excuse(scope, ["lambda:InvokeFunction"], [f"{function.function_arn}:*"], versions)
    task = LambdaInvoke.jsonata(
        scope,
        construct_id,
        state_name=name,
        lambda_function=function,
        payload=TaskInput.from_object(request.to_json()),
        retry_on_service_exceptions=False,  # listed here, with the same patience as every other task
        task_timeout=_timeout(timeout),
        assign=dict(assign),
        outputs=outputs,
    )
    _retry(task, list(_LAMBDA_PASSING_BY))
    return task


@functools.lru_cache(maxsize=64)
def _timeout(duration: Duration) -> Timeout:
    """Made once of each constant: making it is a call of the CDK's process."""
    return Timeout.duration(duration)


def _excuse(scope: Construct, actions: Sequence[str], resources: Sequence[str], because: str) -> None:
    """On the workflow, whose role gets the policy: the ancestor right below the stack."""
    if listened() and any("*" in each or "?" in each for each in resources):
        _app, _stack, workflow, *_ = scope.node.scopes
        give_reason(workflow, actions, resources, because)


def _retry(task: TaskStateBase, errors: list[str]) -> None:
    task.add_retry(
        errors=errors,
        interval=_FIRST_WAIT,
        backoff_rate=2,
        max_attempts=6,
        max_delay=_LONGEST_WAIT,
        jitter_strategy=JitterType.FULL,
    )
