"""Which permission a call of AWS's API needs, and what is granted without a call of its own: reviewed, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from strategy.catalogue import names
from strategy.catalogue.restore_test_names import ANSWER
from strategy.catalogue.routes import Route
from tools.permissions.grants import Grant

Recorded: TypeAlias = Mapping[tuple[str, str, str, str], int]
"""Calls by (caller, region, service as it is signed for, operation): what the gateway of the embedded AWS counted."""

NEEDS_NONE = frozenset({"sts:GetCallerIdentity"})
_SIGNED_AS = {"monitoring": "cloudwatch"}
"""Services whose calls are signed for another name than IAM's."""
_OTHERWISE = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
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
    "kms:CreateGrant": "RDS and DynamoDB do it in their caller's name, with a customer-managed key",
    "rds-db:connect": "Signing in to MySQL: the token is signed locally, RDS checks it",
    "rds:AddTagsToResource": "RDS checks it for the tags that a restore is given",
}
_MAPS = "Step Functions does it for each piece of a Distributed Map"
_OF_ONE = {
    ("restore-begin", "kms:DescribeKey"): "RDS does it in its caller's name, with a customer-managed key",
    ("preflight", "rds:DescribeAccountAttributes"): "Service Quotas asks RDS in its caller's name what is used of a quota",
    **{("restore-begin", f"dynamodb:{each}"): _FILLS for each in ("BatchWriteItem", "DeleteItem", "PutItem", "Query", "Scan")},
    **{
        (machine, f"states:{each}"): _MAPS
        for machine in (*Route, ANSWER, names.MANIFESTS)
        for each in ("DescribeExecution", "RedriveExecution", "StartExecution", "StopExecution")
    },
}

_SCALED = "Only for a table with provisioned capacity that is scaled"
_INSIGHTS = "Only for a table that had contributor insights"
_DASHBOARD = "Only `dashboard`, which is not a restore"
_DRILL = "Only `cleanup`, of what a drill made"
_PREFLIGHT = "Only `preflight`, which is not a restore"
_ABSENT = "Without it S3 says that a manifest which is not there is forbidden, and not that it is absent"
_SETTINGS = "For the verification of a table's point-in-time recovery, which is still to come; it reads only"
_EACH_MINUTE = "Each minute, after the cutover: the scenarios of a lost region run it"
NOT_REHEARSED: Mapping[tuple[str, str], str] = {
    ("operator", "application-autoscaling:DescribeScalableTargets"): _SCALED,
    ("operator", "application-autoscaling:DescribeScalingPolicies"): _SCALED,
    ("operator", "backup:GetRecoveryPointRestoreMetadata"): "Only for an instance of somebody else's code that is gone",
    **{
        ("operator", each): _PREFLIGHT
        for each in (
            "backup:DescribeRegionSettings",
            "ec2:DescribeAddresses",
            "elasticbeanstalk:DescribeApplicationVersions",
            "elasticbeanstalk:ListAvailableSolutionStacks",
            "rds:DescribeOrderableDBInstanceOptions",
            "s3:GetBucketVersioning",
            "s3:GetReplicationConfiguration",
            "servicequotas:GetAWSDefaultServiceQuota",
            "servicequotas:GetServiceQuota",
        )
    },
    ("operator", "cloudwatch:DescribeAlarms"): _DASHBOARD,
    ("operator", "cloudwatch:GetMetricData"): _DASHBOARD,
    ("operator", "dynamodb:DeleteTable"): _DRILL,
    ("operator", "lambda:InvokeFunction"): "Only `late`, when a lost region has come back: the scenario of a failback has it",
    ("operator", "rds:DeleteDBInstance"): _DRILL,
    **{
        ("fence-region", each): _EACH_MINUTE
        for each in (
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:DescribeSecurityGroups",
            "ec2:RevokeSecurityGroupIngress",
            "lambda:InvokeFunction",
            "rds:DescribeDBInstances",
            "secretsmanager:GetSecretValue",
            "ssm:PutParameter",
        )
    },
    ("publish-switch", "cloudwatch:PutMetricData"): _EACH_MINUTE,
    ("publish-switch", "ssm:PutParameter"): _EACH_MINUTE,
    ("proofs", "s3:GetObject"): "Only where there are records of drills or of checks",
    ("preflight", "servicequotas:GetAWSDefaultServiceQuota"): "Only for a quota that was never raised",
    ("restore-begin", "backup:DescribeRestoreJob"): "Only when the plan has a job of an earlier attempt",
    ("restore-begin", "rds:DescribeDBInstanceAutomatedBackups"): "Only when the old instance is gone",
    ("restore-claim", "states:DescribeExecution"): "Only when another attempt holds the plan",
    ("restore-passwords", "rds:ModifyDBInstance"): "Only when the master's password is no longer the secret's",
    ("restore-repair", "dynamodb:PutItem"): "Only where items differ; the rehearsed scenario of a repair has them",
    ("restore-settings", "application-autoscaling:DescribeScalableTargets"): _SCALED,
    ("restore-settings", "application-autoscaling:DescribeScalingPolicies"): _SCALED,
    ("restore-settings", "application-autoscaling:PutScalingPolicy"): _SCALED,
    ("restore-settings", "application-autoscaling:RegisterScalableTarget"): _SCALED,
    ("restore-settings", "cloudwatch:DeleteAlarms"): _SCALED,
    ("restore-settings", "cloudwatch:DescribeAlarms"): _SCALED,
    ("restore-settings", "cloudwatch:PutMetricAlarm"): _SCALED,
    ("restore-settings", "dynamodb:DescribeContributorInsights"): _INSIGHTS,
    ("restore-settings", "iam:CreateServiceLinkedRole"): _SCALED,
    ("restore-settings", "dynamodb:UpdateContributorInsights"): _INSIGHTS,
    ("restore-settings", "rds:ModifyDBInstance"): "Only for what the restore call does not take, or AWS lost all the same",
    ("restore-settings", "rds:RebootDBInstance"): "Only when the parameter group waits for a restart",
    ("restore-settings", "ssm:GetParameter"): "Before a restart: does the application use the instance already?",
    ("verify-dynamodb", "dynamodb:DescribeContinuousBackups"): _SETTINGS,
    ("verify-dynamodb", "s3:ListBucket"): _ABSENT,
    ("verify-mysql", "s3:ListBucket"): _ABSENT,
}
"""Granted, and not called by the runbooks' restores: caller, action, and when it is. Reviewed."""


def without_call(caller: str, action: str) -> str:
    """Why an action is granted that its caller never calls by that name; empty where it does."""
    of_one = (reason for (role, each), reason in _OF_ONE.items() if caller.endswith(f"-{role}") and each == action)
    return next(of_one, "") or _EVERYWHERE.get(action, "")


def reason(role: str, action: str) -> str:
    """Why a role (a name without the prefix) has an action that nothing rehearsed needs; empty where none is known.

    `action` in lower case, as policies are read.
    """
    rarely = next((why for (who, each), why in NOT_REHEARSED.items() if who == role and each.lower() == action), "")
    of_one = (why for (who, each), why in _OF_ONE.items() if who == role and each.lower() == action)
    return rarely or next(of_one, "") or next((why for each, why in _EVERYWHERE.items() if each.lower() == action), "")


def needed(service: str, operation: str) -> str:
    """The IAM action of a call."""
    action = f"{_SIGNED_AS.get(service, service)}:{operation}"
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
