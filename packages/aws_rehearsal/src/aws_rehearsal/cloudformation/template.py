"""A template as text, and as a value: JSON or YAML with CloudFormation's short forms."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import yaml

from aws_rehearsal.cloudformation.errors import ValidationError

_SECTIONS = {
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
}
_RESOURCE_KEYS = {
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
}
_POLICIES = {"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # libyaml where there is one: ten times faster
    """YAML as CloudFormation reads it: short forms, and dates that stay text."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # PyYAML's own class attribute, narrowed
        letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _short_form(loader: Any, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix in {"Ref", "Condition"}:
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


@dataclass(frozen=True)
class Template:
    """A checked template: `body` is the text as it was given, `document` the same as data."""

    body: str
    document: dict[str, Any]

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        return self._section("Parameters")

    @property
    def conditions(self) -> dict[str, Any]:
        return self._section("Conditions")

    @property
    def mappings(self) -> dict[str, Any]:
        return self._section("Mappings")

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        return self._section("Resources")

    @property
    def outputs(self) -> dict[str, dict[str, Any]]:
        return self._section("Outputs")

    @property
    def description(self) -> str:
        return str(self.document.get("Description", ""))

    def _section(self, name: str) -> dict[str, Any]:
        return self.document.get(name) or {}


EMPTY = Template("", {})


def parse(body: str) -> Template:
    """Text to template; raises ValidationError for anything CloudFormation would refuse before it starts."""
    try:
        document = json.loads(body) if body.lstrip().startswith("{") else yaml.load(body, Loader=_Loader)  # noqa: S506  # safe
    except (ValueError, yaml.YAMLError) as error:
        raise ValidationError(f"Template format error: {error}") from error
    if not isinstance(document, dict):
        raise ValidationError("Template format error: not a mapping")
    unknown = sorted(document.keys() - _SECTIONS)
    if unknown:
        raise ValidationError(f"Invalid template property or properties {unknown}")
    if document.get("Transform"):
        raise ValidationError(f"the embedded AWS runs no transforms, and the template asks for {document['Transform']}")
    if not document.get("Resources"):
        raise ValidationError("At least one Resources member must be defined.")
    for logical_id, resource in document["Resources"].items():
        _check(logical_id, resource, document)
    return Template(body, document)


def _check(logical_id: str, resource: Any, document: dict[str, Any]) -> None:
    where = f"Resources/{logical_id}"
    if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
        raise ValidationError(f"Template format error: [{where}] Every Resources object must contain a Type member.")
    unknown = sorted(resource.keys() - _RESOURCE_KEYS)
    if unknown:
        raise ValidationError(f"Invalid template resource property '{unknown[0]}' at {where}")
    for key in ("DeletionPolicy", "UpdateReplacePolicy"):
        if resource.get(key, "Delete") not in _POLICIES:
            raise ValidationError(f"Unrecognized {key} {resource[key]!r} at {where}")
    condition = resource.get("Condition")
    if condition is not None and condition not in (document.get("Conditions") or {}):
        raise ValidationError(f"Template format error: Unresolved condition {condition!r} at {where}")
