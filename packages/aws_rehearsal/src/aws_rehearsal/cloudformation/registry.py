"""CloudFormation's registry of resource types, from the schemas that cfn-lint ships.

The schemas are read as files, and checked with `jsonschema`: importing cfn-lint itself costs ten times as much, and would let
a newer cache in the user's home override the pinned schemas.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_rehearsal.cloudformation.coercion import coerce
from aws_rehearsal.cloudformation.errors import ResourceFailed

RECORDED = ".recorded.invalid"
"""Marks every value that was invented; such a value need not match a pattern."""


@dataclass(frozen=True)
class ResourceType:
    """One type as the registry describes it in one region."""

    name: str
    schema: dict[str, Any]

    def coerce(self, properties: dict[str, Any]) -> dict[str, Any]:
        """Values in the types the schema asks for, as CloudFormation converts them: "7" to 7, true to "true"."""
        coerced = coerce(properties, self.schema, self.schema)
        return coerced if isinstance(coerced, dict) else properties

    def check(self, properties: dict[str, Any]) -> None:
        """Raises ResourceFailed naming type, path and value of the first property that AWS would refuse."""
        given_read_only = [name for name in properties if f"/properties/{name}" in self.schema.get("readOnlyProperties", [])]
        if given_read_only:
            raise ResourceFailed(f"{self.name}: {given_read_only[0]} is read only")
        errors = sorted(_validator(self).iter_errors(properties), key=lambda error: [str(part) for part in error.absolute_path])
        if errors:
            path = "/".join(map(str, errors[0].absolute_path)) or "(properties)"
            raise ResourceFailed(f"{self.name}: Properties validation failed: {path}: {errors[0].message[:400]}")

    def must_replace(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
        """Changed properties that can only be set at creation."""
        paths = [path.removeprefix("/properties/") for path in self.schema.get("createOnlyProperties", [])]
        return [path for path in paths if _at(old, path.split("/")) != _at(new, path.split("/"))]

    @property
    def identifier(self) -> list[str]:
        return [path.removeprefix("/properties/") for path in self.schema.get("primaryIdentifier", [])]

    @property
    def custom_name(self) -> list[str]:
        """The property a custom name is given by, for types that are identified by an ARN or id of AWS's making."""
        last = self.name.rsplit("::", 1)[-1]
        fixed = {path.removeprefix("/properties/") for path in self.schema.get("createOnlyProperties", [])}
        return [name for name in (f"{last}Name", "Name") if name in fixed][:1]

    @property
    def attributes(self) -> Iterator[tuple[str, str]]:
        """(name, JSON type) of what `Fn::GetAtt` can read beyond the given properties."""
        for path in self.schema.get("readOnlyProperties", []):
            parts = path.removeprefix("/properties/").split("/")
            if "*" not in parts:
                yield ".".join(parts), self._type_of(parts)

    def _type_of(self, parts: list[str]) -> str:
        found: Any = self.schema
        for part in parts:
            if "$ref" in found:
                found = self.schema["definitions"][found["$ref"].rsplit("/", 1)[-1]]
            found = found.get("properties", {}).get(part, {})
        kind = found.get("type", "object" if "$ref" in found else "string")
        return str(kind[0] if isinstance(kind, list) else kind)


@functools.cache
def resource_type(region: str, name: str) -> ResourceType:
    """Raises ResourceFailed for a type that does not exist in the region."""
    known = _types(region)
    if name not in known:
        raise ResourceFailed(f"Resource type {name} is not in CloudFormation's registry of {region}")
    return ResourceType(name, json.loads((_schemas() / "resources" / f"{known[name]}.json").read_text()))


def exists(region: str, name: str) -> bool:
    return name in _types(region)


@functools.cache
def _types(region: str) -> dict[str, str]:
    path = _schemas() / "providers" / f"{region}.json"
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found


@functools.cache
def _schemas() -> Path:
    specification = importlib.util.find_spec("cfnlint")  # finds the package without running it
    if specification is None or not specification.submodule_search_locations:
        raise RuntimeError("cfn-lint is not installed: its schemas are needed")
    return Path(specification.submodule_search_locations[0]) / "data" / "schemas"


def _at(properties: Any, parts: list[str]) -> Any:
    if not parts:
        return properties
    if parts[0] == "*":
        return [_at(item, parts[1:]) for item in properties] if isinstance(properties, list) else None
    return _at(properties.get(parts[0]), parts[1:]) if isinstance(properties, dict) else None


@functools.cache
def _validator_class() -> Any:
    import jsonschema
    from jsonschema.validators import extend

    extended: Any = extend  # untyped in jsonschema's stubs

    def pattern(_validator: Any, expression: str, instance: Any, _schema: Any) -> Iterator[Any]:
        compiled = _compiled(expression)
        if isinstance(instance, str) and RECORDED not in instance and compiled and not compiled.search(instance):
            yield jsonschema.ValidationError(f"{instance!r} does not match {expression!r}")

    def enum_case_insensitive(_validator: Any, allowed: list[str], instance: Any, _schema: Any) -> Iterator[Any]:
        if str(instance).lower() not in {str(value).lower() for value in allowed}:
            yield jsonschema.ValidationError(f"{instance!r} is not one of {allowed!r}")

    def required_xor(_validator: Any, names: list[str], instance: Any, _schema: Any) -> Iterator[Any]:
        if isinstance(instance, dict) and sum(name in instance for name in names) != 1:
            yield jsonschema.ValidationError(f"exactly one of {names} is required")

    def dependent_excluded(_validator: Any, rules: dict[str, list[str]], instance: Any, _schema: Any) -> Iterator[Any]:
        for name, excluded in rules.items():
            clash = [other for other in excluded if name in instance and other in instance]
            if clash:
                yield jsonschema.ValidationError(f"{clash[0]} must not stand beside {name}")

    own = {"enumCaseInsensitive": enum_case_insensitive, "requiredXor": required_xor, "dependentExcluded": dependent_excluded}
    return extended(jsonschema.Draft7Validator, {"pattern": pattern, **own})


@functools.cache
def _compiled(expression: str) -> re.Pattern[str] | None:
    r"""None for an expression in a dialect Python does not read (`\p{L}`): it is not checked."""
    try:
        return re.compile(expression)
    except re.error:
        return None


_validators: dict[int, Any] = {}


def _validator(kind: ResourceType) -> Any:
    if id(kind.schema) not in _validators:
        _validators[id(kind.schema)] = _validator_class()(kind.schema)
    return _validators[id(kind.schema)]
