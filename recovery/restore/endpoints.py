"""Which store the application uses now: what its services read when they start."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from strategy import Strategy, naming
from strategy.places import physical_name

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

    from strategy.model import Store


def resource(ssm: SSMClient, prefix: str, store: str) -> str | None:
    """The name that a store's endpoint parameter says; None where the region has no such parameter."""
    try:
        value = ssm.get_parameter(Name=naming.endpoint(prefix, store))["Parameter"]["Value"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterNotFound":
            return None
        raise
    return str(json.loads(value)["resource"])


def in_use(ssm: SSMClient, strategy: Strategy, store: Store) -> str:
    """Without a parameter, it is the store that the strategy names."""
    return resource(ssm, strategy.prefix, store.name) or physical_name(strategy, store)
