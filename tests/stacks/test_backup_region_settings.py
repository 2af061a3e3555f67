"""The custom resource: ours, in Python, in both regions, before whatever relies on it, and allowed nothing more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stacks.assembly import Assembly, statements


@pytest.fixture(params=["primary", "recovery"])
def resources(request: pytest.FixtureRequest, assembly: Assembly) -> dict[str, Any]:
    region = getattr(assembly.strategy.regions, request.param)
    found: dict[str, Any] = assembly.template("backup", region)["Resources"]
    return found


def settings(resources: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    ((logical_id, resource),) = [item for item in resources.items() if item[1]["Type"] == "Custom::BackupRegionSettings"]
    return logical_id, resource


@pytest.mark.proves("vaults.dynamodb-features")
def test_dynamodb_is_managed_with_advanced_features(resources: dict[str, Any]) -> None:
    _, resource = settings(resources)
    assert resource["Properties"]["ManagedResourceTypes"] == ["DynamoDB"]
    assert resource["Properties"]["ServiceTimeout"] == "300"


def test_a_function_of_ours_does_it(resources: dict[str, Any]) -> None:
    _, resource = settings(resources)
    function = resources[resource["Properties"]["ServiceToken"]["Fn::GetAtt"][0]]["Properties"]
    assert function["Handler"] == "recovery.handlers.region_settings.handler"
    assert function["Runtime"].startswith("python")


def test_it_comes_before_the_plan_and_the_policy_that_names_a_role(assembly: Assembly, primary: str) -> None:
    resources = assembly.template("backup", primary)["Resources"]
    logical_id, resource = settings(resources)
    for kind in ("AWS::Backup::BackupPlan", "AWS::Backup::BackupSelection"):
        assert all(logical_id in each["DependsOn"] for each in resources.values() if each["Type"] == kind)
    naming_roles = [
        each for each in resources.values() if each["Type"] == "AWS::S3::BucketPolicy" and "aws-service-role" in str(each)
    ]
    assert naming_roles
    assert all(logical_id in each["DependsOn"] for each in naming_roles)
    assert all(service in str(resources) for service in resource["Properties"]["ServiceRoles"])


def test_it_may_set_the_region_and_make_the_roles_it_is_told(assembly: Assembly) -> None:
    account = assembly.strategy.account
    mine = [statement for where, statement in statements(assembly) if "RegionSettings" in where]
    (making,) = {str(each): each for each in mine if "iam:CreateServiceLinkedRole" in each["Action"]}.values()
    services = making["Condition"]["StringEquals"]["iam:AWSServiceName"]
    assert set(making["Resource"]) == {f"arn:aws:iam::{account}:role/aws-service-role/{service}/*" for service in services}
    actions = {action for each in mine for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])}
    assert {action for action in actions if not action.startswith("logs:")} == {
        "backup:DescribeRegionSettings",
        "backup:UpdateRegionSettings",
        "iam:CreateServiceLinkedRole",
        "iam:ListRoles",
    }
