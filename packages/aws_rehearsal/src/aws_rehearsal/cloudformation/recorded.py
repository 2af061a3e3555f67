"""The generic resource: any type of the registry that the embedded AWS does not simulate.

Nothing is created. Properties are checked against the registry, what `Ref` and `Fn::GetAtt` need is invented, and every
invented value says so: `….recorded.invalid`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties
from aws_rehearsal.cloudformation.registry import RECORDED, resource_type

Identity = tuple[str, str, str]
"""Type, region, custom name."""


class Recorded(Handler):
    """A resource type that is recorded, not simulated."""

    def __init__(self, name: str, standing: set[Identity]) -> None:
        """`standing`: of all recorded resources with a custom name."""
        self.name = name
        self._standing = standing

    def taken(self, context: Context, properties: Properties) -> str:
        identity = self._identity(context, properties)
        return identity[2] if identity in self._standing else ""

    def create(self, context: Context, properties: Properties) -> Physical:
        kind = resource_type(context.region, self.name)
        token = f"{context.logical_id}-{secrets.token_hex(4)}".lower()
        invented = {name: self._invent(context, name, json_type, token) for name, json_type in kind.attributes}
        parts = [str(properties.get(name) or invented.get(name) or f"{token}{RECORDED}") for name in kind.identifier]
        self._standing.add(self._identity(context, properties))
        return Physical("|".join(parts) or f"{token}{RECORDED}", {**_scalars(properties), **invented})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:  # noqa: ARG002
        return Physical(physical.id, {**physical.attributes, **_scalars(new)})

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        """Nothing was created; but its name is free again."""
        self._standing.discard(self._identity(context, properties))

    def _identity(self, context: Context, properties: Properties) -> Identity:
        """An empty name for what CloudFormation or the service names."""
        kind = resource_type(context.region, self.name)
        names = kind.identifier if all(name in properties for name in kind.identifier) else kind.custom_name
        return self.name, context.region, "|".join(str(properties[name]) for name in names if name in properties)

    def _invent(self, context: Context, name: str, json_type: str, token: str) -> Any:
        if json_type in {"integer", "number"}:
            return 0
        if json_type == "boolean":
            return False
        if json_type == "array":
            return []
        if name.lower().endswith("arn"):
            service = self.name.split("::")[1].lower()
            return f"arn:aws:{service}:{context.region}:{context.account}:{token}{RECORDED}"
        return f"{token}.{name.lower()}{RECORDED}"


def _scalars(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Given properties can be read back, as for any type that keeps the registry's contract."""
    return {name: value for name, value in properties.items() if isinstance(value, str | int | float | bool)}
