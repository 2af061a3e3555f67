"""Which roles could restore: those that AWS Backup may take, with a policy that allows the call that makes the store again.

Read from the policies' actions alone. A condition or a resource may still narrow them: only a restore proves a role.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

RESTORING = {
    "mysql": ("rds:RestoreDBInstanceFromDBSnapshot",),
    "dynamodb": ("dynamodb:RestoreTableFromAwsBackup", "dynamodb:RestoreTableFromBackup"),
}
"""One of these, by kind of store."""
_SERVICE = "backup.amazonaws.com"
_LINKED = "/aws-service-role/"


def restorers(iam: Any) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """All roles that AWS Backup may take, and by kind of store those that may restore.

    Not its service-linked roles, which nobody may pass to a restore.
    """
    roles = (role for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"])
    taken = [role for role in roles if not role["Path"].startswith(_LINKED) and _trusts_backup(role)]
    statements = {role["RoleName"]: list(_statements(iam, role["RoleName"])) for role in taken}
    able = {
        kind: tuple(name for name, found in statements.items() if any(_allows(found, action) for action in actions))
        for kind, actions in RESTORING.items()
    }
    return tuple(statements), able


def _trusts_backup(role: Mapping[str, Any]) -> bool:
    for statement in _listed(role["AssumeRolePolicyDocument"].get("Statement", [])):
        principal = statement.get("Principal", {})
        services = _listed(principal.get("Service", [])) if isinstance(principal, dict) else []
        if statement.get("Effect") == "Allow" and _SERVICE in services:
            return True
    return False


def _statements(iam: Any, role: str) -> Iterator[Mapping[str, Any]]:
    for page in iam.get_paginator("list_role_policies").paginate(RoleName=role):
        for name in page["PolicyNames"]:
            yield from _listed(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]["Statement"])
    for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=role):
        for attached in page["AttachedPolicies"]:
            arn = attached["PolicyArn"]
            version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
            yield from _listed(document["Statement"])


def _allows(statements: list[Mapping[str, Any]], action: str) -> bool:
    """A denial wins."""
    matching = {each["Effect"] for each in statements if _names(each, action)}
    return "Allow" in matching and "Deny" not in matching


def _names(statement: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not any(fnmatchcase(action.lower(), each.lower()) for each in _listed(statement["NotAction"]))
    return any(fnmatchcase(action.lower(), each.lower()) for each in _listed(statement.get("Action", [])))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
