"""The monitor and its alarms as they are deployed: the table's, all of them, asked as the strategy says, by a role that reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from strategy.catalogue import names
from strategy.catalogue.alarm_table import table
from strategy.contracts.requests.monitor import request_for
from tests.stacks.assembly import Assembly

_WRITES = {"cloudwatch:PutMetricData", "logs:CreateLogStream", "logs:PutLogEvents"}
ENVIRONMENTS = ("dev", "staging", "prod")


def resources(assembly: Assembly, region: str, kind: str) -> list[dict[str, Any]]:
    return [each for each in assembly.template("monitoring", region)["Resources"].values() if each["Type"] == kind]


@pytest.mark.proves("monitoring.restore-test-failures")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_alarm_of_the_table_is_deployed_and_no_other(environments: dict[str, Assembly], environment: str) -> None:
    assembly = environments[environment]
    for region in (assembly.strategy.regions.primary, assembly.strategy.regions.recovery):
        found = {each["Properties"]["AlarmName"]: each for each in resources(assembly, region, "AWS::CloudWatch::Alarm")}
        expected = {each.name: each for each in table(assembly.strategy, region)}
        assert found.keys() == expected.keys()
        for name, alarm in expected.items():
            properties = found[name]["Properties"]
            assert properties["AlarmDescription"] == str(alarm.said)
            assert properties["Threshold"] == alarm.threshold
            assert properties["ComparisonOperator"] == alarm.comparison
            assert properties["TreatMissingData"] == alarm.missing
            read = (
                [each["MetricStat"]["Metric"] for each in properties["Metrics"] if "MetricStat" in each]
                if "Metrics" in properties
                else [properties]
            )
            keys = [
                (each["Namespace"], each["MetricName"], frozenset((one["Name"], one["Value"]) for one in each["Dimensions"]))
                for each in read
            ]
            assert keys == [each.key for each in alarm.metrics], name


@pytest.mark.proves("monitoring.silent-monitor")
def test_an_alarm_on_silence_is_made_after_the_first_beat(assembly: Assembly, primary: str, recovery: str) -> None:
    for region in (primary, recovery):
        template = assembly.template("monitoring", region)["Resources"]
        (beat,) = [name for name, each in template.items() if each["Type"] == "Custom::FirstBeat"]
        silent = [each for each in template.values() if each.get("Properties", {}).get("TreatMissingData") == "breaching"]
        assert len(silent) == 2
        assert all(beat in each["DependsOn"] for each in silent)


def test_the_monitor_is_asked_each_quarter_of_an_hour_what_the_strategy_promises(
    environments: dict[str, Assembly],
) -> None:
    for assembly in environments.values():
        for region in (assembly.strategy.regions.primary, assembly.strategy.regions.recovery):
            rules = [each["Properties"] for each in resources(assembly, region, "AWS::Events::Rule")]
            (rule,) = [each for each in rules if each.get("ScheduleExpression") == "rate(15 minutes)"]
            (target,) = rule["Targets"]
            asked = request_for(assembly.strategy, region).to_json()
            assert json.loads(target["Input"]) == asked, "nothing is lost on the way: CDK leaves out nulls"
            assert assembly.strategy.regions.other(region) not in target["Input"]
            assert len(target["Input"]) < 8192, "EventBridge takes no longer input"


def test_the_monitor_reads_and_writes_nothing_but_its_own_metrics(environments: dict[str, Assembly]) -> None:
    for assembly in environments.values():
        for region in (assembly.strategy.regions.primary, assembly.strategy.regions.recovery):
            template = assembly.template("monitoring", region)["Resources"]
            name = names.function(assembly.strategy.prefix, names.MONITOR)
            (role,) = (
                each["Properties"]["Role"]["Fn::GetAtt"][0]
                for each in template.values()
                if each["Type"] == "AWS::Lambda::Function" and each["Properties"]["FunctionName"] == name
            )
            statements = [
                statement
                for each in template.values()
                if each["Type"] == "AWS::IAM::Policy" and {"Ref": role} in each["Properties"]["Roles"]
                for statement in each["Properties"]["PolicyDocument"]["Statement"]
            ]
            actions = {
                action
                for each in statements
                for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
            }
            assert "backup:GetBackupVaultAccessPolicy" in actions
            verbs = {action: action.partition(":")[2] for action in actions - _WRITES}
            assert [action for action, verb in verbs.items() if not verb.startswith(("Describe", "Get", "List"))] == []
            (puts,) = (each for each in statements if "cloudwatch:PutMetricData" in each["Action"])
            assert puts["Condition"] == {
                "StringEquals": {"cloudwatch:namespace": names.monitor_namespace(assembly.strategy.prefix)}
            }
