"""AWS's service reference, read from `reference/`: actions, the resource types and condition keys of each, and ARN formats.

A service's file is read when it is first asked for, in a few milliseconds. `reference_extract` writes the files.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any, NamedTuple

_FOLDER = Path(__file__).parent / "reference"
_PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag", "email": "ses"}
"""IAM prefixes of services whose requests are signed with another name."""


class UnknownActionError(LookupError):
    """AWS's service reference does not know the action, so nobody can say what it needs."""


class Action(NamedTuple):
    """One action. `types`: resource type → whether the action needs one, and the condition keys that it adds."""

    name: str
    types: dict[str, tuple[bool, tuple[str, ...]]]
    keys: tuple[str, ...]
    dependents: tuple[str, ...]
    """Actions that the Service Authorization Reference names as dependent ones, whatever the request is."""


class ResourceType(NamedTuple):
    arn: str
    keys: tuple[str, ...]


class Reference(NamedTuple):
    actions: dict[str, Action]
    resources: dict[str, ResourceType]


def prefix(service: str) -> str:
    """The name that policies know a service by, from the one that its requests are signed with."""
    return _PREFIXES.get(service, service)


@functools.cache
def reference(service: str) -> Reference:
    """Of one IAM prefix; raises UnknownActionError where there is none."""
    path = _FOLDER / f"{service}.json"
    if not path.is_file():
        raise UnknownActionError(f"no service reference of {service}")
    data = json.loads(path.read_text())
    return Reference(
        {name: _action(name, *row) for name, row in data["actions"].items()},
        {name: ResourceType(row[0], tuple(row[1]) if len(row) > 1 else ()) for name, row in data["resources"].items()},
    )


def action(name: str) -> Action:
    """Of `s3:GetObject`; raises UnknownActionError."""
    service, _, short = name.partition(":")
    try:
        return reference(service).actions[short]
    except KeyError:
        raise UnknownActionError(f"the service reference knows no {name}") from None


def _action(
    name: str, types: dict[str, Any] | None = None, keys: tuple[str, ...] = (), dependents: tuple[str, ...] = ()
) -> Action:
    read = {
        kind: (bool(row[0]), tuple(row[1])) if isinstance(row, list) else (bool(row), ()) for kind, row in (types or {}).items()
    }
    return Action(name, read, tuple(keys), tuple(dependents))
