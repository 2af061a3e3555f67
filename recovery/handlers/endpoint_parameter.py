"""CloudFormation custom resource: the SSM parameter that says where a store is, made once and never set back.

Properties: `EndpointProperties`. Create and Update write the value only where there is no parameter yet: from then on it is
state, which every restore moves, and a deployment must not point the application back at the store it came from. Delete
leaves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from recovery.custom_resource import answered, properties_of
from strategy.contracts.stores import EndpointProperties

_BOUNDED = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})


def handler(event: Mapping[str, Any], _context: object) -> None:
    answered(event, physical_id=event["ResourceProperties"].get("Name", "endpoint"), act=act)


def act(event: Mapping[str, Any]) -> None:
    if event["RequestType"] != "Delete":
        make(boto3.client("ssm", config=_BOUNDED), properties_of(event, EndpointProperties))


def make(ssm: Any, wanted: EndpointProperties) -> None:
    try:
        ssm.put_parameter(
            Name=wanted.Name,
            Value=wanted.Value,
            Type="String",
            Overwrite=False,
            Description="Where a store is; see its restores",
        )
    except ssm.exceptions.ParameterAlreadyExists:
        return
