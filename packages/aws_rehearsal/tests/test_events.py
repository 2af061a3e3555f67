"""Events and notifications arrive, schedules fire on the virtual clock, and nothing passes in or out of a lost region."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import ACCOUNT, Cloud
from aws_rehearsal.events import delivery, outbox
from aws_rehearsal.events.payload import payload
from aws_rehearsal.gateway import refusal
from aws_rehearsal.service import Service
from aws_support import functions as support
from aws_support.roles import may_all
from aws_support.targets import open_queue, open_topic

PRIMARY, RECOVERY = "ap-southeast-1", "ap-southeast-2"
FUNCTION = f"arn:aws:lambda:{PRIMARY}:{ACCOUNT}:function:alarm"
FAILED = {"Source": "aws.backup", "DetailType": "Backup Job State Change", "Detail": json.dumps({"state": "FAILED"})}


class Functions(Service):
    """Lambda, reduced to remembering what it was asked to run."""

    name = "lambda"

    def __init__(self) -> None:
        self.invoked: list[tuple[str, str, Any]] = []

    def invoke(self, _region: str, **request: Any) -> dict[str, Any]:
        self.invoked.append((request["FunctionName"], request["InvocationType"], json.loads(request["Payload"])))
        return {"StatusCode": 202}


@pytest.fixture(autouse=True)
def _no_failures(module_cloud: Cloud) -> None:  # noqa: ARG001  delivery() is the running cloud's
    delivery().failures.clear()


@pytest.fixture
def functions(cloud: Cloud) -> Functions:
    """A function `alarm` that permits rules and topics to invoke it, and what it was asked to run in place of it."""
    functions = Functions()
    support.trust(cloud)
    support.create(cloud, "alarm", {"alarm.py": ""}, Handler="alarm.handler")
    for name in ("events", "sns"):
        cloud.client("lambda", PRIMARY).add_permission(
            FunctionName="alarm", StatementId=name, Action="lambda:InvokeFunction", Principal=f"{name}.amazonaws.com"
        )
    cloud.services["lambda"] = functions
    return functions


def queue(cloud: Cloud, name: str = "seen", region: str = PRIMARY) -> str:
    return open_queue(cloud, name, region)


def received(cloud: Cloud, name: str = "seen", region: str = PRIMARY) -> list[str]:
    settle(cloud)
    sqs = cloud.client("sqs", region)
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    texts = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            texts.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return texts


def settle(cloud: Cloud) -> None:
    """Until everything on its way has arrived."""
    cloud.clock.advance_to(cloud.clock.now() + timedelta(milliseconds=1))


def rule(cloud: Cloud, *targets: dict[str, Any], name: str = "failed-jobs", **settings: Any) -> Any:
    events = cloud.client("events", PRIMARY)
    settings = settings or {"EventPattern": json.dumps({"source": ["aws.backup"], "detail": {"state": ["FAILED"]}})}
    events.put_rule(Name=name, **settings)
    events.put_targets(Rule=name, Targets=[{"Id": str(number), **target} for number, target in enumerate(targets)])
    return events


def test_an_event_reaches_functions_queues_topics_and_state_machines_in_awss_shape(cloud: Cloud, functions: Functions) -> None:
    seen = queue(cloud)
    topic = open_topic(cloud, "alerts", PRIMARY)
    cloud.client("sns", PRIMARY).subscribe(TopicArn=topic, Protocol="email", Endpoint="oncall@bank.example")
    states = cloud.client("stepfunctions", PRIMARY)
    machine = states.create_state_machine(
        name="react",
        definition=json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": True}}}),
        roleArn=may_all(cloud, "react"),
    )["stateMachineArn"]
    role = may_all(cloud, "starter", trusted="events.amazonaws.com")
    events = rule(cloud, {"Arn": seen}, {"Arn": topic}, {"Arn": machine, "RoleArn": role}, {"Arn": FUNCTION})
    answer = events.put_events(Entries=[{**FAILED, "Resources": ["arn:aws:rds:x"], "Time": datetime(2026, 11, 2, tzinfo=UTC)}])
    (text,) = received(cloud)
    event = json.loads(text)
    assert event == {
        "version": "0",
        "id": answer["Entries"][0]["EventId"],
        "detail-type": "Backup Job State Change",
        "source": "aws.backup",
        "account": ACCOUNT,
        "time": "2026-11-02T00:00:00Z",
        "region": PRIMARY,
        "resources": ["arn:aws:rds:x"],
        "detail": {"state": "FAILED"},
    }
    assert functions.invoked == [(FUNCTION, "Event", event)]
    (mail,) = outbox(cloud, PRIMARY)
    assert json.loads(mail.message) == event
    (execution,) = states.list_executions(stateMachineArn=machine)["executions"]
    assert json.loads(states.describe_execution(executionArn=execution["executionArn"])["input"]) == event
    assert delivery().failures == []


def test_an_event_that_does_not_match_or_a_disabled_rule_delivers_nothing(cloud: Cloud) -> None:
    events = rule(cloud, {"Arn": queue(cloud)})
    events.put_events(Entries=[{**FAILED, "Detail": json.dumps({"state": "COMPLETED"})}])
    events.disable_rule(Name="failed-jobs")
    events.put_events(Entries=[FAILED])
    assert received(cloud) == []


def test_a_rule_with_only_a_schedule_gets_no_events(cloud: Cloud) -> None:
    events = rule(cloud, {"Arn": queue(cloud)}, name="nightly", ScheduleExpression="cron(0 2 * * ? *)")
    events.put_events(Entries=[FAILED])
    assert received(cloud) == []


EVENT = {
    "time": "2026-11-02T02:00:00Z",
    "detail-type": "Backup Job State Change",
    "resources": ["arn:1"],
    "detail": {"state": "FAILED", "bytes": 7, "reason": 'no "space"'},
}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"Input": '{"fixed": true}'}, '{"fixed": true}'),
        ({"InputPath": "$.detail.state"}, '"FAILED"'),
        ({"InputPath": "$.resources"}, '["arn:1"]'),
        ({"InputPath": "$.detail.missing"}, "null"),
        (
            {"InputTransformer": {"InputPathsMap": {"s": "$.detail.state"}, "InputTemplate": '"Job is <s> at <t>"'}},
            '"Job is FAILED at <t>"',
        ),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"r": "$.detail.reason", "b": "$.detail.bytes", "l": "$.resources", "k": "$.detail-type"},
                    "InputTemplate": '{"r": <r>, "quoted": "<r>", "b": <b>, "l": <l>, "k": <k>}',
                }
            },
            r"""{"r": "no \"space\"", "quoted": "no \"space\"", "b": 7, "l": ["arn:1"], "k": "Backup Job State Change"}""",
        ),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"m": "$.detail.none"},
                    "InputTemplate": '"<m>"\n"rule <aws.events.rule-name>"',
                }
            },
            '""\n"rule failed-jobs"',
        ),
    ],
)
def test_a_target_gets_what_its_input_asks_for(target: dict[str, Any], expected: str) -> None:
    assert payload(target, EVENT, rule_arn="arn:aws:events:r:a:rule/failed-jobs") == expected


def test_a_failed_delivery_is_remembered_and_goes_to_the_dead_letter_queue(cloud: Cloud) -> None:
    dead = queue(cloud, "dead")
    missing = f"arn:aws:sqs:{PRIMARY}:{ACCOUNT}:missing"
    events = rule(cloud, {"Arn": missing, "DeadLetterConfig": {"Arn": dead}, "Input": '"lost?"'})
    events.put_events(Entries=[FAILED])
    assert received(cloud, "dead") == ['"lost?"']
    (failure,) = delivery().failures
    assert failure.target == missing
    assert "NonExistentQueue" in failure.reason


def test_what_is_throttled_on_purpose_loses_no_event(cloud: Cloud) -> None:
    """AWS tries its own deliveries again for a day."""
    events = rule(cloud, {"Arn": queue(cloud), "Input": '"here"'})

    def refuse(_region: str, _service: str, operation: str) -> Any:
        return refusal("sqs", "ThrottlingException", "Rate exceeded", status=400) if operation == "SendMessage" else None

    cloud.gateway.interceptors.append(refuse)
    try:
        events.put_events(Entries=[FAILED])
        assert received(cloud) == ['"here"']
        assert not delivery().failures
    finally:
        cloud.gateway.interceptors.clear()


def test_nothing_is_delivered_into_a_lost_region(cloud: Cloud) -> None:
    there = queue(cloud, "there", RECOVERY)
    topic = open_topic(cloud, "alerts", PRIMARY)
    cloud.client("sns", PRIMARY).subscribe(TopicArn=topic, Protocol="sqs", Endpoint=there)
    events = rule(cloud, {"Arn": there}, {"Arn": topic})
    cloud.lose_region(RECOVERY)
    assert events.put_events(Entries=[FAILED])["FailedEntryCount"] == 0
    settle(cloud)
    assert {failure.source.split(":")[2] for failure in delivery().failures} == {"events", "sns"}
    assert not cloud.gateway.calls_after_loss


def test_a_rate_fires_on_the_virtual_clock_from_the_moment_the_rule_was_put(cloud: Cloud) -> None:
    put = cloud.clock.now().replace(microsecond=0)
    events = rule(cloud, {"Arn": queue(cloud)}, name="hourly", ScheduleExpression="rate(1 hour)")
    cloud.clock.advance_to(put + timedelta(hours=3, minutes=30))
    scheduled = [json.loads(text) for text in received(cloud)]
    assert len(scheduled) == 3
    arn = events.describe_rule(Name="hourly")["Arn"]
    assert {(event["source"], event["detail-type"], *event["resources"]) for event in scheduled} == {
        ("aws.events", "Scheduled Event", arn)
    }
    moments = sorted(datetime.fromisoformat(event["time"]) for event in scheduled)
    assert all(timedelta(0) <= moment - put - timedelta(hours=n) < timedelta(minutes=1) for n, moment in enumerate(moments, 1))


def test_a_cron_fires_at_its_times_and_the_clock_does_not_leap_to_it(cloud: Cloud) -> None:
    midnight = to_midnight(cloud)
    rule(cloud, {"Arn": queue(cloud)}, name="nightly", ScheduleExpression="cron(0 2,14 * * ? *)")
    assert received(cloud) == []
    cloud.clock.advance_to(midnight + timedelta(days=1, hours=3))
    times = sorted(datetime.fromisoformat(json.loads(text)["time"]) for text in received(cloud))
    assert times == [midnight + timedelta(hours=hours) for hours in (2, 14, 26)]


def to_midnight(cloud: Cloud) -> datetime:
    midnight = cloud.clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    cloud.clock.advance_to(midnight)
    return midnight


def test_a_changed_disabled_or_deleted_rule_is_planned_anew(cloud: Cloud) -> None:
    events = rule(cloud, {"Arn": queue(cloud)}, name="job", ScheduleExpression="rate(1 hour)")
    events.put_rule(Name="job", ScheduleExpression="rate(1 day)")
    advance(cloud, hours=12)
    assert received(cloud) == []
    advance(cloud, hours=13)
    assert len(received(cloud)) == 1
    events.disable_rule(Name="job")
    advance(cloud, days=3)
    assert received(cloud) == []
    events.enable_rule(Name="job")
    advance(cloud, hours=25)
    assert len(received(cloud)) == 1
    events.remove_targets(Rule="job", Ids=["0"])
    events.delete_rule(Name="job")
    advance(cloud, days=3)
    assert received(cloud) == []


def advance(cloud: Cloud, **delta: float) -> None:
    cloud.clock.advance_to(cloud.clock.now() + timedelta(**delta))


@pytest.mark.parametrize("expression", ["rate(1 hours)", "rate(2 hour)", "rate(0 hours)", "cron(0 2 * * *)"])
def test_an_expression_that_aws_would_not_take_is_refused_and_not_stored(cloud: Cloud, expression: str) -> None:
    with pytest.raises(ClientError, match="ScheduleExpression is not valid"):
        rule(cloud, name="wrong", ScheduleExpression=expression)
    assert cloud.client("events", PRIMARY).list_rules()["Rules"] == []


def test_the_schedules_of_a_lost_region_stop(cloud: Cloud) -> None:
    there = queue(cloud, "there", RECOVERY)
    rule(cloud, {"Arn": there}, name="hourly", ScheduleExpression="rate(1 hour)")
    cloud.lose_region(PRIMARY)
    advance(cloud, hours=5)
    assert received(cloud, "there", RECOVERY) == []
    assert not cloud.gateway.calls_after_loss


def test_mail_is_written_down_with_its_virtual_time_and_outlives_its_region(cloud: Cloud) -> None:
    sns = cloud.client("sns", PRIMARY)
    topic = sns.create_topic(Name="mailed")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="oncall@bank.example")
    moment = to_midnight(cloud)
    sns.publish(TopicArn=topic, Subject="Backup failed", Message="crm: FAILED")
    cloud.lose_region(PRIMARY)
    (mail,) = (mail for mail in outbox(cloud, PRIMARY) if mail.topic == topic)
    assert (mail.topic, mail.endpoint, mail.subject, mail.message) == (
        topic,
        "oncall@bank.example",
        "Backup failed",
        "crm: FAILED",
    )
    assert timedelta(0) <= mail.moment - moment < timedelta(minutes=1)
    assert outbox(cloud, RECOVERY) == []


def test_a_notification_reaches_functions_and_queues_through_their_filters(cloud: Cloud, functions: Functions) -> None:
    sns = cloud.client("sns", PRIMARY)
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="lambda",
        Endpoint=FUNCTION,
        Attributes={"FilterPolicy": json.dumps({"severity": ["high"]})},
    )
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue(cloud))
    for severity in ("low", "high"):
        attributes = {"severity": {"DataType": "String", "StringValue": severity}}
        sns.publish(TopicArn=topic, Subject="Alarm", Message=severity, MessageAttributes=attributes)
    assert sorted(json.loads(text)["Message"] for text in received(cloud)) == ["high", "low"]
    ((_, kind, event),) = functions.invoked
    (record,) = event["Records"]
    assert (kind, record["EventSource"]) == ("Event", "aws:sns")
    assert (record["Sns"]["TopicArn"], record["Sns"]["Subject"], record["Sns"]["Message"]) == (topic, "Alarm", "high")
