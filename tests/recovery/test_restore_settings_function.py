"""The function around it: called until it is settled, it puts all back once, and says what passes by itself as such."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from recovery.handlers import put_settings
from recovery.lambda_runtime import TryAgain
from recovery.restore.plan import PlanError
from recovery.restore.settings.dynamodb import wanted_dynamodb
from strategy.catalogue import names
from strategy.catalogue.routes import Route
from tests.settings_plans import PLAN_ID, Stubs, dynamodb_store, mysql_store, plan

TAGS = {"application": "banking-buddy"}


def call(given: Any) -> dict[str, Any]:
    return put_settings.handler({"plan": given.as_json()}, None)


def test_a_bare_table_gets_all_back_in_a_few_looks_and_each_setting_once(aws: Any) -> None:
    dynamodb = aws.client("dynamodb")
    schema = {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    encrypted = {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}}
    wanted = wanted_dynamodb(store=dynamodb_store(), live=None, tags=TAGS, plan_id=PLAN_ID, drill=False)
    settings = wanted | {"stream": "NEW_IMAGE"}
    given = plan(Route.DYNAMODB_TO_A_MOMENT, settings)
    name = given.target.name
    dynamodb.create_table(TableName=name, **schema, **encrypted)

    answers = [call(given)]
    while not answers[-1]["settled"] and len(answers) < 10:
        answers.append(call(given))

    assert answers[-1]["settled"] is True
    assert all(each["equal"] for each in answers[-1]["state"])
    put_back = [each["what"] for answer in answers for each in answer["put_back"]]
    assert sorted(put_back) == ["deletion_protection", "point_in_time_days", "stream", "tags", "time_to_live"]
    after = dynamodb.describe_table(TableName=name)["Table"]
    assert after["DeletionProtectionEnabled"] is True
    assert after["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    assert dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["AttributeName"] == names.TIME_TO_LIVE
    assert call(given)["put_back"] == []


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Stubs:
    stubs = Stubs("rds", "ssm")
    monkeypatch.setattr(put_settings, "client", lambda service: stubs.clients[service])
    return stubs


MYSQL = plan(Route.MYSQL_TO_A_MOMENT, {"at_restore": {}, "after": {}, "tags": {}, "cannot": []})
REBOOT = {
    "DBInstanceIdentifier": MYSQL.target.name,
    "DBInstanceStatus": "available",
    "DBParameterGroups": [{"DBParameterGroupName": "mysql", "ParameterApplyStatus": "pending-reboot"}],
}


@pytest.mark.parametrize("uses", ["the old one", "none"])
def test_an_instance_is_rebooted_before_the_application_uses_it(clients: Stubs, uses: str) -> None:
    clients.of["rds"].add_response("describe_db_instances", {"DBInstances": [REBOOT]})
    asked = {"Name": names.endpoint(MYSQL.prefix, mysql_store().name)}
    if uses == "none":
        clients.of["ssm"].add_client_error("get_parameter", "ParameterNotFound", "", 400, expected_params=asked)
    else:
        clients.of["ssm"].add_response("get_parameter", {"Parameter": {"Value": '{"resource": "old"}'}}, asked)
    clients.of["rds"].add_response("reboot_db_instance", {}, {"DBInstanceIdentifier": MYSQL.target.name})
    with clients.expected():
        assert call(MYSQL)["settled"] is False


def test_an_instance_is_not_rebooted_once_the_application_uses_it(clients: Stubs) -> None:
    clients.of["rds"].add_response("describe_db_instances", {"DBInstances": [REBOOT]})
    value = f'{{"resource": "{MYSQL.target.name}"}}'
    clients.of["ssm"].add_response("get_parameter", {"Parameter": {"Value": value}})
    with clients.expected():
        assert call(MYSQL)["settled"] is True


@pytest.mark.parametrize(("code", "status"), [("Throttling", 400), ("InternalFailure", 500), ("ServiceUnavailable", 503)])
def test_what_passes_by_itself_is_tried_again(clients: Stubs, code: str, status: int) -> None:
    clients.of["rds"].add_client_error("describe_db_instances", code, "", status)
    with clients.expected(), pytest.raises(TryAgain, match=code):
        call(MYSQL)


def test_a_call_that_does_not_arrive_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(_service: str) -> Any:
        raise EndpointConnectionError(endpoint_url="https://rds")

    monkeypatch.setattr(put_settings, "client", unreachable)
    with pytest.raises(TryAgain, match="https://rds"):
        call(MYSQL)


def test_what_does_not_pass_is_said_as_it_is(clients: Stubs) -> None:
    clients.of["rds"].add_client_error("describe_db_instances", "DBInstanceNotFound", "", 404)
    with clients.expected(), pytest.raises(ClientError, match="DBInstanceNotFound"):
        call(MYSQL)


def test_half_a_plan_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "client", None)  # no client is made
    with pytest.raises(PlanError):
        put_settings.handler({"plan": {"format": 1}}, None)
