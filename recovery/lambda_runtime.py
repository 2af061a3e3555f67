"""What all handlers share: a request that is read strictly, calls that end in time, and trouble that passes by itself said so.

Trouble of that kind is TryAgain, by which the workflow calls again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import update_wrapper, wraps
from typing import Any, Generic, ParamSpec, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError

from strategy.contracts.contract import Contract

_BOUNDED = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})
_IMPATIENT = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 1})
_PASSING = frozenset(
    {
        "InternalFailure",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "TooManyRequestsException",
    }
)

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
Answer = Contract | Mapping[str, Any]
"""Plain JSON where its keys are names of stores, or where it is a record."""

Left = Callable[[], float]
"""Seconds that a call may still take."""


class TryAgain(Exception):
    """Nothing is wrong that time does not fix; the workflow calls again."""


class Handler(Generic[R]):
    """What Lambda calls: reads the event, has the work done, answers in plain JSON."""

    def __init__(self, read: Callable[[Mapping[str, Any]], R], work: Callable[[R, Any], Answer]) -> None:
        self.read, self.work = read, work
        update_wrapper(self, work)

    def __call__(self, event: Mapping[str, Any], context: object) -> dict[str, Any]:
        answer = self.work(self.read(event), context)
        return answer.to_json() if isinstance(answer, Contract) else dict(answer)


def handles(read: Callable[[Mapping[str, Any]], R]) -> Callable[[Callable[[R, Any], Answer]], Handler[R]]:
    """Of a handler: how its event is read, such as `Request.from_json`."""
    return lambda work: Handler(read, work)


def anything(_event: Mapping[str, Any]) -> None:
    """Of a handler that a schedule calls, whose event says nothing."""


def client(service: str) -> Any:
    make: Any = boto3.client  # the stubs know service names only as literals
    return make(service, config=_BOUNDED)


def log(line: str) -> None:
    """A line of the function's log; CloudWatch reads the embedded metric format from it."""
    print(line)  # noqa: T201


def remote(service: str, region: str) -> Any:
    """To ask the other region, which may be gone: one try, a few seconds."""
    make: Any = boto3.client
    return make(service, region_name=region, config=_IMPATIENT)


def left_of(context: object, otherwise: float) -> Left:
    """Seconds that the call may still take; `otherwise` where it is not Lambda that calls."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return lambda: remaining() / 1000 if remaining else otherwise


def passes(error: ClientError) -> bool:
    """Whether AWS's refusal is of the kind that passes by itself: throttling, or trouble of its own."""
    code = error.response["Error"]["Code"]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    return status >= 500 or "Throttl" in code or code in _PASSING


def passing(work: Callable[P, T]) -> Callable[P, T]:
    """Turns what passes by itself into TryAgain."""

    @wraps(work)
    def tried(*arguments: P.args, **named: P.kwargs) -> T:
        try:
            return work(*arguments, **named)
        except ClientError as error:
            if passes(error):
                raise TryAgain(str(error)) from error
            raise
        except (EndpointConnectionError, HTTPClientError) as error:
            raise TryAgain(str(error)) from error

    return tried
