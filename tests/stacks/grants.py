"""Who is allowed what by the templates: a reader of identity policies, resource policies and trust, over a whole assembly.

It resolves what a template leaves open (`Ref`, `Fn::GetAtt`, `Fn::Join`) to an ARN where the resource has a name, and else to the
logical id in angle brackets, which two places of one template spell alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from tests.assemblies import REASONS
from tests.stacks.assembly import Assembly

Template = Mapping[str, Any]
_ARNS = {
    "AWS::DynamoDB::GlobalTable": ("dynamodb", "table/{}", "TableName"),
    "AWS::Events::Rule": ("events", "rule/{}", "Name"),
    "AWS::IAM::Role": ("iam", "role/{}", "RoleName"),
    "AWS::Lambda::Function": ("lambda", "function:{}", "FunctionName"),
    "AWS::Logs::LogGroup": ("logs", "log-group:{}", "LogGroupName"),
    "AWS::S3::Bucket": ("s3", "{}", "BucketName"),
    "AWS::SNS::Topic": ("sns", "{}", "TopicName"),
    "AWS::StepFunctions::StateMachine": ("states", "stateMachine:{}", "StateMachineName"),
}
_BY_NAME = frozenset({"AWS::S3::Bucket", "AWS::Lambda::Function", "AWS::IAM::Role"})
"""What `Ref` gives is the name of these, and of the others the ARN."""


@dataclass(frozen=True)
class Statement:
    """`who`: `stack id/logical id` of a role or of a managed policy; `where`: of the policy that has the statement."""

    who: str
    where: str
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, Any]]

    def allows(self, action: str, resource: str) -> bool:
        """Conditions aside."""
        return self.effect == "Allow" and action in self.actions and any(matches(each, resource) for each in self.resources)

    def condition(self, operator: str, key: str) -> list[str]:
        return _list(self.conditions.get(operator, {}).get(key, []))


@dataclass(frozen=True)
class Region:
    """The templates of one region, which may name each other's resources by ARN."""

    name: str
    account: str
    templates: Mapping[str, Template]

    def resources(self, *types: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Stack id, logical id and properties."""
        for stack, template in self.templates.items():
            for logical_id, resource in template["Resources"].items():
                if resource["Type"] in types:
                    yield stack, logical_id, resource.get("Properties", {})

    def spelled(self, stack: str, value: Any) -> str:
        """A value as text: an ARN where one can be told."""
        match value:
            case str():
                return value
            case {"Fn::Join": [separator, parts]}:
                return str(separator).join(self.spelled(stack, part) for part in parts)
            case {"Fn::Select": [6, {"Fn::Split": [":", arn]}]}:
                return self.spelled(stack, arn).split(":")[6]
            case {"Fn::GetAtt": [logical_id, "Arn"]}:
                return self._arn(stack, logical_id)
            case {"Fn::GetAtt": [logical_id, attribute]}:
                return f"<{stack}/{logical_id}.{attribute}>"
            case {"Ref": name}:
                return self._reference(stack, name)
        raise ValueError(f"a value that is not read here: {json.dumps(value)[:200]}")

    def _reference(self, stack: str, name: str) -> str:
        known = {"AWS::AccountId": self.account, "AWS::Region": self.name}
        resource = self.templates[stack]["Resources"].get(name)
        if resource is None:
            return known.get(name, f"<{name}>")
        if resource["Type"] in _BY_NAME:
            return str(resource["Properties"].get(_ARNS[resource["Type"]][2], f"<{stack}/{name}>"))
        return self._arn(stack, name)

    def _arn(self, stack: str, logical_id: str) -> str:
        resource = self.templates[stack]["Resources"][logical_id]
        if resource["Type"] not in _ARNS:
            return f"<{stack}/{logical_id}>"
        service, form, key = _ARNS[resource["Type"]]
        name = resource["Properties"].get(key)
        if name is None:
            return f"<{stack}/{logical_id}>"
        where = ":" if service == "s3" else f"{'' if service == 'iam' else self.name}:{self.account}"
        return f"arn:aws:{service}:{where}:{form.format(self.spelled(stack, name))}"

    def statements(self) -> Iterator[Statement]:
        """Of every identity policy."""
        for stack, logical_id, properties in self.resources("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role"):
            where = f"{stack}/{logical_id}"
            whose = [f"{stack}/{role['Ref']}" for role in properties.get("Roles", [])] or [where]
            documents = [properties.get("PolicyDocument"), *(each["PolicyDocument"] for each in properties.get("Policies", []))]
            for document in filter(None, documents):
                for each in document["Statement"]:
                    assert not {"NotAction", "NotResource"} & each.keys(), (where, each)
                    for who in whose:
                        yield Statement(
                            who=who,
                            where=where,
                            effect=each["Effect"],
                            actions=tuple(_list(each["Action"])),
                            resources=tuple(self.spelled(stack, resource) for resource in _list(each["Resource"])),
                            conditions=each.get("Condition", {}),
                        )

    @cached_property
    def callers(self) -> dict[str, list[Statement]]:
        """By role or managed policy."""
        found: dict[str, list[Statement]] = {}
        for each in self.statements():
            found.setdefault(each.who, []).append(each)
        return found

    def name_of(self, who: str) -> str:
        """Of a role, the function or workflow that has it; else the role's or the policy's own name, or its logical id."""
        stack, _, logical_id = who.partition("/")
        for types, key, role in (
            ("AWS::Lambda::Function", "FunctionName", "Role"),
            ("AWS::StepFunctions::StateMachine", "StateMachineName", "RoleArn"),
        ):
            for other, _, properties in self.resources(types):
                if other == stack and properties[role] == {"Fn::GetAtt": [logical_id, "Arn"]}:
                    return str(properties[key])
        own = self.templates[stack]["Resources"][logical_id]["Properties"]
        return str(own.get("RoleName") or own.get("ManagedPolicyName") or logical_id)

    def role(self, stack: str, value: Any) -> str:
        """`stack id/logical id` of the role that a property names."""
        match value:
            case {"Fn::GetAtt": [logical_id, "Arn"]} | {"Ref": logical_id}:
                return f"{stack}/{logical_id}"
        name = self.spelled(stack, value).partition(":role/")[2]
        for other, logical_id, properties in self.resources("AWS::IAM::Role"):
            if properties.get("RoleName") == name:
                return f"{other}/{logical_id}"
        raise ValueError(f"no role of these templates: {value}")

    def may(self, who: str, action: str, resource: str) -> bool:
        return any(each.allows(action, resource) for each in self.callers.get(who, []))


def regions(assembly: Assembly) -> list[Region]:
    strategy = assembly.strategy
    return [
        Region(name, strategy.account, assembly.templates(name)) for name in (strategy.regions.primary, strategy.regions.recovery)
    ]


def matches(pattern: str, resource: str) -> bool:
    """As IAM compares an ARN of a request with a statement's. A pattern for a pattern, `r????????`, matches itself."""
    return pattern == resource or fnmatchcase(resource, re.sub(r"\[", "[[]", pattern))


def resource_statements(document: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], list[str], list[str]]]:
    """Statement, its service principals, its actions."""
    for each in document["Statement"]:
        principal = each["Principal"]
        services = _list(principal.get("Service", [])) if isinstance(principal, Mapping) else []
        yield each, services, _list(each["Action"])


@dataclass(frozen=True)
class Given:
    """A reason as a construct gave it; `logical` is how the logical ids of that construct's resources begin."""

    stack: str
    logical: str
    actions: frozenset[str]
    resources: frozenset[str]
    because: str


def given(assembly: Assembly, region: Region) -> list[Given]:
    """Of the stacks of one region."""
    found = json.loads((assembly.directory / REASONS).read_text(encoding="utf-8"))
    return [
        Given(
            each["stack"],
            _logical(each["path"]),
            frozenset(each["actions"]),
            frozenset(region.spelled(each["stack"], resource) for resource in each["resources"]),
            each["because"],
        )
        for each in found
        if each["stack"] in region.templates
    ]


def _logical(path: list[str]) -> str:
    """As the CDK makes a logical id of a path, but for its hash: no hidden parts, none that repeats the end of the one before."""
    parts: list[str] = []
    for each in path:
        if each not in {"Default", "Resource"} and not (parts and parts[-1].endswith(each)):
            parts.append(each)
    return "".join(re.sub(r"[^A-Za-z0-9]", "", each) for each in parts)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
