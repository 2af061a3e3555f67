"""The calendar is kept by the clock, in both regions, by a role that reads and leaves its record."""

from __future__ import annotations

import json

import pytest

from strategy.catalogue import names
from strategy.catalogue.calendar import CALENDAR, CALENDAR_SCHEDULE, DUTIES, FUNCTION
from strategy.contracts.calendar import JobReviewRequest
from strategy.contracts.requests.calendar import request_for
from tests.stacks.assembly import Assembly


@pytest.mark.proves("calendar.monthly-storage-and-cost", "calendar.weekly-jobs")
def test_every_duty_of_the_clock_is_done_in_both_regions(environments: dict[str, Assembly]) -> None:
    clock = {each.name: each.schedule for each in DUTIES if each.schedule} | {CALENDAR: CALENDAR_SCHEDULE}
    for assembly in environments.values():
        for region in (assembly.strategy.regions.primary, assembly.strategy.regions.recovery):
            resources = assembly.template("backup", region)["Resources"]
            (function,) = (
                name
                for name, each in resources.items()
                if each["Type"] == "AWS::Lambda::Function"
                and each["Properties"]["FunctionName"] == names.function(assembly.strategy.prefix, FUNCTION)
            )
            found = {}
            for each in resources.values():
                if each["Type"] == "AWS::Events::Rule":
                    for target in each["Properties"]["Targets"]:
                        if target["Arn"] == {"Fn::GetAtt": [function, "Arn"]}:
                            asked = json.loads(target["Input"])
                            assert asked == request_for(assembly.strategy, region, asked["duty"]).to_json()
                            found[asked["duty"]] = each["Properties"]["ScheduleExpression"]
            assert found == clock


def test_only_the_primary_misses_backups(assembly: Assembly, primary: str, recovery: str) -> None:
    asked = [request_for(assembly.strategy, region, "job-review") for region in (primary, recovery)]
    assert [isinstance(each, JobReviewRequest) and each.backs_up for each in asked] == [True, False]


def test_its_role_reads_and_writes_nothing_but_its_record(assembly: Assembly, primary: str) -> None:
    resources = assembly.template("backup", primary)["Resources"]
    (role,) = (
        each["Properties"]["Role"]["Fn::GetAtt"][0]
        for each in resources.values()
        if each["Type"] == "AWS::Lambda::Function"
        and each["Properties"]["FunctionName"] == names.function(assembly.strategy.prefix, FUNCTION)
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
    reading = ("backup:List", "ce:Get", "s3:Get", "s3:List", "logs:")
    assert {each for each in actions if not each.startswith(reading)} == {"s3:PutObject"}
    (writing,) = (each["Resource"] for each in statements if "s3:PutObject" in each["Action"])
    assert str(writing).endswith(f"/{names.DUTIES}/*")
