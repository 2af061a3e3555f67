"""The function that speaks, as it is bundled, behind the embedded EventBridge: what reaches a mailbox, and how often."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aws_rehearsal import ACCOUNT, Cloud, Mail, outbox
from aws_support.backup_bench import HERE, make_vaults
from aws_support.roles import may_all
from strategy.catalogue.alarm_text import Said
from strategy.catalogue.severity import Severity

BUNDLE = Path(__file__).parents[2] / "build" / "functions"
FUNCTION, ALARM = "bank-speak", "bank-freshness-mysql"
SAID = Said(Severity.PAGE, "the newest backup of mysql is too old", "at most 720 minutes", "python -m recovery status --env dev")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud")) as cloud:
        cloud.monitored = True  # silence is judged too
        yield cloud


@pytest.fixture(scope="module")
def topic(cloud: Cloud) -> str:
    """A topic with a mailbox, the function of the bundle, and the rules of the monitoring stack by hand."""
    sns, functions, events = (cloud.client(name, HERE) for name in ("sns", "lambda", "events"))
    topic = str(sns.create_topic(Name="bank-alerts")["TopicArn"])
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ana@bank.example")
    may_all(cloud, "function", trusted="backup.amazonaws.com")
    made = functions.create_function(
        FunctionName=FUNCTION,
        Runtime="python3.14",
        Role=f"arn:aws:iam::{ACCOUNT}:role/function",
        Handler="recovery.handlers.notify.handler",
        Timeout=30,
        Code={"ZipFile": _zipped(BUNDLE)},
        Environment={"Variables": {"ENVIRONMENT": "dev", "PREFIX": "bank", "TOPIC": topic}},
    )
    functions.add_permission(
        FunctionName=FUNCTION, StatementId="rules", Action="lambda:InvokeFunction", Principal="events.amazonaws.com"
    )
    make_vaults(cloud)
    functions.put_function_event_invoke_config(FunctionName=FUNCTION, DestinationConfig={"OnFailure": {"Destination": topic}})
    for name, pattern in (
        ("alarms", {"source": ["aws.cloudwatch"], "detail": {"alarmName": [{"prefix": "bank-"}]}}),
        ("jobs", {"source": ["aws.backup"], "detail": {"state": ["FAILED"]}}),
    ):
        events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=name, Targets=[{"Id": "speak", "Arn": made["FunctionArn"]}])
    return topic


def _zipped(folder: Path) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in ("recovery", "strategy"):
            for file in sorted((folder / name).rglob("*.py")):
                archive.write(file, file.relative_to(folder))
    return content.getvalue()


def put(cloud: Cloud, value: float) -> None:
    data: list[Any] = [{"MetricName": "AgeMinutes", "Value": value}]
    cloud.client("cloudwatch", HERE).put_metric_data(Namespace="bank/monitor", MetricData=data)


def alarm(cloud: Cloud, missing: str) -> None:
    cloud.client("cloudwatch", HERE).put_metric_alarm(
        AlarmName=ALARM,
        AlarmDescription=str(SAID),
        Namespace="bank/monitor",
        MetricName="AgeMinutes",
        Statistic="Maximum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=720,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData=missing,
    )


def wait(cloud: Cloud, minutes: float) -> None:
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=minutes))


def mails(cloud: Cloud, topic: str) -> list[Mail]:
    return [each for each in outbox(cloud, HERE) if each.topic == topic]


@pytest.mark.proves("monitoring.incidents")
def test_an_incident_is_told_once_and_once_when_it_clears(cloud: Cloud, topic: str) -> None:
    before = len(mails(cloud, topic))
    alarm(cloud, "missing")
    for value in (10, 806, 900, 950):
        put(cloud, value)
        wait(cloud, 5)
    wait(cloud, 60)  # without data: INSUFFICIENT_DATA, which is no end
    state = cloud.client("cloudwatch", HERE).describe_alarms(AlarmNames=[ALARM])["MetricAlarms"][0]["StateValue"]
    assert state == "INSUFFICIENT_DATA"
    for value in (990, 20):
        put(cloud, value)
        wait(cloud, 5)
    began, cleared = mails(cloud, topic)[before:]
    assert began.subject == f"PAGE NOW: the newest backup of mysql is too old [dev, {HERE}]"
    assert "Seen      806" in began.message
    assert SAID.command in began.message
    assert str(cleared.subject).startswith("CLEARED after 1h ")
    assert "This incident is over." in cleared.message


@pytest.mark.proves("monitoring.failed-jobs")
def test_a_job_that_failed_is_told_at_once(cloud: Cloud, topic: str) -> None:
    before = len(mails(cloud, topic))
    detail = {"backupJobId": "j-1", "state": "FAILED", "statusMessage": "no access", "resourceArn": "arn:aws:rds:x:1:db:bank"}
    cloud.client("events", HERE).put_events(
        Entries=[{"Source": "aws.backup", "DetailType": "Backup Job State Change", "Detail": json.dumps(detail)}]
    )
    wait(cloud, 1)
    (mail,) = mails(cloud, topic)[before:]
    assert mail.subject == f"LOOK TODAY: the backup job of bank ended FAILED [dev, {HERE}]"
    assert "FAILED: no access" in mail.message


def counting(cloud: Cloud) -> None:
    """The alarm of the table on AWS Backup's own count of backup jobs that failed."""
    named = [{"Name": "BackupVaultName", "Value": "vault"}]
    metric = {"Namespace": "AWS/Backup", "MetricName": "NumberOfBackupJobsFailed", "Dimensions": named}
    cloud.client("cloudwatch", HERE).put_metric_alarm(
        AlarmName="bank-backup-failed",
        AlarmDescription=str(Said(Severity.PAGE, "backup jobs failed", "0 jobs", "aws backup list-backup-jobs")),
        Metrics=[
            {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"}, "ReturnData": False},
            {"Id": "total", "Expression": "SUM([FILL(m1, 0)])", "ReturnData": True},
        ],
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )


@pytest.mark.proves("monitoring.failed-jobs")
@pytest.mark.parametrize("event_arrives", [True, False])
def test_a_job_that_failed_is_told_once_and_also_when_its_event_is_lost(cloud: Cloud, topic: str, event_arrives: bool) -> None:
    wait(cloud, 60)  # apart from what was told before
    events = cloud.client("events", HERE)
    events.enable_rule(Name="jobs") if event_arrives else events.disable_rule(Name="jobs")
    before = len(mails(cloud, topic))
    counting(cloud)
    job = cloud.client("backup", HERE).start_backup_job(
        BackupVaultName="vault",
        ResourceArn=f"arn:aws:dynamodb:{HERE}:{ACCOUNT}:table/gone",
        IamRoleArn=f"arn:aws:iam::{ACCOUNT}:role/function",
    )["BackupJobId"]
    wait(cloud, 4)
    assert cloud.client("backup", HERE).describe_backup_job(BackupJobId=job)["State"] == "FAILED"
    wait(cloud, 20)
    alarm = cloud.client("cloudwatch", HERE).describe_alarm_history(AlarmName="bank-backup-failed")["AlarmHistoryItems"]
    assert any("to ALARM" in each["HistorySummary"] for each in alarm), "AWS Backup counted it"
    (mail,) = mails(cloud, topic)[before:]
    assert str(mail.subject).startswith("LOOK TODAY: the backup job" if event_arrives else "PAGE NOW: backup jobs failed")
    assert "table/gone" in mail.message


@pytest.mark.proves("monitoring.raw-messages")
def test_what_the_function_cannot_say_arrives_as_it_came(cloud: Cloud, topic: str) -> None:
    before = len(mails(cloud, topic))
    cloud.client("lambda", HERE).update_function_configuration(FunctionName=FUNCTION, Environment={"Variables": {}})
    alarm(cloud, "notBreaching")
    put(cloud, 806)
    wait(cloud, 10)
    raw = [json.loads(each.message) for each in mails(cloud, topic)[before:]]
    (record,) = (each for each in raw if each["requestPayload"]["detail"]["state"]["value"] == "ALARM")
    assert record["requestPayload"]["detail"]["configuration"]["description"] == str(SAID)
    assert record["responsePayload"]["errorType"] == "KeyError"
