"""The daily digest: one screen, also when all is well; what was not read is said, and silence is never taken for good."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recovery.digest import metric, page
from recovery.digest.digest import Digest
from recovery.digest.inputs import gather
from strategy import load
from strategy.catalogue import metrics
from strategy.catalogue.alarm_text import Said
from strategy.catalogue.severity import Severity
from strategy.contracts.requests.digest import request_for
from tests.recovery.answers import Region

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
STRATEGY = load("prod")
HERE = STRATEGY.regions.primary
ASKED = request_for(STRATEGY, HERE)
STORE = f"arn:aws:rds:{HERE}:123456789012:db:bank-mysql"
SAID = Said(Severity.PAGE, "the scheduled backup of mysql is late", "at most 1h late", "python -m recovery status")


def job(kind: str, state: str = "COMPLETED", message: str = "", hours: int = 5) -> dict[str, Any]:
    created = NOW - timedelta(hours=hours)
    word = "Status" if kind == "restore" else "State"
    return {
        "ResourceArn": STORE,
        word: state,
        "CreationDate": created,
        "CompletionDate": created + timedelta(minutes=20),
        **({"StatusMessage": message} if message else {}),
    }


def proof(kind: str, region: str, store: str, route: str | None) -> dict[str, Any]:
    return {
        "outcome": "passed",
        "store": store,
        "region": region,
        "route": route,
        "started": (NOW - timedelta(days=3)).isoformat(),
        "at": (NOW - timedelta(days=3)).isoformat(),
        "rpo_seconds": 300,
        "rto_seconds": 3600,
        "kind": kind,
        "problem": "",
    }


def objects() -> dict[str, dict[str, Any]]:
    """An evidence bucket in which everything was proved and done."""
    asked = ASKED.proofs
    found = {f"drills/{route}/{store}-1.json": proof("drill", asked.region, store, route) for route, store in asked.routes}
    found |= {f"integrity/{store}/1.json": proof("integrity", asked.region, store, None) for store in asked.stores}
    done = {"at": (NOW - timedelta(days=1)).isoformat(), "outcome": "passed"}
    found |= {
        f"duties/{name}/1.json": {**done, "kind": "signed"} for name in ("job-review", "storage-and-cost", "strategy-review")
    }
    return found


def answers(**changed: Any) -> dict[Any, Any]:
    """Of a region in which all is well."""
    held = objects()

    def listed(call: Any) -> dict[str, Any]:
        keys = sorted(each for each in held if each.startswith(call["Prefix"]))
        return {"Contents": [{"Key": each, "LastModified": NOW - timedelta(days=1)} for each in keys]}

    def measured(call: Any) -> dict[str, Any]:
        assert call["StartTime"] == NOW - timedelta(hours=1), "an old number says nothing of now"
        limits = [each.limit for each in ASKED.numbers]
        values = [limit / 2 for limit in limits]
        return {
            "MetricDataResults": [
                {"Id": each["Id"], "Values": [value], "Timestamps": [NOW]}
                for each, value in zip(call["MetricDataQueries"], values, strict=True)
            ]
        }

    found: dict[Any, Any] = {
        ("backup", "ListBackupJobs"): {"BackupJobs": [job("backup", hours=17), job("backup")]},
        ("backup", "ListCopyJobs"): {"CopyJobs": [job("copy")]},
        ("backup", "ListRestoreJobs"): {"RestoreJobs": []},
        ("cloudwatch", "GetMetricData"): measured,
        ("cloudwatch", "DescribeAlarms"): {"MetricAlarms": [alarm("OK")], "CompositeAlarms": []},
        ("s3", "ListObjectsV2"): listed,
        ("s3", "GetObject"): lambda call: {"Body": io.BytesIO(json.dumps(held[call["Key"]]).encode())},
    }
    return found | {(service, name): answer for (service, name), answer in changed.get("given", {}).items()}


def alarm(state: str, name: str = "banking-buddy-prod-late-mysql", description: str = str(SAID)) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "StateValue": state,
        "StateReason": "Threshold Crossed",
        "AlarmDescription": description,
        "StateUpdatedTimestamp": NOW - timedelta(hours=2),
    }


def digest(**given: Any) -> Digest:
    found = {tuple(name.split("_", 1)): answer for name, answer in given.items()}
    return gather(ASKED, Region(HERE, answers(given=found)).client, NOW)


@pytest.mark.proves("monitoring.digest", "monitoring.job-metrics")
def test_when_all_is_well_it_says_so_and_shows_what_that_rests_on() -> None:
    found = digest()
    assert (found.state, found.problems, found.unknown) == ("well", (), ())
    text = page.text(found)
    assert text.startswith("ALL IS WELL: ")
    for part in ("backup jobs   2 well, 0 badly, 0 running: 100 %", "copy jobs", "0 in alarm", "last 03:00 COMPLETED"):
        assert part in text, part
    for each in ASKED.numbers:
        assert each.what in text
    assert {each.state for each in found.numbers} == {"kept"}


@pytest.mark.proves("monitoring.digest")
def test_it_is_one_screen_even_when_nothing_is_well() -> None:
    bad = [alarm("ALARM", f"banking-buddy-prod-alarm-{number}") for number in range(40)]
    found = digest(cloudwatch_DescribeAlarms={"MetricAlarms": bad}, cloudwatch_GetMetricData="InternalServiceFault")
    lines = page.text(found).splitlines()
    assert len(lines) <= page.LINES
    assert max(map(len, lines)) <= page.WIDTH
    assert "- and 32 more" in lines


@pytest.mark.proves("monitoring.digest")
@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"cloudwatch_DescribeAlarms": {"MetricAlarms": [alarm("ALARM")]}}, f"since 2026-11-20 06:00: {SAID.what}"),
        ({"backup_ListCopyJobs": {"CopyJobs": [job("copy", "FAILED", "no access")]}}, "copy of bank-mysql: FAILED: no access"),
        ({"backup_ListBackupJobs": {"BackupJobs": [job("backup", message="part left out")]}}, "COMPLETED: part left out"),
        ({"s3_ListObjectsV2": {}}, "was never drilled here"),
        ({"s3_ListObjectsV2": {}}, "Review of the jobs: never done"),
    ],
)
def test_what_is_not_well_is_something_to_look_at(given: dict[str, Any], problem: str) -> None:
    found = digest(**given)
    assert found.state == "look"
    assert any(problem in each for each in found.problems), found.problems
    assert page.subject(found).startswith("LOOK TODAY: ")


def test_a_number_over_its_limit_is_broken() -> None:
    over = {"MetricDataResults": [{"Id": "n0", "Values": [ASKED.numbers[0].limit + 1], "Timestamps": [NOW]}]}
    found = digest(cloudwatch_GetMetricData=over)
    assert found.numbers[0].state == "BROKEN"
    assert f"{ASKED.numbers[0].what}: over its limit" in found.problems


@pytest.mark.proves("monitoring.digest")
def test_a_monitor_that_is_silent_leaves_nothing_kept() -> None:
    found = digest(cloudwatch_GetMetricData={"MetricDataResults": []})
    assert {each.state for each in found.numbers} == {"not measured"}
    assert found.state == "not known"
    assert page.text(found).startswith("NOT ALL IS KNOWN")


@pytest.mark.proves("monitoring.digest")
@pytest.mark.parametrize(
    ("operation", "what"),
    [
        ("backup_ListBackupJobs", "jobs"),
        ("cloudwatch_GetMetricData", "the monitor's numbers"),
        ("cloudwatch_DescribeAlarms", "alarms"),
        ("s3_ListObjectsV2", "findings and calendar"),
    ],
)
def test_what_could_not_be_read_is_said_and_takes_nothing_else_with_it(operation: str, what: str) -> None:
    found = digest(**{operation: "AccessDenied"})
    assert found.state == "not known"
    assert any(each.startswith(f"{what}: ") for each in found.missing)
    assert page.text(found)
    assert json.loads(json.dumps(found.as_json()))["state"] == "not known"


def test_the_switchs_alarm_is_no_news() -> None:
    found = digest(cloudwatch_DescribeAlarms={"MetricAlarms": [alarm("ALARM", "banking-buddy-prod-switch")]})
    assert found.alarms == ()


@pytest.mark.proves("monitoring.job-metrics")
def test_the_days_jobs_are_counted_as_the_table_of_metrics_says() -> None:
    found = {each["Kind"]: each for each in metric.documents(digest())}
    assert set(found) == {"backup", "copy"}, "nothing is said of a kind without jobs"
    for kind, each in found.items():
        (directive,) = each["_aws"]["CloudWatchMetrics"]
        for counted in directive["Metrics"]:
            known = metrics.digest(STRATEGY.prefix, counted["Name"], HERE, kind)
            assert (directive["Namespace"], counted["Unit"]) == (known.namespace, known.unit)
            assert directive["Dimensions"] == [[name for name, _ in known.dimensions]]
    assert found["backup"][metrics.JOB_SUCCESS] == 100
    assert found["backup"][metrics.JOB_TYPICAL] == found["backup"][metrics.JOB_LONGEST] == 20


def test_the_chat_form_is_awss_custom_notification() -> None:
    carried = json.loads(page.message(digest()))
    spoken = json.loads(carried["https"])
    assert (spoken["version"], spoken["source"], spoken["content"]["textType"]) == ("1.0", "custom", "client-markdown")
    assert "ALL IS WELL" in spoken["content"]["description"]
    assert len(page.subject(digest())) < 100
