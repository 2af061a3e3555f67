"""What notices: the events that reach the topic, and those that do not."""

from __future__ import annotations

import json

import pytest
from moto.events.models import EventPattern

from monitoring_stack.digest import SCHEDULE
from strategy.catalogue import dashboard
from strategy.catalogue import names as naming
from strategy.contracts.requests.digest import request_for
from tests.stacks.assembly import Assembly


@pytest.fixture(params=["primary", "recovery"])
def patterns(request: pytest.FixtureRequest, assembly: Assembly) -> list[EventPattern]:
    return _patterns(assembly, request.getfixturevalue(request.param))


def _patterns(assembly: Assembly, region: str) -> list[EventPattern]:
    found = assembly.template("monitoring", region)["Resources"].values()
    rules = [each["Properties"] for each in found if each["Type"] == "AWS::Events::Rule"]
    return [EventPattern.load(json.dumps(each["EventPattern"])) for each in rules if "EventPattern" in each]


@pytest.mark.proves("monitoring.failed-jobs")
@pytest.mark.parametrize(
    ("kind", "detail", "told"),
    [
        ("Backup Job State Change", {"state": "FAILED"}, True),
        ("Backup Job State Change", {"state": "EXPIRED"}, True),
        ("Backup Job State Change", {"state": "COMPLETED"}, False),
        ("Backup Job State Change", {"state": "COMPLETED", "statusMessage": "part was left out"}, True),
        ("Backup Job State Change", {"state": "COMPLETED", "statusMessage": ""}, False),
        ("Backup Job State Change", {"state": "RUNNING", "statusMessage": "under way"}, False),
        ("Copy Job State Change", {"state": "FAILED"}, True),
        ("Copy Job State Change", {"state": "RUNNING"}, False),
        ("Restore Job State Change", {"status": "FAILED"}, True),
        ("Restore Job State Change", {"status": "ABORTED"}, True),
        ("Restore Job State Change", {"status": "COMPLETED"}, False),
        ("Recovery Point State Change", {"status": "FAILED"}, False),
    ],
)
def test_jobs_that_end_badly_are_told(patterns: list[EventPattern], kind: str, detail: dict[str, str], told: bool) -> None:
    event = {"source": "aws.backup", "detail-type": kind, "detail": detail}
    # By one rule, not by two: a person is told of a job once.
    assert sum(pattern.matches_event(event) for pattern in patterns) == told


@pytest.mark.proves("monitoring.failed-jobs")
def test_others_events_are_not_told(patterns: list[EventPattern]) -> None:
    event = {"source": "aws.rds", "detail-type": "Backup Job State Change", "detail": {"state": "FAILED"}}
    assert not any(pattern.matches_event(event) for pattern in patterns)


@pytest.mark.proves("monitoring.incidents")
@pytest.mark.parametrize(
    ("alarm", "state", "told"),
    [
        ("{prefix}-freshness-mysql", "ALARM", True),
        ("{prefix}-freshness-mysql", "OK", True),
        ("{prefix}-freshness-mysql", "INSUFFICIENT_DATA", False),
        ("{prefix}-switch", "ALARM", False),
        ("another-freshness-mysql", "ALARM", False),
    ],
)
def test_alarms_of_this_environment_are_told(assembly: Assembly, alarm: str, state: str, told: bool) -> None:
    strategy = assembly.strategy
    name = alarm.format(prefix=strategy.prefix)
    for region in (strategy.regions.primary, strategy.regions.recovery):
        event = {
            "source": "aws.cloudwatch",
            "detail-type": "CloudWatch Alarm State Change",
            "resources": [f"arn:aws:cloudwatch:{region}:{strategy.account}:alarm:{name}"],
            "detail": {"alarmName": name, "state": {"value": state}},
        }
        assert sum(pattern.matches_event(event) for pattern in _patterns(assembly, region)) == told


