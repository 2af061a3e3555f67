"""CloudFormation of the embedded AWS: what an operation does to a stack and its resources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud

REGION = "ap-southeast-1"
FINISHED = ("_COMPLETE", "_FAILED")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture
def cloudformation(cloud: Cloud) -> Any:
    return cloud.client("cloudformation", REGION)


def template(resources: dict[str, Any], **sections: Any) -> str:
    return json.dumps({"Resources": resources, **sections})


def parameter(value: Any, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value, **more}}


def settled(cloudformation: Any, name: str) -> dict[str, Any]:
    for _ in range(20):
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        if stack["StackStatus"].endswith(FINISHED):
            return stack
    raise AssertionError(f"{name} never settles: {stack}")


def create(cloudformation: Any, name: str, body: str, **more: Any) -> dict[str, Any]:
    stack_id = cloudformation.create_stack(StackName=name, TemplateBody=body, **more)["StackId"]
    return settled(cloudformation, stack_id)


def update(cloudformation: Any, name: str, body: str, **more: Any) -> dict[str, Any]:
    cloudformation.update_stack(StackName=name, TemplateBody=body, **more)
    return settled(cloudformation, name)


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def physical(cloudformation: Any, name: str) -> dict[str, str]:
    found = cloudformation.list_stack_resources(StackName=name)["StackResourceSummaries"]
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}


def events(cloudformation: Any, name: str) -> list[tuple[str, str, str]]:
    found = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    return [(each["LogicalResourceId"], each["ResourceStatus"], each.get("ResourceStatusReason", "")) for each in reversed(found)]


def refusal(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value)


def test_resources_really_exist_and_are_created_in_the_order_of_their_needs(cloud: Cloud, cloudformation: Any) -> None:
    body = template(
        {
            "Second": parameter({"Fn::GetAtt": ["First", "Value"]}),
            "First": parameter("one"),
            "Third": {**parameter("three"), "DependsOn": "Second"},
        },
        Outputs={"Name": {"Value": {"Ref": "Second"}, "Export": {"Name": "order-name"}}},
    )
    stack = create(cloudformation, "order", body)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    name = outputs(stack)["Name"]
    assert cloud.client("ssm", REGION).get_parameter(Name=name)["Parameter"]["Value"] == "one"
    completed = [logical_id for logical_id, status, _ in events(cloudformation, "order") if status == "CREATE_COMPLETE"]
    assert completed == ["First", "Second", "Third", "order"]
    assert {each["Name"]: each["Value"] for each in cloudformation.list_exports()["Exports"]}["order-name"] == name


def test_a_failed_creation_is_rolled_back_with_its_reason(cloud: Cloud, cloudformation: Any) -> None:
    body = template(
        {"Good": parameter("x", Name="/rollback/good"), "Bad": {**parameter("y", Name="/rollback/good"), "DependsOn": "Good"}}
    )
    stack = create(cloudformation, "rollback", body)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    failed = [
        (logical_id, reason) for logical_id, status, reason in events(cloudformation, "rollback") if status == "CREATE_FAILED"
    ]
    assert failed[0][0] == "Bad"
    assert "AlreadyExists" in failed[0][1]
    assert "ParameterNotFound" in refusal(cloud.client("ssm", REGION).get_parameter, Name="/rollback/good")
    assert physical(cloudformation, "rollback") == {}


def test_an_update_touches_only_what_differs_and_replaces_when_it_must(cloud: Cloud, cloudformation: Any) -> None:
    def body(value: str, name: str) -> str:
        return template({"Same": parameter("same"), "Changed": parameter(value), "Renamed": parameter("z", Name=name)})

    create(cloudformation, "update", body("a", "/update/old"))
    before = physical(cloudformation, "update")
    stack = update(cloudformation, "update", body("b", "/update/new"))
    after = physical(cloudformation, "update")
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert before["Same"] == after["Same"]
    assert before["Changed"] == after["Changed"]
    assert after["Renamed"] == "/update/new"
    ssm = cloud.client("ssm", REGION)
    assert ssm.get_parameter(Name=after["Changed"])["Parameter"]["Value"] == "b"
    assert "ParameterNotFound" in refusal(ssm.get_parameter, Name="/update/old")
    touched = {logical_id for logical_id, status, _ in events(cloudformation, "update") if status == "UPDATE_COMPLETE"}
    assert "Same" not in touched
    assert "No updates are to be performed." in refusal(
        cloudformation.update_stack, StackName="update", TemplateBody=body("b", "/update/new")
    )


def test_a_failed_update_brings_everything_back(cloud: Cloud, cloudformation: Any) -> None:
    create(
        cloudformation,
        "undo",
        template({"Kept": parameter("before", Name="/undo/kept"), "Gone": parameter("g", Name="/undo/gone")}),
    )
    worse = {
        "Kept": parameter("after", Name="/undo/kept"),
        "New": {**parameter("n", Name="/undo/new"), "DependsOn": "Kept"},
        "Bad": {**parameter("y", Name="/undo/new"), "DependsOn": "New"},
    }
    stack = update(cloudformation, "undo", template(worse))
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    ssm = cloud.client("ssm", REGION)
    assert ssm.get_parameter(Name="/undo/kept")["Parameter"]["Value"] == "before"
    assert ssm.get_parameter(Name="/undo/gone")["Parameter"]["Value"] == "g"
    assert "ParameterNotFound" in refusal(ssm.get_parameter, Name="/undo/new")
    assert set(physical(cloudformation, "undo")) == {"Kept", "Gone"}
    assert json.loads(json.dumps(cloudformation.get_template(StackName="undo")["TemplateBody"]))["Resources"].keys() == {
        "Kept",
        "Gone",
    }


def test_a_parameter_flips_conditioned_resources_on_and_off_with_the_previous_template(cloud: Cloud, cloudformation: Any) -> None:
    body = template(
        {
            "Always": parameter({"Fn::If": ["On", "active", "passive"]}, Name="/flip/always"),
            "Sometimes": {**parameter("s", Name="/flip/sometimes"), "Condition": "On"},
        },
        Parameters={"Activated": {"Type": "String", "Default": "false", "AllowedValues": ["true", "false"]}},
        Conditions={"On": {"Fn::Equals": [{"Ref": "Activated"}, "true"]}},
    )
    ssm = cloud.client("ssm", REGION)
    create(cloudformation, "flip", body)
    assert set(physical(cloudformation, "flip")) == {"Always"}
    for activated, value, names in (("true", "active", {"Always", "Sometimes"}), ("false", "passive", {"Always"})):
        given = [{"ParameterKey": "Activated", "ParameterValue": activated}]
        cloudformation.update_stack(StackName="flip", UsePreviousTemplate=True, Parameters=given)
        assert settled(cloudformation, "flip")["StackStatus"] == "UPDATE_COMPLETE"
        assert set(physical(cloudformation, "flip")) == names
        assert ssm.get_parameter(Name="/flip/always")["Parameter"]["Value"] == value
    wrong = [{"ParameterKey": "Activated", "ParameterValue": "perhaps"}]
    assert "must be one of AllowedValues" in refusal(
        cloudformation.update_stack, StackName="flip", UsePreviousTemplate=True, Parameters=wrong
    )
    keep = [{"ParameterKey": "Activated", "UsePreviousValue": True}]
    assert "No updates" in refusal(cloudformation.update_stack, StackName="flip", UsePreviousTemplate=True, Parameters=keep)


def test_deletion_goes_backwards_and_leaves_what_is_retained(cloud: Cloud, cloudformation: Any) -> None:
    resources = {
        "Base": parameter("b", Name="/delete/base"),
        "Top": {**parameter({"Ref": "Base"}, Name="/delete/top"), "DeletionPolicy": "Retain"},
        "Leaf": parameter({"Ref": "Base"}, Name="/delete/leaf"),
    }
    stack = create(cloudformation, "delete", template(resources))
    cloudformation.delete_stack(StackName="delete")
    assert settled(cloudformation, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    left = [logical_id for logical_id, status, _ in events(cloudformation, stack["StackId"]) if status == "DELETE_COMPLETE"]
    assert left == ["Leaf", "Base", "delete"]
    ssm = cloud.client("ssm", REGION)
    assert ssm.get_parameter(Name="/delete/top")["Parameter"]["Value"] == "/delete/base"
    assert "does not exist" in refusal(cloudformation.describe_stacks, StackName="delete")


def test_protection_and_exports_in_use_stop_a_deletion(cloudformation: Any) -> None:
    create(
        cloudformation,
        "exporting",
        template({"P": parameter("p")}, Outputs={"P": {"Value": "v", "Export": {"Name": "shared"}}}),
        EnableTerminationProtection=True,
    )
    create(cloudformation, "importing", template({"P": parameter({"Fn::ImportValue": "shared"})}))
    assert "TerminationProtection" in refusal(cloudformation.delete_stack, StackName="exporting")
    cloudformation.update_termination_protection(StackName="exporting", EnableTerminationProtection=False)
    assert "in use by importing" in refusal(cloudformation.delete_stack, StackName="exporting")


def test_a_change_set_tells_what_it_would_do_and_does_it(cloudformation: Any) -> None:
    create(cloudformation, "change", template({"Changed": parameter("a", Name="/change/a"), "Dropped": parameter("d")}))
    new = template({"Changed": parameter("a", Name="/change/b"), "Added": parameter({"Ref": "Changed"})})
    cloudformation.create_change_set(StackName="change", ChangeSetName="next", TemplateBody=new)
    described = cloudformation.describe_change_set(StackName="change", ChangeSetName="next")
    changes = {each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"] for each in described["Changes"]}
    assert {name: change["Action"] for name, change in changes.items()} == {
        "Changed": "Modify",
        "Dropped": "Remove",
        "Added": "Add",
    }
    assert changes["Changed"]["Replacement"] == "True"
    cloudformation.execute_change_set(StackName="change", ChangeSetName="next")
    assert settled(cloudformation, "change")["StackStatus"] == "UPDATE_COMPLETE"
    assert set(physical(cloudformation, "change")) == {"Changed", "Added"}
    cloudformation.create_change_set(StackName="change", ChangeSetName="again", TemplateBody=new)
    empty = cloudformation.describe_change_set(StackName="change", ChangeSetName="again")
    assert (empty["Status"], "didn't contain changes" in empty["StatusReason"]) == ("FAILED", True)
    assert "cannot be executed" in refusal(cloudformation.execute_change_set, StackName="change", ChangeSetName="again")


def test_a_lost_region_fails_the_operation_instead_of_hanging_it(tmp_path: Path) -> None:
    with Cloud(directory=tmp_path / "cloud") as own:
        cloudformation = own.client("cloudformation", REGION)
        body = template({f"P{number}": parameter("x") for number in range(60)})
        cloudformation.create_stack(StackName="lost", TemplateBody=body)
        own.lose_region(REGION)
        engine = own.services["cloudformation"].engine  # type: ignore[attr-defined]
        stack = engine.get(REGION, "lost")
        with stack.condition:
            assert stack.condition.wait_for(lambda: not stack.in_progress, timeout=300)
        assert stack.status in {"ROLLBACK_FAILED", "ROLLBACK_COMPLETE"}
