"""Which permission a call of AWS's API needs, and what is granted without a call of its own: reviewed, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from tools.permissions.grants import Grant

Recorded: TypeAlias = Mapping[tuple[str, str, str, str], int]
"""Calls by (caller, region, service as it is signed for, operation): what the door of the embedded AWS counted."""

NEEDS_NONE = frozenset({"sts:GetCallerIdentity"})
_OTHERWISE = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
}
_FILLS = "DynamoDB checks it while it fills the table that RestoreTableToPointInTime makes"
_LAMBDA = "Lambda does it in the function's name"
_STATES = "Step Functions does it in the workflow's name"
_EVERYWHERE = {
    **{
        f"ec2:{each}": _LAMBDA
        for each in (
            "AssignPrivateIpAddresses",
            "CreateNetworkInterface",
            "DeleteNetworkInterface",
            "DescribeNetworkInterfaces",
            "DescribeSubnets",
            "UnassignPrivateIpAddresses",
        )
    },
    **{f"logs:{each}": _LAMBDA for each in ("CreateLogStream", "PutLogEvents")},
    **{
        f"logs:{each}": _STATES
        for each in (
            "CreateLogDelivery",
            "DeleteLogDelivery",
            "DescribeLogGroups",
            "DescribeResourcePolicies",
            "GetLogDelivery",
            "ListLogDeliveries",
            "PutResourcePolicy",
            "UpdateLogDelivery",
        )
    },
    "iam:PassRole": "AWS checks it when the role is handed to AWS Backup with StartRestoreJob",
    "rds-db:connect": "Signing in to MySQL: the token is signed locally, RDS checks it",
    "rds:AddTagsToResource": "RDS checks it for the tags that a restore is given",
}
_OF_ONE = {("restore-begin", f"dynamodb:{each}"): _FILLS for each in ("BatchWriteItem", "DeleteItem", "PutItem", "Query", "Scan")}

NOT_REHEARSED: Mapping[tuple[str, str], str] = {}
"""Granted, and called only where a restore meets what the rehearsed ones do not: caller, action, and when. Reviewed."""


def without_call(caller: str, action: str) -> str:
    """Why an action is granted that its caller never calls by that name; empty where it does."""
    of_one = (reason for (role, each), reason in _OF_ONE.items() if caller.endswith(f"-{role}") and each == action)
    return next(of_one, "") or _EVERYWHERE.get(action, "")


def needed(service: str, operation: str) -> str:
    """The IAM action of a call."""
    action = f"{service}:{operation}"
    return _OTHERWISE.get(action, action)


def refused(granted: Iterable[Grant], recorded: Recorded) -> list[str]:
    """Calls that a caller made without an action for them. Callers that the template does not know are not its matter."""
    allowed = {(each.caller, each.action) for each in granted}
    callers = {caller for caller, _ in allowed}
    calls = {(caller, needed(service, operation)) for caller, _, service, operation in recorded if caller in callers}
    return sorted(f"{caller} calls {action}" for caller, action in calls - allowed if action not in NEEDS_NONE)


def idle(granted: Iterable[Grant], recorded: Recorded) -> list[tuple[str, str]]:
    """Caller and action: granted, never called, and not known to be without a call. Callers that never ran are left out."""
    calls = {(caller, needed(service, operation)) for caller, _, service, operation in recorded}
    ran = {caller for caller, _ in calls}
    mine = {(each.caller, each.action) for each in granted if each.caller in ran}
    return sorted((caller, action) for caller, action in mine - calls if not without_call(caller, action))
