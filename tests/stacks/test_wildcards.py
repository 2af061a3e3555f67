"""Every Allow on more than one resource has its reason beside the grant; and on `*` stands only what AWS cannot narrow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stacks.assembly import Assembly, Synthesise
from tests.stacks.grants import Given, Region, Statement, given, regions

ENVIRONMENTS = ("dev", "staging", "prod")


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def assembly(request: pytest.FixtureRequest, synthesise: Synthesise) -> Assembly:
    return synthesise(request.param)


def wide(region: Region) -> Iterator[tuple[Statement, str, str]]:
    """Statement, action and resource of every Allow on a resource that is, or has in it, a wildcard."""
    for each in region.statements():
        for on in each.resources:
            if each.effect == "Allow" and ("*" in on or "?" in on):
                yield from ((each, action, on) for action in each.actions)


def explains(reason: Given, statement: Statement, action: str, on: str) -> bool:
    stack, _, logical_id = statement.where.partition("/")
    return reason.stack == stack and logical_id.startswith(reason.logical) and action in reason.actions and on in reason.resources


def test_every_wildcard_has_its_reason_beside_the_grant(assembly: Assembly) -> None:
    for region in regions(assembly):
        reasons = given(assembly, region)
        found = list(wide(region))
        assert len(found) > 100
        assert [
            f"{each.where}: {action} on {on}"
            for each, action, on in found
            if not any(explains(reason, each, action, on) for reason in reasons)
        ] == []


def test_every_reason_is_a_sentence(assembly: Assembly) -> None:
    for region in regions(assembly):
        assert [
            each.because
            for each in given(assembly, region)
            if len(each.because.split()) < 6 or not each.because[0].isupper() or len(each.because) > 160
        ] == []


def test_a_grant_without_a_reason_is_found(assembly: Assembly) -> None:
    region = regions(assembly)[0]
    statement, action, on = next(iter(wide(region)))
    reasons = given(assembly, region)
    assert any(explains(each, statement, action, on) for each in reasons)
    assert not any(explains(each, statement, "iam:CreateUser", on) for each in reasons)
    assert not any(explains(each, statement, action, "arn:aws:s3:::*") for each in reasons)


def test_on_everything_stands_only_what_aws_cannot_narrow(assembly: Assembly) -> None:
    for region in regions(assembly):
        found = {action for _, action, on in wide(region) if on == "*"}
        assert found
        assert found - NO_RESOURCE - CANNOT_BE_NAMED.keys() == set()


NO_RESOURCE = frozenset(
    {
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingPolicies",
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeLaunchConfigurations",
        "autoscaling:DescribePolicies",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeScheduledActions",
        "backup:DescribeBackupJob",
        "backup:DescribeCopyJob",
        "backup:DescribeRegionSettings",
        "backup:DescribeRestoreJob",
        "backup:ListBackupJobs",
        "backup:ListBackupPlans",
        "backup:ListCopyJobs",
        "backup:ListRestoreJobs",
        "backup:PutRestoreValidationResult",
        "backup:UpdateRegionSettings",
        "cloudwatch:GetMetricStatistics",
        "dynamodb:ListTables",
        "ec2:DescribeAccountAttributes",
        "ec2:DescribeAddresses",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeImages",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeInstances",
        "ec2:DescribeKeyPairs",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribeNatGateways",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVolumes",
        "ec2:DescribeVpcs",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "iam:ListRoles",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
        "rds:DescribeAccountAttributes",
        "rds:DescribeOrderableDBInstanceOptions",
        "servicequotas:GetAWSDefaultServiceQuota",
    }
)
"""Actions for which AWS's service authorization reference knows no type of resource (its machine-readable form, as of
26 September 2026); conditions narrow some of them."""
_READING = "Reading only: what is looked for need not be there, and a list of all names none"
_LAMBDA = "Lambda makes the interface in the function's name: AWSLambdaVPCAccessExecutionRole has `*` too, as its id is not known"
CANNOT_BE_NAMED = {
    "ce:GetCostAndUsage": _READING,
    "cloudwatch:DescribeAlarmHistory": _READING,
    "cloudwatch:DescribeAlarms": _READING,
    "cloudwatch:GetMetricData": _READING,
    "cloudwatch:PutMetricData": "The type is of data sets: the condition `cloudwatch:namespace` says which numbers",
    "ec2:AssignPrivateIpAddresses": _LAMBDA,
    "ec2:CreateNetworkInterface": _LAMBDA,
    "ec2:DeleteNetworkInterface": _LAMBDA,
    "ec2:UnassignPrivateIpAddresses": _LAMBDA,
    "elasticbeanstalk:DescribeApplicationVersions": _READING,
    "elasticbeanstalk:DescribeEnvironments": _READING,
    "elasticbeanstalk:ListAvailableSolutionStacks": _READING,
    "rds:DescribeDBInstanceAutomatedBackups": _READING,
    "rds:DescribeDBInstances": _READING,
    "rds:DescribeDBParameterGroups": _READING,
    "rds:DescribeDBSubnetGroups": _READING,
    "servicequotas:GetServiceQuota": _READING,
}
"""Actions for which it knows a type, and why the grant names none."""
