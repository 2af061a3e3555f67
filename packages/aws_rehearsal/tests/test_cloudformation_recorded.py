"""CloudFormation of the embedded AWS: recorded types, what the registry refuses, and custom resources."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import Cloud
from aws_rehearsal.cloudformation import custom
from aws_rehearsal.service import Service
from aws_support.deployments import ACCOUNT, REGION, deploy, destroy, get, ref, resource


class Functions(Service):
    """In place of Lambda: answers a custom resource as `behaviour` says, by PUT to its ResponseURL."""

    name = "lambda"

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.behaviour: dict[str, Any] = {"Status": "SUCCESS"}

    def invoke(self, region: str, *, FunctionName: str, Payload: Any, **_: Any) -> dict[str, Any]:  # noqa: N803  # AWS's words
        event = json.loads(Payload)
        self.events.append({"region": region, "function": FunctionName, **event})
        answer = json.dumps(
            {"PhysicalResourceId": f"made-{event['ResourceProperties'].get('Name', '')}", **self.behaviour}
        ).encode()
        request = urllib.request.Request(event["ResponseURL"], data=answer, method="PUT")  # noqa: S310  # loopback
        with urllib.request.urlopen(request) as response:  # noqa: S310
            assert response.status == 200
        return {"StatusCode": 200, "Payload": b"null"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture
def functions(cloud: Cloud) -> Iterator[Functions]:
    fake = Functions()
    cloud.services["lambda"] = fake
    yield fake
    del cloud.services["lambda"]


def test_a_type_nobody_simulates_is_recorded_and_listed(cloud: Cloud) -> None:
    application = resource("ElasticBeanstalk::Application", ApplicationName="bank")
    framework = resource("Backup::Framework", FrameworkControls=[{"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}])
    stack = deploy(
        cloud,
        "recorded",
        {"App": application, "Framework": framework},
        {"App": ref("App"), "Arn": get("Framework", "FrameworkArn")},
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["Values"]["App"] == "bank"
    assert stack["Values"]["Arn"].endswith(".recorded.invalid")
    listed = {(each[2], each[4]) for each in cloud.services["cloudformation"].resources() if each[1] == "recorded"}  # type: ignore[attr-defined]
    assert listed == {("App", "recorded"), ("Framework", "recorded")}


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (resource("ElasticBeanstalk::Application", ApplicationNmae="bank"), "ApplicationNmae"),
        (resource("SNS::Topic", TopicNmae="bank"), "AWS::SNS::Topic.*TopicNmae"),
        (resource("Backup::BackupVault"), "BackupVaultName.*required"),
        (resource("S3::Bucket", VersioningConfiguration={"Status": "Enabld"}), "VersioningConfiguration/Status.*Enabld"),
        (resource("SQS::Queue", VisibilityTimeout="soon"), "VisibilityTimeout.*soon"),
    ],
)
def test_a_wrong_property_fails_by_type_path_and_value(cloud: Cloud, bad: dict[str, Any], complaint: str) -> None:
    stack = deploy(cloud, "wrong", {"Wrong": bad})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any(re.search(complaint, reason) for reason in stack["Reasons"]), stack["Reasons"]
    destroy(cloud, stack)


def test_a_type_that_does_not_exist_is_refused(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match=r"Unrecognized resource types: \[AWS::Backup::BackupVualt\]"):
        deploy(cloud, "unknown", {"X": resource("Backup::BackupVualt", BackupVaultName="v")})


def custom_resource(**properties: Any) -> dict[str, Any]:
    return {
        "Type": "Custom::Thing",
        "Properties": {"ServiceToken": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:thing", **properties},
    }


def test_a_custom_resource_lives_by_what_its_function_answers(cloud: Cloud, functions: Functions) -> None:
    functions.behaviour = {"Status": "SUCCESS", "Data": {"Colour": "green"}}
    outputs = {"Id": ref("Thing"), "Colour": get("Thing", "Colour")}
    stack = deploy(cloud, "custom", {"Thing": custom_resource(Name="one", Size=3)}, outputs)
    assert (stack["StackStatus"], stack["Values"]) == ("CREATE_COMPLETE", {"Id": "made-one", "Colour": "green"})
    stack = deploy(cloud, "custom", {"Thing": custom_resource(Name="two", Size=3)}, outputs, update=True)
    assert (stack["StackStatus"], stack["Values"]["Id"]) == ("UPDATE_COMPLETE", "made-two")
    destroy(cloud, stack)
    asked = [(event["RequestType"], event.get("PhysicalResourceId")) for event in functions.events]
    assert asked == [("Create", None), ("Update", "made-one"), ("Delete", "made-one"), ("Delete", "made-two")]
    assert functions.events[1]["OldResourceProperties"]["Name"] == "one"
    assert functions.events[0]["ResourceProperties"]["Size"] == "3"


def test_a_custom_resource_that_fails_fails_the_stack_with_its_reason(cloud: Cloud, functions: Functions) -> None:
    functions.behaviour = {"Status": "FAILED", "Reason": "no such thing"}
    stack = deploy(cloud, "custom-failed", {"Thing": custom_resource()})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("no such thing" in reason for reason in stack["Reasons"])


def test_a_custom_resource_that_never_answers_is_given_up(
    cloud: Cloud, functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(custom, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(functions, "invoke", lambda _region, **_: {"StatusCode": 200, "Payload": b"null"})
    stack = deploy(cloud, "custom-silent", {"Thing": custom_resource()})
    assert any("no answer to Create" in reason for reason in stack["Reasons"])
