"""What a template grants to whom. A pure function of the template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

OPERATOR, APPROVER, FAILOVER = "operator", "approver", "planned-failover"
"""Whoever has the managed policies: the person on call, with the viewer's and the operator's; the second person; and whoever may
plan a failover besides.
"""
_CALLERS = {
    "AWS::Lambda::Function": ("FunctionName", "Role"),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", "RoleArn"),
}
_NAMES = ("FunctionName", "StateMachineName", "LogGroupName", "TableName", "RoleName")


@dataclass(frozen=True, order=True)
class Grant:
    """One action that a caller may take; `caller` is a function's or a state machine's name, OPERATOR, APPROVER or FAILOVER."""

    caller: str
    action: str
    resources: tuple[str, ...]
    condition: str = ""
    """`operator key: value, value; …`, as the statement has it: one grant for each condition."""


def grants(template: Mapping[str, Any]) -> list[Grant]:
    """Sorted. Raises ValueError for a statement of a kind that this does not read."""
    resources = template["Resources"]
    found: dict[tuple[str, str, str], set[str]] = {}
    for caller, document in _documents(resources):
        for statement in document["Statement"]:
            if statement["Effect"] != "Allow" or {"NotAction", "NotResource"} & statement.keys():
                raise ValueError(f"{caller}: a statement that is not read here: {statement}")
            for action in _list(statement["Action"]):
                key = (caller, action, _condition(statement.get("Condition", {})))
                found.setdefault(key, set()).update(_text(each, resources) for each in _list(statement["Resource"]))
    return [Grant(caller, action, tuple(sorted(on)), condition) for (caller, action, condition), on in sorted(found.items())]


def _condition(conditions: Mapping[str, Mapping[str, Any]]) -> str:
    return "; ".join(
        f"{operator} {key}: {', '.join(str(each) for each in _list(values))}"
        for operator, keys in sorted(conditions.items())
        for key, values in sorted(keys.items())
    )


def _documents(resources: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    callers: dict[str, list[str]] = {}
    for resource in resources.values():
        if resource["Type"] in _CALLERS:
            name, role = (resource["Properties"][key] for key in _CALLERS[resource["Type"]])
            callers.setdefault(role["Fn::GetAtt"][0], []).append(name)
    for resource in resources.values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Policy":
            for role in properties["Roles"]:
                yield from ((name, properties["PolicyDocument"]) for name in callers.get(role["Ref"], []))
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            name = str(properties.get("ManagedPolicyName", ""))
            whose = (each for each in (APPROVER, FAILOVER) if f"-{each}-" in name)
            yield next(whose, OPERATOR), properties["PolicyDocument"]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any, resources: Mapping[str, Any]) -> str:
    """A resource as a person reads it: without account and region where they are the stack's own."""
    if isinstance(value, str):
        return re.sub(r"^arn:aws:[\w-]+:[^:]*:[^:]*:", "", value)
    match value:
        case {"Fn::Join": [separator, parts]}:
            return _text(str(separator).join(_text(part, resources) for part in parts), resources)
        case {"Fn::GetAtt": [logical_id, _]} | {"Ref": logical_id} if logical_id in resources:
            properties = resources[logical_id]["Properties"]
            return str(next((properties[name] for name in _NAMES if name in properties), logical_id))
        case {"Fn::Select": [6, {"Fn::Split": [":", arn]}]}:  # the name in an ARN of ours
            return _text(arn, resources)
        case {"Ref": name}:
            return f"<{name}>"
    raise ValueError(f"a resource that is not read here: {value}")
