"""Resource policies of tables: what their Deny statements refuse, is refused. What they allow is recorded, and changes nothing.

Who calls is told by the access key id: a function is its role, whatever else is a user of that name. Conditions are known on
`aws:PrincipalArn` only; a statement with another one is an error, because nobody could rely on it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends

_TRANSACTED = {
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_STATEMENT = re.compile(
    r'^\s*(?P<verb>INSERT\s+INTO|UPDATE|DELETE\s+FROM|SELECT\b.*?\bFROM)\s+"?(?P<table>[\w.-]+)', re.IGNORECASE | re.DOTALL
)
_PARTIQL = {"insert": "PartiQLInsert", "update": "PartiQLUpdate", "delete": "PartiQLDelete", "select": "PartiQLSelect"}
_POSITIVE = frozenset({"ArnEquals", "ArnLike", "StringEquals", "StringLike"})
_NEGATIVE = frozenset({"ArnNotEquals", "ArnNotLike", "StringNotEquals", "StringNotLike"})


def refusal(policies: Mapping[str, Any], operation: str, request: Mapping[str, Any], *, caller: str, where: str) -> str | None:
    """Why a request is denied; None when it is not. `where` is `region:account`, `policies` are moto's by ARN of the table."""
    if not policies:
        return None
    for action, table in used(operation, request):
        arn = f"arn:aws:dynamodb:{where}:table/{table.rsplit('/', 1)[-1]}"
        principal = _principal(caller, *where.split(":"))
        if arn in policies and denied(policies[arn].policy_doc, f"dynamodb:{action}", principal, arn):
            said = f"User: {principal} is not authorized to perform: dynamodb:{action} on resource: {arn}"
            return f"{said} with an explicit deny in a resource-based policy"
    return None


def used(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(IAM action, table) of everything a request does: a transaction is allowed item by item, by the single action's name."""
    match operation:
        case "BatchWriteItem" | "BatchGetItem":
            yield from ((operation, table) for table in request["RequestItems"])
        case "TransactGetItems" | "TransactWriteItems":
            for each in request["TransactItems"]:
                yield from ((_TRANSACTED[kind], part["TableName"]) for kind, part in each.items() if kind in _TRANSACTED)
        case "ExecuteStatement":
            yield from _stated(request.get("Statement", ""))
        case "ExecuteTransaction" | "BatchExecuteStatement":
            for each in request.get("TransactStatements", request.get("Statements", [])):
                yield from _stated(each["Statement"])
        case _ if "TableName" in request:
            yield operation, request["TableName"]


def _stated(statement: str) -> Iterator[tuple[str, str]]:
    if found := _STATEMENT.match(statement):
        yield _PARTIQL[found["verb"].split()[0].lower()], found["table"]


def denied(document: str, action: str, principal: str, arn: str) -> bool:
    """Whether a policy's Deny refuses the principal's action on the table of that ARN."""
    statements = json.loads(document)["Statement"]
    for each in [statements] if isinstance(statements, dict) else statements:
        if (
            each["Effect"] == "Deny"
            and _covers(each, action)
            and _about(each, arn)
            and _meant(each["Principal"], principal)
            and _holds(each, principal)
        ):
            return True
    return False


def _covers(statement: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not _among(action.lower(), _lower(statement["NotAction"]))
    return _among(action.lower(), _lower(statement["Action"]))


def _about(statement: Mapping[str, Any], arn: str) -> bool:
    if "NotResource" in statement:
        return not _among(arn, _list(statement["NotResource"]))
    return _among(arn, _list(statement.get("Resource", "*")))


def _meant(principals: Any, principal: str) -> bool:
    named = principals.get("AWS", []) if isinstance(principals, dict) else principals
    return _among(principal, _list(named))


def _holds(statement: Mapping[str, Any], principal: str) -> bool:
    for operator, tests in statement.get("Condition", {}).items():
        for key, patterns in tests.items():
            if key.lower() != "aws:principalarn" or operator not in _POSITIVE | _NEGATIVE:
                raise ValueError(f"the embedded AWS does not know the condition {operator} on {key}")
            if _among(principal, _list(patterns)) != (operator in _POSITIVE):
                return False
    return True


def _principal(caller: str, region: str, account: str) -> str:
    try:
        return str(lambda_backends[account][region].get_function(caller).role)
    except UnknownFunctionException:
        return f"arn:aws:iam::{account}:user/{caller}"


def _among(text: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def _list(given: Any) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def _lower(given: Any) -> list[str]:
    return [each.lower() for each in _list(given)]
