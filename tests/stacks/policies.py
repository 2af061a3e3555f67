"""A small reader of resource policies: enough of IAM's evaluation for the statements this app writes, and loud about the rest."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

_OPERATORS = {"ArnNotEquals", "ArnEquals", "StringEquals", "StringNotEquals"}


def denied(policy: dict[str, Any], *, action: str, **context: str) -> bool:
    """Whether a statement denies `action` to whoever calls; `context` has its keys with `_` for `:`, as `aws_PrincipalArn`."""
    given = {key.replace("_", ":", 1): value for key, value in context.items()}
    return any(_applies(each, action, given) for each in policy["Statement"] if each["Effect"] == "Deny")


def _applies(statement: dict[str, Any], action: str, context: dict[str, str]) -> bool:
    assert not {"NotAction", "NotPrincipal", "NotResource"} & statement.keys(), statement
    assert statement["Principal"] in ("*", {"AWS": "*"}), statement
    assert statement["Resource"] == "*", statement
    actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
    conditions = statement.get("Condition", {})
    assert conditions.keys() <= _OPERATORS, conditions
    return any(fnmatchcase(action.lower(), each.lower()) for each in actions) and all(
        _holds(operator, context.get(key), [wanted] if isinstance(wanted, str) else wanted)
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _holds(operator: str, value: str | None, wanted: list[str]) -> bool:
    """A key that the call does not have fails an operator, and satisfies its negation."""
    return (value not in wanted) if "Not" in operator else (value in wanted)
