"""The heartbeat: each minute in both regions, by roles that may write a heartbeat and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from strategy.catalogue import names
from strategy.contracts.requests.heartbeat import request_for
from tests.stacks.assembly import Assembly


def statements(assembly: Assembly, region: str, function: str) -> list[dict[str, Any]]:
    resources = assembly.template("dr", region)["Resources"]
    name = names.function(assembly.strategy.prefix, function)
    (role,) = (
        each["Properties"]["Role"]["Fn::GetAtt"][0]
        for each in resources.values()
        if each["Type"] == "AWS::Lambda::Function" and each["Properties"]["FunctionName"] == name
    )
    return [
        statement
        for each in resources.values()
        if each["Type"] == "AWS::IAM::Policy" and {"Ref": role} in each["Properties"]["Roles"]
        for statement in each["Properties"]["PolicyDocument"]["Statement"]
    ]


@pytest.mark.proves("verification.heartbeat")
def test_it_is_due_each_minute_in_both_regions(assembly: Assembly, primary: str, recovery: str) -> None:
    for region in (primary, recovery):
        event = json.dumps(request_for(assembly.strategy, region).to_json())
        rules = [
            each["Properties"]
            for each in assembly.template("dr", region)["Resources"].values()
            if each["Type"] == "AWS::Events::Rule"
        ]
        (rule,) = (
            each
            for each in rules
            if any(json.loads(target.get("Input", "null")) == json.loads(event) for target in each["Targets"])
        )
        assert rule["ScheduleExpression"] == "rate(1 minute)"
        assert {store["name"] for store in json.loads(event)["stores"]} == {store.name for store in assembly.strategy.stores}


def test_it_may_write_a_heartbeat_and_nothing_else(environments: dict[str, Assembly], primary: str, recovery: str) -> None:
    for assembly in environments.values():
        for region in (primary, recovery):
            writes = [each for each in statements(assembly, region, "write-heartbeats") if each["Action"] == "dynamodb:PutItem"]
            for each in writes:
                keys = each["Condition"]["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"]
                assert keys == [names.HEARTBEAT_KEY, names.HEARTBEAT_NUMBER]
                assert each["Condition"]["Null"] == {"dynamodb:LeadingKeys": "false"}, "a request without keys is no heartbeat"
            assert writes
            (connects,) = (
                each for each in statements(assembly, region, "heartbeat-mysql") if "rds-db:connect" in json.dumps(each["Action"])
            )
            assert connects["Resource"].endswith(f"dbuser:*/{names.HEARTBEAT_USER}")


def test_a_store_of_somebody_elses_has_one_where_it_stands(
    environments: dict[str, Assembly], primary: str, recovery: str
) -> None:
    strategy = environments["prod"].strategy
    arn = f"arn:aws:dynamodb:{primary}:{strategy.account}:table/TheirAuditLogs"
    stores = tuple(
        store.model_copy(update={"source": "existing", "arn": arn}) if store.kind == "dynamodb" else store
        for store in strategy.stores
    )
    theirs = strategy.model_copy(update={"stores": stores})
    (here,) = (each for each in request_for(theirs, primary).stores if each.kind == "dynamodb")
    (there,) = (each for each in request_for(theirs, recovery).stores if each.kind == "dynamodb")
    assert here.existing == "TheirAuditLogs"
    assert "existing" not in there.to_json(), "it begins there with the endpoint that a recovery writes"
