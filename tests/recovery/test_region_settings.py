"""The custom resource's function: what it changes, what it leaves, and that CloudFormation always hears how it went."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from recovery.handlers import region_settings

PROPERTIES = {"ManagedResourceTypes": ["DynamoDB"], "ServiceRoles": ["reports.backup.amazonaws.com"]}
ON = {"ResourceTypeOptInPreference": {"DynamoDB": True}, "ResourceTypeManagementPreference": {"DynamoDB": True}}


class Region:
    """Stubbed clients of one region: every call must be expected, and every expected call must be made."""

    def __init__(self) -> None:
        self.clients: dict[str, Any] = {
            service: boto3.client(service, region_name="ap-southeast-2", aws_access_key_id="test", aws_secret_access_key="test")
            for service in ("backup", "iam")
        }
        self.stubs = {service: Stubber(client) for service, client in self.clients.items()}

    def settings(self, **preferences: dict[str, bool]) -> None:
        self.stubs["backup"].add_response("describe_region_settings", preferences, {})

    def roles(self, *names: str) -> None:
        found = [
            {
                "RoleName": name,
                "Path": "/aws-service-role/reports.backup.amazonaws.com/",
                "RoleId": "AROA1234567890123456",
                "Arn": f"arn:aws:iam::123456789012:role/{name}",
                "CreateDate": "2026-01-01T00:00:00Z",
            }
            for name in names
        ]
        asked = {"PathPrefix": "/aws-service-role/reports.backup.amazonaws.com/"}
        self.stubs["iam"].add_response("list_roles", {"Roles": found}, asked)


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that were waited."""
    seconds: list[float] = []
    defaults: Any = region_settings.ensure_roles.__kwdefaults__
    monkeypatch.setitem(defaults, "sleep", seconds.append)
    return seconds


@pytest.fixture
def region(monkeypatch: pytest.MonkeyPatch) -> Iterator[Region]:
    region = Region()
    monkeypatch.setattr(boto3, "client", lambda service, **_: region.clients[service])
    for stub in region.stubs.values():
        stub.activate()
    yield region
    for stub in region.stubs.values():
        stub.assert_no_pending_responses()


@pytest.fixture
def cloudformation() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Where the answer is put, and the answers."""
    answers: list[dict[str, Any]] = []

    class Bucket(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            assert not self.headers.get("Content-Type")  # a presigned URL signs its absence
            answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Bucket)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/answer", answers
    server.shutdown()
    server.server_close()
    thread.join()


def event(request: str, url: str, **more: Any) -> dict[str, Any]:
    return {
        "RequestType": request,
        "ResponseURL": url,
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Settings",
        "ResourceProperties": PROPERTIES,
    } | more


@pytest.mark.proves("vaults.dynamodb-features")
@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_what_is_missing_is_set(request_type: str, region: Region, cloudformation: tuple[str, list[dict[str, Any]]]) -> None:
    url, answers = cloudformation
    region.settings(ResourceTypeOptInPreference={"DynamoDB": True, "EBS": False}, ResourceTypeManagementPreference={"EFS": True})
    region.stubs["backup"].add_response("update_region_settings", {}, {"ResourceTypeManagementPreference": {"DynamoDB": True}})
    region.roles()
    region.stubs["iam"].add_response("create_service_linked_role", {}, {"AWSServiceName": "reports.backup.amazonaws.com"})
    region_settings.handler(event(request_type, url), None)
    (answer,) = answers
    assert answer["Status"] == "SUCCESS"
    assert {answer["StackId"], answer["RequestId"], answer["LogicalResourceId"]} == {"stack", "request", "Settings"}


def test_what_is_set_is_left_alone(region: Region, cloudformation: tuple[str, list[dict[str, Any]]]) -> None:
    url, answers = cloudformation
    region.settings(**ON)
    region.roles("AWSServiceRoleForBackupReports")
    region_settings.handler(event("Update", url, PhysicalResourceId="as-it-was"), None)
    assert [(each["Status"], each["PhysicalResourceId"]) for each in answers] == [("SUCCESS", "as-it-was")]


@pytest.mark.proves("vaults.dynamodb-features")
def test_deletion_takes_nothing_back(region: Region, cloudformation: tuple[str, list[dict[str, Any]]]) -> None:
    """No call is expected, so any would fail."""
    url, answers = cloudformation
    region_settings.handler(event("Delete", url, PhysicalResourceId="backup-region-settings"), None)
    assert [each["Status"] for each in answers] == ["SUCCESS"]
    assert region.clients


def test_a_refusal_is_told_with_its_reason(region: Region, cloudformation: tuple[str, list[dict[str, Any]]]) -> None:
    url, answers = cloudformation
    region.stubs["backup"].add_client_error(
        "describe_region_settings", "AccessDeniedException", "not authorized to perform " + "x" * 5000
    )
    region_settings.handler(event("Create", url), None)
    (answer,) = answers
    assert answer["Status"] == "FAILED"
    assert "AccessDeniedException" in answer["Reason"]
    assert len(json.dumps(answer)) < 4096


def test_a_broken_template_is_told_too(region: Region, cloudformation: tuple[str, list[dict[str, Any]]]) -> None:
    url, answers = cloudformation
    region_settings.handler(event("Create", url, ResourceProperties={}), None)
    assert [each["Status"] for each in answers] == ["FAILED"]
    assert "ManagedResourceTypes" in answers[0]["Reason"]
    assert region.clients


def test_a_new_role_is_waited_for_before_a_policy_names_it(region: Region, slept: list[float]) -> None:
    """IAM is eventually consistent: S3 refuses a policy whose principal it does not know yet, and CloudFormation then fails."""
    region.roles()
    region.stubs["iam"].add_response("create_service_linked_role", {}, {"AWSServiceName": "reports.backup.amazonaws.com"})
    region_settings.ensure_roles(region.clients["iam"], PROPERTIES["ServiceRoles"])
    assert slept == [region_settings.SETTLE_SECONDS]
    region.roles("AWSServiceRoleForBackupReports")
    region_settings.ensure_roles(region.clients["iam"], PROPERTIES["ServiceRoles"])
    assert slept == [region_settings.SETTLE_SECONDS]  # a role that was there is known


def test_both_regions_may_make_a_role_at_once(region: Region, slept: list[float]) -> None:
    region.roles()
    taken = "Service role name AWSServiceRoleForBackupReports has been taken in this account, please try a different suffix."
    region.stubs["iam"].add_client_error("create_service_linked_role", "InvalidInput", taken)
    region_settings.ensure_roles(region.clients["iam"], PROPERTIES["ServiceRoles"])
    assert slept == [region_settings.SETTLE_SECONDS]  # the other region's is as new
    region.roles()
    region.stubs["iam"].add_client_error("create_service_linked_role", "InvalidInput", "no such service")
    with pytest.raises(ClientError, match="no such service"):
        region_settings.ensure_roles(region.clients["iam"], PROPERTIES["ServiceRoles"])
