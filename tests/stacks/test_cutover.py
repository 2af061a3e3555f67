"""The failover records and their health checks, evaluated as Route 53 does, against the written truth table; both ways round."""

from __future__ import annotations

import json
from typing import Any

import pytest

from strategy.catalogue import names
from tests.cutover import TABLE, Row
from tests.stacks.assembly import Assembly


class Route53:
    """What customers are answered, from the deployed configuration and what CloudWatch has of each region's metric."""

    def __init__(self, assembly: Assembly) -> None:
        regions = assembly.strategy.regions
        self.home = names.home(regions.primary, regions.recovery)
        self.other = regions.other(self.home)
        self._assembly = assembly
        self.resources = assembly.template("cutover", self.home)["Resources"]

    def answer(self, row: Row) -> str:
        records = {
            each["Properties"]["Failover"]: each["Properties"]
            for each in self.resources.values()
            if each["Type"] == "AWS::Route53::RecordSet"
        }
        assert records.keys() == {"PRIMARY", "SECONDARY"}
        check = records["PRIMARY"]["HealthCheckId"]["Ref"]
        chosen = records["PRIMARY" if self._healthy(check, row) else "SECONDARY"]
        (target,) = chosen["ResourceRecords"]
        return str(target)

    def _healthy(self, check: str, row: Row) -> bool:
        config = self.resources[check]["Properties"]["HealthCheckConfig"]
        assert not config.get("Inverted")
        assert not config.get("Disabled"), "a disabled check counts as healthy"
        if config["Type"] == "CALCULATED":
            children = [self._healthy(child["Ref"], row) for child in config["ChildHealthChecks"]]
            return sum(children) >= int(config["HealthThreshold"])
        assert config["Type"] == "CLOUDWATCH_METRIC"
        watched = config["AlarmIdentifier"]["Region"]
        alarm = self.alarm(watched)
        assert config["AlarmIdentifier"]["Name"] == alarm["AlarmName"]
        metric = row.home if watched == self.home else row.other
        if metric is not None:
            return not _in_alarm(alarm, metric)
        match config["InsufficientDataHealthStatus"]:
            case "LastKnownStatus":
                before = row.before if watched == self.other else None
                return before is None or not _in_alarm(alarm, before)  # without any, Route 53 takes it as healthy
            case status:
                return bool(status == "Healthy")

    def alarm(self, region: str) -> dict[str, Any]:
        alarm: dict[str, Any]
        (alarm,) = [
            each["Properties"]
            for _, each in self._assembly.resources("AWS::CloudWatch::Alarm", region=region, kind="dr")
            if each["Properties"]["AlarmName"] == names.switch_alarm(self._assembly.strategy.prefix)
        ]
        return alarm


def _in_alarm(alarm: dict[str, Any], value: float) -> bool:
    match alarm["ComparisonOperator"]:
        case "GreaterThanOrEqualToThreshold":
            return bool(value >= alarm["Threshold"])
        case "LessThanThreshold":
            return bool(value < alarm["Threshold"])
    raise AssertionError(alarm["ComparisonOperator"])


@pytest.mark.proves("region-loss.traffic-switch")
@pytest.mark.parametrize("row", TABLE, ids=[row.why for row in TABLE])
@pytest.mark.parametrize("swapped_roles", [False, True], ids=["there", "back"])
def test_customers_reach_what_the_table_says(assembly: Assembly, swapped: Assembly, row: Row, swapped_roles: bool) -> None:
    route53 = Route53(swapped if swapped_roles else assembly)
    region = route53.home if row.serves == "home" else route53.other
    assert route53.answer(row) == f"{region}.{assembly.strategy.dns.name}"  # type: ignore[union-attr]  # dev has one


@pytest.mark.proves("region-loss.traffic-switch")
def test_a_swap_of_roles_rewrites_no_record(assembly: Assembly, swapped: Assembly) -> None:
    assert Route53(assembly).resources == Route53(swapped).resources


def test_an_alarm_is_what_route_53_can_read(assembly: Assembly) -> None:
    """One metric of standard resolution, no mathematics, no M of N."""
    for region in (assembly.strategy.regions.primary, assembly.strategy.regions.recovery):
        alarm = Route53(assembly).alarm(region)
        assert alarm["MetricName"] == names.SWITCH_METRIC
        assert alarm["Period"] == 60
        assert alarm["EvaluationPeriods"] == 1
        assert not {"Metrics", "DatapointsToAlarm", "ExtendedStatistic"} & alarm.keys()


def test_no_record_points_at_a_name_that_somebody_could_claim(environments: dict[str, Assembly]) -> None:
    for assembly in environments.values():
        assert "elasticbeanstalk.com" not in json.dumps(assembly.templates())
        aliases = [
            each["Properties"]["AliasTarget"]["DNSName"]
            for _, each in assembly.resources("AWS::Route53::RecordSet")
            if "AliasTarget" in each["Properties"]
        ]
        assert len(aliases) == 2
        for alias in aliases:
            assert alias["Fn::GetAtt"][1] == "DNSName"


@pytest.mark.proves("region-loss.configuration", "region-loss.traffic-switch")
def test_no_function_may_change_a_record(assembly: Assembly) -> None:
    assert '"route53:' not in json.dumps(assembly.templates())
