"""The functions' way to AWS: calls that end in time, and trouble that passes by itself said so that the workflow tries again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError

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

Handler = Callable[[Mapping[str, Any], object], dict[str, Any]]


class TryAgain(Exception):
    """Nothing is wrong that time does not mend; the workflow calls again."""


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


def passes(error: ClientError) -> bool:
    """Whether AWS's refusal is of the kind that passes by itself: throttling, or trouble of its own."""
    code = error.response["Error"]["Code"]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    return status >= 500 or "Throttl" in code or code in _PASSING


def passing(handler: Handler) -> Handler:
    """Turns what passes by itself into TryAgain."""

    @wraps(handler)
    def tried(event: Mapping[str, Any], context: object) -> dict[str, Any]:
        try:
            return handler(event, context)
        except ClientError as error:
            if passes(error):
                raise TryAgain(str(error)) from error
            raise
        except (EndpointConnectionError, HTTPClientError) as error:
            raise TryAgain(str(error)) from error

    return tried
