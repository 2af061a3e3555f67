"""AWS's spelling in Step Functions: services, actions, parameters, results and errors of `aws-sdk:` integrations.

Step Functions calls services through the AWS SDK for Java 2, and its names shine through: every word capitalised, acronyms
too. `DBInstanceIdentifier` is `DbInstanceIdentifier`, and `DBInstanceNotFoundFault` is `Rds.DbInstanceNotFoundException`.
The wrong spelling is refused as AWS refuses it, or a workflow would pass here and fail there. Optimised integrations
(`dynamodb:putItem`, `lambda:invoke`) take and give the API's own names with a capital first letter.
"""

from __future__ import annotations

import base64
import functools
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.model import ServiceModel
from moto.core.utils import get_service_model

Spell = Callable[[str], str]

_SERVICES = {
    "sfn": "stepfunctions",
    "states": "stepfunctions",
    "eventbridge": "events",
    "cloudwatchlogs": "logs",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
}
"""Step Functions' service name → botocore's, where they differ by more than hyphens."""
_NOT_SERVICES = frozenset(_SERVICES.values()) | {"states"}
_EXCEPTIONS = {"NULL": "Nul"}  # a keyword in Java: DynamoDB's NULL attribute value


@functools.cache
def java(name: str) -> str:
    """PascalCase as the AWS SDK for Java 2 forms it: `MultiAZ` → `MultiAz`, `EC2SecurityGroupId` → `Ec2SecurityGroupId`."""
    if name in _EXCEPTIONS:
        return _EXCEPTIONS[name]
    words = re.sub(r"[^A-Za-z0-9]+", " ", name)
    words = re.sub(r"(?<=[a-z])(?=[A-Z][a-zA-Z0-9])", " ", words)
    words = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", words)
    words = re.sub(r"([0-9])([a-zA-Z])", r"\1 \2", words)
    return "".join(word[0].upper() + word[1:].lower() for word in words.split())


def capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]


@functools.cache
def service(integration: str) -> str:
    """The name botocore has for the service of `aws-sdk:<integration>:…`. ValueError when there is no such integration."""
    if integration in _SERVICES:
        return _SERVICES[integration]
    if integration not in _NOT_SERVICES:
        for name in boto3.Session().get_available_services():
            if name.replace("-", "") == integration:
                return str(name)
    raise ValueError(f"The service 'aws-sdk:{integration}' is not one that Step Functions knows.")


@functools.cache
def operation(integration: str, action: str) -> str:
    """The API's operation of `aws-sdk:<integration>:<action>`. ValueError when the service has none of that spelling."""
    for name in get_service_model(service(integration)).operation_names:
        if name[0].lower() + name[1:] == action:
            return str(name)
    raise ValueError(f"The action 'aws-sdk:{integration}:{action}' is not one that Step Functions knows.")


def error(model: ServiceModel, code: str) -> str:
    """The error name of a service's error code: `Rds.DbInstanceNotFoundException`.

    An error the service's model does not have comes as the service's own exception, `Rds.RdsException`.
    """
    prefix = java(str(model.service_id))
    shapes: list[Any] = model.error_shapes  # the stubs know no error codes
    for shape in shapes:
        if code in {shape.error_code, shape.name}:
            name = java(re.sub("(Fault|Exception)$", "", shape.name))
            return f"{prefix}.{name}Exception"
    return f"{prefix}.{prefix}Exception"


# ---------------------------------------------------------------------- values
# Shapes are botocore's; its type stubs do not tell a structure from a list.
def to_api(value: Any, shape: Any, spell: Spell) -> Any:
    """Parameters as a state machine spells them → as botocore wants them. ValueError for a field that does not exist."""
    if shape.type_name == "structure" and isinstance(value, dict):
        members = {spell(name): name for name in shape.members}
        unknown = [field for field in value if field not in members]
        if unknown:
            raise ValueError(f"The field '{unknown[0]}' is not supported by Step Functions; there are {', '.join(members)}.")
        return {members[key]: to_api(each, shape.members[members[key]], spell) for key, each in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [to_api(each, shape.member, spell) for each in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: to_api(each, shape.value, spell) for key, each in value.items()}
    if shape.type_name in {"string", "blob"} and isinstance(value, dict | list):
        return json.dumps(value, separators=(",", ":"))
    return value


def from_api(value: Any, shape: Any, spell: Spell) -> Any:
    """A botocore result → JSON data as a state machine sees it."""
    if shape is not None and shape.type_name == "structure" and isinstance(value, dict):
        members = shape.members
        return {spell(key): from_api(each, members.get(key), spell) for key, each in value.items() if each is not None}
    if shape is not None and shape.type_name == "list" and isinstance(value, list | tuple):
        return [from_api(each, shape.member, spell) for each in value]
    if shape is not None and shape.type_name == "map" and isinstance(value, dict):
        return {key: from_api(each, shape.value, spell) for key, each in value.items()}
    return plain(value)


def plain(value: Any) -> Any:
    """JSON data: a time as ISO 8601 text, a stream or a blob as text (base64 when it is not UTF-8)."""
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes | bytearray):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    return value


def timestamp(moment: datetime) -> str:
    """`2026-11-02T02:00:00Z`, with milliseconds when there are any."""
    moment = moment.astimezone(UTC)
    spec = "milliseconds" if moment.microsecond >= 1000 else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=spec) + "Z"
