"""Where the application finds a store now: what its services read when they start. Safe to import in a function."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from strategy.catalogue import names


def place(ssm: Any, prefix: str, store: str) -> dict[str, Any] | None:
    """A store's endpoint parameter: `resource`, and for MySQL `host` and `port`; None where the region has no such parameter."""
    try:
        value = ssm.get_parameter(Name=names.endpoint(prefix, store))["Parameter"]["Value"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterNotFound":
            return None
        raise
    found: dict[str, Any] = json.loads(value)
    return found


def resource(ssm: Any, prefix: str, store: str) -> str | None:
    """The store's name, likewise."""
    found = place(ssm, prefix, store)
    return None if found is None else str(found["resource"])


def in_use(ssm: Any, prefix: str, store: str, *, otherwise: str) -> str:
    """The store's name, likewise; without a parameter, `otherwise`: the one that the strategy names."""
    return resource(ssm, prefix, store) or otherwise
