"""Which resource needs which: from Ref, Fn::GetAtt, Fn::Sub and DependsOn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from aws_rehearsal.cloudformation.errors import ValidationError

PLACEHOLDER = re.compile(r"\$\{(?P<name>[^!}][^}]*)\}")


def references(value: Any) -> Iterator[str]:
    """Names that a piece of template refers to: logical ids, parameters, pseudo parameters."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        if len(value) == 1:
            ((key, argument),) = value.items()
            if key == "Ref" and isinstance(argument, str):
                yield argument
                return
            if key == "Fn::GetAtt":
                yield argument.split(".")[0] if isinstance(argument, str) else argument[0]
                yield from references(argument[1:] if isinstance(argument, list) else [])
                return
            if key == "Fn::Sub":
                text, local = (argument, {}) if isinstance(argument, str) else argument
                names = {match["name"].strip() for match in PLACEHOLDER.finditer(text)}
                yield from sorted({name.split(".")[0] for name in names if name not in local})
                yield from references(list(local.values()))
                return
        for item in value.values():
            yield from references(item)


def dependencies(resources: Mapping[str, Mapping[str, Any]], wanted: Iterable[str]) -> dict[str, frozenset[str]]:
    """For every wanted resource, the wanted resources it needs; an unknown DependsOn is refused."""
    members = list(wanted)
    graph = {}
    for logical_id in members:
        resource = resources[logical_id]
        explicit = resource.get("DependsOn") or []
        explicit = [explicit] if isinstance(explicit, str) else explicit
        unknown = [name for name in explicit if name not in resources]
        if unknown:
            raise ValidationError(
                f"Template format error: Unresolved resource dependencies {unknown} in Resources/{logical_id}/DependsOn"
            )
        needed = {*explicit, *references(resource.get("Properties") or {})}
        graph[logical_id] = frozenset(name for name in members if name in needed and name != logical_id)
    return graph


def order(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """Every name after the names it needs; the same graph always gives the same order."""
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        names = sorted(set(error.args[1]))
        raise ValidationError(f"Circular dependency between resources: [{', '.join(names)}]") from error
