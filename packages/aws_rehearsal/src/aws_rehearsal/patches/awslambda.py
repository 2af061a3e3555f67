"""Lambda: moto's Docker-less backend answers every invocation with its own event; ours runs the function.

Every way in ends here: Invoke through the API, Step Functions and EventBridge (which call the API), and the subscriptions of
SNS, SQS and streams (which call `LambdaFunction.invoke` inside moto).
"""

# ruff: noqa: ARG001, PLR0917  replacements of private methods have those methods' signatures and reach
from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, MutableMapping
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction
from moto.awslambda_simple.models import LambdaSimpleBackend

from aws_rehearsal import context, events, functions, keys
from aws_rehearsal.functions.worker import LOG_TAIL
from aws_rehearsal.patches import patch


class KeyUnusable(LambdaClientError):
    """The environment cannot be decrypted (API_Invoke: KMSDisabledException, KMSInvalidStateException; HTTP 502)."""

    code = 502


RETRY_AFTER_SECONDS = (60, 120)
"""When Lambda tries a failed asynchronous invocation again."""


@patch(
    LambdaSimpleBackend,
    "invoke",
    source="1b029265c71d5ae0",
    why="stock moto answers with the event; ours runs the code",
)
def invoke_by_name(
    original: Callable[..., Any],
    self: LambdaSimpleBackend,
    function_name: str,
    qualifier: str | None,
    body: Any,
    headers: Any,
    response_headers: MutableMapping[str, str],
) -> Any:
    return self.get_function(function_name, qualifier).invoke(body, headers, response_headers)


@patch(
    LambdaFunction,
    "invoke",
    source="dadc324f30aed38b",
    why="stock moto starts a Docker container; ours uses a warm worker process",
)
def invoke(
    original: Callable[..., Any],
    self: LambdaFunction,
    body: Any,
    request_headers: Any,
    response_headers: MutableMapping[str, str],
) -> bytes:
    event = json.loads(body or "{}")
    kind = request_headers.get("x-amz-invocation-type", "RequestResponse")
    if kind == "DryRun":
        return b""
    if found := keys.unusable(self.kms_key_arn, self.account_id, self.region):
        raise KeyUnusable("KMSDisabledException" if found.disabled else "KMSInvalidStateException", found.said)
    if kind == "Event":
        threading.Thread(target=_invoke_later, args=(self, event), name=f"lambda-{self.function_name}", daemon=True).start()
        return b""
    invocation = functions.runtime().invoke(self, event)
    if invocation.failed:
        response_headers["x-amz-function-error"] = "Unhandled"
    response_headers["x-amz-executed-version"] = "$LATEST"
    response_headers["x-amz-log-result"] = base64.b64encode(invocation.log[-LOG_TAIL:]).decode()
    return invocation.payload


def _invoke_later(function: LambdaFunction, event: Any) -> None:
    cloud, runtime = context.current(), functions.runtime()
    for delay in (*RETRY_AFTER_SECONDS, None):
        with cloud.gateway.working():
            invocation = runtime.invoke(function, event)
        if not invocation.failed:
            return
        if delay is None:
            _failed_for_good(function, event, invocation)
            return
        cloud.clock.sleep(delay)
        if cloud.clock.stopped or function.region in cloud.gateway.lost_regions:
            return


def _failed_for_good(function: LambdaFunction, event: Any, invocation: functions.Invocation) -> None:
    """To the function's destination for failures, where it has one: what it was asked, and what became of it."""
    for settings in function.event_invoke_config:
        target = settings.config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        if target:
            record = {
                "version": "1.0",
                "timestamp": context.current().clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
                "requestContext": {
                    "functionArn": f"{function.function_arn}:$LATEST",
                    "condition": "RetriesExhausted",
                    "approximateInvokeCount": len(RETRY_AFTER_SECONDS) + 1,
                },
                "requestPayload": event,
                "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
                "responsePayload": json.loads(invocation.payload),
            }
            events.delivery().send(function.function_arn, {"Arn": target}, json.dumps(record))
