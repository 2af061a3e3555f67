"""STS and IAM: credentials that nobody can guess, and that are expired for nobody, neither in virtual nor in real time.

The CDK command line reads `Expiration` by its own real clock, boto3 in this process by the cloud's virtual one; either may
be ahead. Whoever finds freshly issued credentials expired refuses to use them, or asks again for ever.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import time_machine
from moto.iam.models import AccessKey
from moto.sts.models import AssumedRole, Token

from aws_rehearsal.patches import patch


@patch(Token, "__init__", source="8059c1eab423aeb1", why="a session token must be valid in real time as well")
def token(original: Callable[..., None], self: Any, duration: int, *args: Any, **kwargs: Any) -> None:
    original(self, duration, *args, **kwargs)
    self.expiration = max(self.expiration, _real_now() + timedelta(seconds=duration))


@patch(AssumedRole, "__init__", source="7a9e804024b6075d", why="a role's credentials must be valid in real time as well")
def assumed_role(original: Callable[..., None], self: Any, *args: Any, duration: int, **kwargs: Any) -> None:
    original(self, *args, duration=duration, **kwargs)
    self.session_token = secrets.token_urlsafe(120)
    self.expiration = max(self.expiration, _real_now() + timedelta(seconds=duration))


@patch(
    AccessKey,
    "__init__",
    source="3a9535df6a71a520",
    why="moto draws secrets from a generator whose next ones follow from the last",
)
def access_key(original: Callable[..., None], self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.secret_access_key = secrets.token_urlsafe(30)


def _real_now() -> Any:
    """Naive UTC, as moto keeps it."""
    return time_machine.escape_hatch.datetime.datetime.now(UTC).replace(tzinfo=None)
