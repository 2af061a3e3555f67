"""Policy documents, parsed once: statements, and whether each applies to an action on a resource.

From the IAM User Guide: "IAM JSON policy elements reference" and "Grammar of the IAM JSON policy language".
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_rehearsal.iam.conditions import Condition, PolicyError, conditions, texts
from aws_rehearsal.iam.patterns import Kind, Pattern, pattern
from aws_rehearsal.iam.principals import Named, Principal, Reach, named
from aws_rehearsal.iam.request import Context, Environment

_WITH_VARIABLES = "2012-10-17"
_NOTHING = Context({}, {}, Environment())
"""Actions have no variables, so nothing is asked of it."""


@dataclass(frozen=True, eq=False)
class Statement:
    """One statement of a policy."""

    label: str
    """Its Sid, or its place in the document: `statement 2`."""
    denies: bool
    actions: tuple[Pattern, ...]
    not_action: bool
    resources: tuple[Pattern, ...]
    not_resource: bool
    principal: Named | None
    not_principal: bool
    conditions: tuple[Condition, ...]

    def names_action(self, action: str) -> bool:
        """Whether it is about an action, given in lower case: AWS compares them without regard to case."""
        return any(each.matches(action, _NOTHING) for each in self.actions) != self.not_action

    def names_resource(self, resource: str, context: Context) -> bool:
        """A trust policy has no Resource: it is about its role."""
        if not self.resources:
            return True
        return any(each.matches(resource, context) for each in self.resources) != self.not_resource

    def holds(self, context: Context) -> bool:
        """Whether all conditions are met."""
        return all(each.holds(context) for each in self.conditions)

    def reach(self, principal: Principal, *, bounded: bool = False) -> Reach:
        """How it names a caller; an identity policy's statement is its identity's own.

        `bounded`: the caller has a permissions boundary. AWS denies all of these by a Deny with NotPrincipal, whatever it lists
        ("Permissions boundaries for IAM entities").
        """
        if self.principal is None:
            return Reach.DIRECT
        if not self.not_principal:
            return self.principal.reach(principal)
        if self.denies:
            return Reach.DIRECT if bounded or not self.principal.excepts(principal) else Reach.NONE
        return Reach.NONE if self.principal.reach(principal) else Reach.DIRECT


@dataclass(frozen=True, eq=False)
class Document:
    """A policy. Statements are looked up by action, which callers repeat."""

    statements: tuple[Statement, ...]
    _by_action: dict[str, tuple[Statement, ...]] = field(default_factory=dict, repr=False)

    def about(self, action: str) -> tuple[Statement, ...]:
        """Statements about an action, denials first."""
        lowered = action.lower()
        found = self._by_action.get(lowered)
        if found is None:
            matching = [each for each in self.statements if each.names_action(lowered)]
            found = self._by_action[lowered] = tuple(sorted(matching, key=lambda each: not each.denies))
        return found


@functools.lru_cache(maxsize=8192)
def document(text: str) -> Document:
    """Parse a policy's JSON text, once for each text. PolicyError where AWS would call it malformed."""
    try:
        read = json.loads(text)
    except ValueError as error:
        raise PolicyError(f"the policy is no JSON: {error}") from error
    if not isinstance(read, Mapping):
        raise PolicyError("the policy is no JSON object")
    return parsed(read)


def parsed(policy: Mapping[str, Any]) -> Document:
    """A policy that is an object already."""
    statements = policy.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    variables = policy.get("Version") == _WITH_VARIABLES
    return Document(tuple(_statement(each, number, variables=variables) for number, each in enumerate(listed, 1)))


def _statement(given: Any, number: int, *, variables: bool) -> Statement:
    if not isinstance(given, Mapping):
        raise PolicyError(f"statement {number} is no object")
    label = str(given.get("Sid") or f"statement {number}")
    try:
        if given.get("Effect") not in {"Allow", "Deny"}:
            raise PolicyError(f"Effect must be Allow or Deny, not {given.get('Effect')!r}")
        actions, not_action = _either(given, "Action")
        resources, not_resource = _either(given, "Resource", needed=False)
        not_principal = "NotPrincipal" in given
        element = given.get("NotPrincipal" if not_principal else "Principal")
        return Statement(
            label=label,
            denies=given["Effect"] == "Deny",
            actions=tuple(pattern(each.lower(), Kind.LIKE, variables=False) for each in actions),
            not_action=not_action,
            resources=tuple(pattern(each, Kind.RESOURCE, variables=variables) for each in resources),
            not_resource=not_resource,
            principal=None if element is None else named(element),
            not_principal=not_principal,
            conditions=conditions(given.get("Condition", {}), variables=variables),
        )
    except PolicyError as error:
        raise PolicyError(f"{label}: {error}") from error


def _either(given: Mapping[str, Any], name: str, *, needed: bool = True) -> tuple[tuple[str, ...], bool]:
    """`Action` or `NotAction`, and whether it is the latter."""
    negated = f"Not{name}" in given
    if negated and name in given:
        raise PolicyError(f"has both {name} and Not{name}")
    if not negated and name not in given:
        if needed:
            raise PolicyError(f"has neither {name} nor Not{name}")
        return (), False
    return texts(given[f"Not{name}" if negated else name]), negated
