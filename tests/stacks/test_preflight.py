"""The daily pre-flight: asked of the recovery region alone, with the strategy's questions, by a role that only reads."""

from __future__ import annotations

import json

import pytest

from strategy.catalogue import names
from strategy.contracts.preflight import SCHEDULE
from strategy.contracts.requests.preflight import request_for
from tests.stacks.assembly import Assembly

_WRITES = {"s3:PutObject", "logs:CreateLogStream", "logs:PutLogEvents"}
"""A record in one folder, and its own log."""


@pytest.mark.proves("region-loss.preflight")
def test_it_is_asked_every_day_in_the_recovery_region_only(assembly: Assembly, primary: str, recovery: str) -> None:
    for region, expected in ((primary, 0), (recovery, 1)):
        resources = assembly.template("dr", region)["Resources"].values()
        name = names.function(assembly.strategy.prefix, "preflight")
        assert any(each["Type"] == "AWS::Lambda::Function" and each["Properties"]["FunctionName"] == name for each in resources)
        rules = [each["Properties"] for each in resources if each["Type"] == "AWS::Events::Rule"]
        mine = [each for each in rules if each.get("ScheduleExpression") == SCHEDULE]
        assert len(mine) == expected
        for rule in mine:
            (target,) = rule["Targets"]
            assert json.loads(target["Input"]) == request_for(assembly.strategy, region).to_json()


def test_its_role_reads_and_writes_nothing_but_its_record(environments: dict[str, Assembly]) -> None:
    for assembly in environments.values():
        region = assembly.strategy.regions.recovery
        resources = assembly.template("dr", region)["Resources"]
        name = names.function(assembly.strategy.prefix, "preflight")
        (role,) = (
            each["Properties"]["Role"]["Fn::GetAtt"][0]
            for each in resources.values()
            if each["Type"] == "AWS::Lambda::Function" and each["Properties"]["FunctionName"] == name
        )
        statements = [
            statement
            for each in resources.values()
            if each["Type"] == "AWS::IAM::Policy" and {"Ref": role} in each["Properties"]["Roles"]
            for statement in each["Properties"]["PolicyDocument"]["Statement"]
        ]
        actions = {
            action for each in statements for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
        }
        assert "backup:ListRecoveryPointsByBackupVault" in actions
        verbs = {action: action.partition(":")[2] for action in actions - _WRITES}
        assert [action for action, verb in verbs.items() if not verb.startswith(("Describe", "Get", "List"))] == []
        (record,) = (each["Resource"] for each in statements if "s3:PutObject" in each["Action"])
        assert record.endswith(f"/{names.PREFLIGHTS}/*")
        assert "secretsmanager:GetSecretValue" not in actions
