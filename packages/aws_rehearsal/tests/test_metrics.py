"""The embedded CloudWatch: periods, missing data, metric math, composite alarms, messages, and who publishes what."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import ACCOUNT, Cloud, metrics
from aws_rehearsal.events import outbox
from aws_rehearsal.metrics import embedded, expressions, rules
from aws_support.backup_bench import HERE, back_up, copy, make_table, make_vaults

MINUTES = timedelta(minutes=1)
START = datetime(2026, 11, 2, tzinfo=UTC)
PERIODS = [START + MINUTES * each for each in range(3)]


def over(first: float | None, second: float | None, third: float | None) -> dict[datetime, float]:
    return {at: value for at, value in zip(PERIODS, (first, second, third), strict=True) if value is not None}


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("m1", over(1, None, 3)),
        ("m1 + m2", over(11, None, None)),
        ("FILL(m1, 0) + FILL(m2, 0)", over(11, 20, 3)),
        ("FILL(m1, REPEAT)", over(1, 1, 3)),
        ("IF(m2 > 15, m2, 0)", over(0, 20, None)),
        ("MAX([m1, m2])", over(10, 20, 3)),
        ("SUM([m1, m2]) / 2", over(5.5, 10, 1.5)),
        ("IF(m1 > 0 AND FILL(m2, 0) > 5, 1, 0)", over(1, 1, 0)),
        ("m2 / (m1 - 1)", over(None, None, None)),
        ("2 ^ 3", over(8, 8, 8)),
    ],
)
def test_metric_math_is_silent_where_an_operand_is(expression: str, found: dict[datetime, float]) -> None:
    given = {"m1": over(1, None, 3), "m2": over(10, 20, None)}
    assert expressions.evaluate(expression, given, PERIODS) == found


@pytest.mark.parametrize("expression", ["m9", "ANOMALY_DETECTION_BAND(m1)", "m1 +", "m1.real"])
def test_an_expression_that_is_not_understood_is_refused(expression: str) -> None:
    with pytest.raises(expressions.ExpressionError):
        expressions.evaluate(expression, {"m1": over(1, 2, 3)}, PERIODS)


def test_composite_rules() -> None:
    states = {"a": "ALARM", "b": "OK"}
    assert rules.holds('ALARM("a") AND NOT ALARM("b")', states)
    assert not rules.holds("(ALARM(a) AND ALARM('b')) OR FALSE", states)
    assert rules.named(f"OK(arn:aws:cloudwatch:{HERE}:{ACCOUNT}:alarm:b) OR ALARM(a)") == {"a", "b"}
    with pytest.raises(ValueError, match="'c', which is not there"):
        rules.holds("ALARM(c)", states)


def alarm(cloud: Cloud, name: str = "red", **changed: Any) -> None:
    definition: dict[str, Any] = {
        "Namespace": "bank",
        "MetricName": "Red",
        "Dimensions": [{"Name": "Region", "Value": HERE}],
        "Statistic": "Maximum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    cloud.client("cloudwatch", HERE).put_metric_alarm(AlarmName=name, **(definition | changed))


def put(cloud: Cloud, value: float, dimensions: dict[str, str] | None = None, name: str = "Red") -> None:
    named = [{"Name": key, "Value": each} for key, each in (dimensions or {"Region": HERE}).items()]
    cloud.client("cloudwatch", HERE).put_metric_data(
        Namespace="bank", MetricData=[{"MetricName": name, "Dimensions": named, "Value": value}]
    )


def wait(cloud: Cloud, minutes: float) -> None:
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=minutes))


def state(cloud: Cloud, name: str = "red") -> str:
    found = cloud.client("cloudwatch", HERE).describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return str([*found["MetricAlarms"], *found["CompositeAlarms"]][0]["StateValue"])


def test_an_alarm_goes_off_and_clears_and_people_are_told_once_each(cloud: Cloud) -> None:
    sns = cloud.client("sns", HERE)
    topic = sns.create_topic(Name="told")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ana@bank.example")
    alarm(cloud, AlarmActions=[topic], OKActions=[topic], AlarmDescription="something is red")
    wait(cloud, 2)
    assert state(cloud) == "INSUFFICIENT_DATA"
    for value in (0, 1, 1, 1, 0, 0):
        put(cloud, value)
        wait(cloud, 5)
    told = [json.loads(each.message) for each in outbox(cloud, HERE) if each.topic == topic]
    assert [each["NewStateValue"] for each in told] == ["OK", "ALARM", "OK"]
    assert told[1]["AlarmDescription"] == "something is red"
    assert told[1]["OldStateValue"] == "OK"


def test_other_dimensions_are_another_metric(cloud: Cloud) -> None:
    alarm(cloud)
    put(cloud, 9, {"Region": HERE, "Store": "mysql"})
    put(cloud, 9, {"Region": "elsewhere"})
    wait(cloud, 20)
    assert state(cloud) == "INSUFFICIENT_DATA"


@pytest.mark.parametrize(
    ("treat", "after"), [("breaching", "ALARM"), ("notBreaching", "OK"), ("missing", "INSUFFICIENT_DATA"), ("ignore", "OK")]
)
def test_silence_is_what_the_alarm_says_it_is(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, treat: str, after: str) -> None:
    monkeypatch.setattr(cloud, "monitored", True)
    alarm(cloud, TreatMissingData=treat)
    put(cloud, 0)
    wait(cloud, 2)
    assert state(cloud) == "OK"
    wait(cloud, 30)
    assert state(cloud) == after


def test_what_was_never_there_is_missing_too(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud, "monitored", True)
    alarm(cloud, TreatMissingData="breaching")
    wait(cloud, 25)
    assert state(cloud) == "ALARM"


def test_m_of_n(cloud: Cloud) -> None:
    alarm(cloud, EvaluationPeriods=3, DatapointsToAlarm=2)
    seen = []
    for value in (1, 0, 1, 0, 0):
        put(cloud, value)
        wait(cloud, 5)
        seen.append(state(cloud))
    assert seen == ["OK", "OK", "ALARM", "OK", "OK"]


def test_a_composite_alarm_follows_its_parts(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud, "monitored", True)
    alarm(cloud)
    alarm(cloud, "still", MetricName="Still", TreatMissingData="breaching")
    metrics.watch().put_composite(HERE, {"AlarmName": "both", "AlarmRule": "ALARM(red) AND ALARM(still)"})
    put(cloud, 1)
    put(cloud, 0, name="Still")
    wait(cloud, 2)
    assert (state(cloud), state(cloud, "both")) == ("ALARM", "OK")
    wait(cloud, 30)
    assert state(cloud, "still") == "ALARM"
    put(cloud, 1)
    wait(cloud, 2)
    assert state(cloud, "both") == "ALARM"


def asked(cloud: Cloud, *queries: dict[str, Any]) -> dict[str, dict[datetime, float]]:
    now = cloud.clock.now()
    answer = cloud.client("cloudwatch", HERE).get_metric_data(
        MetricDataQueries=list(queries), StartTime=now - 60 * MINUTES, EndTime=now + MINUTES, ScanBy="TimestampAscending"
    )
    found = answer["MetricDataResults"]
    return {each["Id"]: dict(zip(each["Timestamps"], each["Values"], strict=True)) for each in found}


def stat(name: str, namespace: str = "bank", *, returned: bool = True) -> dict[str, Any]:
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": [{"Name": "Region", "Value": HERE}]}
    found = {"Metric": metric, "Period": 300, "Stat": "Maximum"}
    return {"Id": name.lower(), "MetricStat": found, "ReturnData": returned}


def test_get_metric_data_answers_by_whole_periods_and_with_metric_math(cloud: Cloud) -> None:
    for value in (3, 5, 4):
        put(cloud, value)
        put(cloud, 1, name="Still")
        wait(cloud, 5)
    total = {"Id": "total", "Expression": "SUM([FILL(red, 0), FILL(still, 0), FILL(never, 0)])"}
    found = asked(cloud, stat("Red"), stat("Still", returned=False), stat("Never", returned=False), total)
    assert list(found["red"].values()) == [3, 5, 4]
    assert all(at.minute % 5 == 0 and at.second == 0 for at in found["red"])
    assert set(found) == {"red", "total"}
    assert [value for value in found["total"].values() if value] == [4, 6, 5]
    assert asked(cloud, stat("Red", namespace="another"))["red"] == {}


def test_get_metric_data_refuses_math_that_is_not_understood(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="ANOMALY"):
        asked(cloud, {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m1)"})


def test_lines_of_a_log_become_metrics() -> None:
    moment = int(START.timestamp() * 1000)
    directive = {"Namespace": "bank", "Dimensions": [["Region"], []], "Metrics": [{"Name": "Red", "Unit": "Count"}]}
    line = {"_aws": {"Timestamp": moment, "CloudWatchMetrics": [directive]}, "Region": HERE, "Red": 2}
    broken = {"_aws": {"Timestamp": moment, "CloudWatchMetrics": [directive]}, "Region": HERE}
    log = "\n".join(["START", json.dumps(line), json.dumps(broken), '{"_aws": }', "END"]).encode()
    found = list(embedded.data(log))
    assert [(namespace, each["Value"], each["Timestamp"]) for namespace, each in found] == [("bank", 2.0, START)] * 2
    assert [each["Dimensions"] for _, each in found] == [[{"Name": "Region", "Value": HERE}], []]


BACKUP_METRICS = {
    ("NumberOfBackupJobsCreated", ("BackupVaultName", "vault")),
    ("NumberOfBackupJobsCompleted", ("BackupVaultName", "vault")),
    ("NumberOfBackupJobsCompleted", ("ResourceType", "DynamoDB")),
    ("NumberOfCopyJobsCompleted", ("BackupVaultName", "copies")),
    ("NumberOfRecoveryPointsCompleted", ("BackupVaultName", "vault")),
}
"""AWS's own names and dimensions (the AWS Backup guide, *Monitoring with CloudWatch*); a copy counts under its destination."""


def test_aws_backup_publishes_what_is_not_zero(cloud: Cloud) -> None:
    make_vaults(cloud)
    make_table(cloud, 3)
    copy(cloud, back_up(cloud)["RecoveryPointArn"])
    wait(cloud, 10)
    series = metrics.watch().series(HERE)
    mine = {each: minutes for each, minutes in series.minutes.items() if each[0] == "AWS/Backup"}
    single = {(name, next(iter(named))) for _, name, named in mine if len(named) == 1}
    assert single >= BACKUP_METRICS
    assert (
        "AWS/Backup",
        "NumberOfBackupJobsCompleted",
        frozenset({("BackupVaultName", "vault"), ("ResourceType", "DynamoDB")}),
    ) in mine
    assert all(each.least > 0 for minutes in mine.values() for each in minutes.values())
    assert not any("Failed" in name for _, name, _ in mine)
