"""CloudFormation custom resource: the SSM parameter that says where a store is, made once and never set back.

Properties: `Name` and `Value`. Create and Update write the value only where there is no parameter yet: from then on it is
state, which every restore moves, and a deployment must not point the application back at the store it came from. Delete
leaves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from recovery.handlers.custom_resource import answered

_BOUNDED = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})


def handler(event: Mapping[str, Any], _context: object) -> None:
    answered(event, physical_id=event["ResourceProperties"].get("Name", "endpoint"), act=act)


def act(event: Mapping[str, Any]) -> None:
    if event["RequestType"] != "Delete":
        make(boto3.client("ssm", config=_BOUNDED), **{key: event["ResourceProperties"][key] for key in ("Name", "Value")})


def make(ssm: Any, Name: str, Value: str) -> None:  # noqa: N803  as the properties are spelled
    try:
        ssm.put_parameter(
            Name=Name, Value=Value, Type="String", Overwrite=False, Description="Where a store is; see its restores"
        )
    except ssm.exceptions.ParameterAlreadyExists:
        return