@pytest.mark.proves("monitoring.raw-messages")
def test_what_cannot_be_said_in_words_reaches_the_topic_all_the_same(assembly: Assembly, primary: str) -> None:
    resources = assembly.template("monitoring", primary)["Resources"]
    (topic,) = (name for name, each in resources.items() if each["Type"] == "AWS::SNS::Topic")
    settings = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::Lambda::EventInvokeConfig"]
    (unsaid,) = (each for each in settings if "Speaking" in each["FunctionName"]["Ref"])
    assert {each["DestinationConfig"]["OnFailure"]["Destination"]["Ref"] for each in settings} == {topic}
    assert unsaid["DestinationConfig"]["OnFailure"]["Destination"] == {"Ref": topic}
    rules = [each for each in resources.values() if each["Type"] == "AWS::Events::Rule" and "EventPattern" in each["Properties"]]
    called = {json.dumps(target["Arn"]) for each in rules for target in each["Properties"]["Targets"]}
    assert called == {json.dumps({"Fn::GetAtt": [unsaid["FunctionName"]["Ref"], "Arn"]})}


@pytest.mark.proves("monitoring.topic-encryption")
def test_the_topic_refuses_plain_http_and_is_encrypted(assembly: Assembly) -> None:
    topics = list(assembly.resources("AWS::SNS::Topic"))
    assert len(topics) == 2
    assert all("KmsMasterKeyId" in topic["Properties"] for _, topic in topics)
    for _, policy in assembly.resources("AWS::SNS::TopicPolicy"):
        denied = [each for each in policy["Properties"]["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
        assert [each["Condition"] for each in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]


@pytest.mark.proves("monitoring.topic-encryption")
def test_whoever_publishes_may_use_the_key(assembly: Assembly, primary: str) -> None:
    template = assembly.template("monitoring", primary)
    (key,) = [each for each in template["Resources"].values() if each["Type"] == "AWS::KMS::Key"]
    allowed = json.dumps(key["Properties"]["KeyPolicy"])
    for publisher in ("events", "backup", "cloudwatch"):
        assert f"{publisher}.amazonaws.com" in allowed


@pytest.mark.proves("monitoring.digest")
def test_both_regions_send_their_digest_each_day_and_only_read(assembly: Assembly) -> None:
    strategy = assembly.strategy
    for region in (strategy.regions.primary, strategy.regions.recovery):
        resources = assembly.template("monitoring", region)["Resources"]
        functions = {name: each["Properties"] for name, each in resources.items() if each["Type"] == "AWS::Lambda::Function"}
        (digest,) = (
            name for name, each in functions.items() if each["FunctionName"] == naming.function(strategy.prefix, "digest")
        )
        rules = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::Events::Rule"]
        (rule,) = (each for each in rules if each["Targets"][0]["Arn"] == {"Fn::GetAtt": [digest, "Arn"]})
        assert rule["ScheduleExpression"] == SCHEDULE
        assert json.loads(rule["Targets"][0]["Input"]) == request_for(strategy, region).to_json()
        role = functions[digest]["Role"]["Fn::GetAtt"][0]
        policies = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::IAM::Policy"]
        actions = {
            action
            for policy in policies
            if {"Ref": role} in policy["Roles"]
            for statement in policy["PolicyDocument"]["Statement"]
            for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
        }
        reading = ("backup:List", "cloudwatch:Describe", "cloudwatch:Get", "s3:Get", "s3:List", "logs:")
        assert {each for each in actions if not each.startswith(reading)} == {"sns:Publish"}


@pytest.mark.proves("monitoring.dashboard")
def test_each_region_has_its_dashboard_and_cloudwatch_shows_the_body_of_the_local_page(environments: dict[str, Assembly]) -> None:
    for assembly in environments.values():
        strategy = assembly.strategy
        names = set()
        for region in (strategy.regions.primary, strategy.regions.recovery):
            resources = assembly.template("monitoring", region)["Resources"].values()
            (made,) = (each["Properties"] for each in resources if each["Type"] == "AWS::CloudWatch::Dashboard")
            assert made["DashboardBody"] == dashboard.text(strategy, region)
            names.add(made["DashboardName"])
        assert len(names) == 2, "dashboards are of an account: one name in two regions would be one dashboard"
