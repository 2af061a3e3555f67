"""`python -m recovery report` on buckets, keys and a chain of the embedded AWS; also with the primary region gone."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aws_rehearsal import Cloud
from recovery.__main__ import main
from recovery.cli.exit_codes import ExitCode
from recovery.evidence.chain_seal import Place, seal
from rehearsal.scenarios.people import Duty
from strategy import load
from strategy.catalogue import names
from tests.people import sign_in_as

STRATEGY = load("dev")
HERE, THERE = STRATEGY.regions.primary, STRATEGY.regions.recovery


@pytest.fixture
def evidence(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a record into the recovery region's bucket and seals it."""
    sign_in_as(Duty.AUDITOR, cloud, monkeypatch, STRATEGY)
    for region in (HERE, THERE):
        cloud.client("s3", region).create_bucket(
            Bucket=names.evidence_bucket(STRATEGY.prefix, region, STRATEGY.account),
            CreateBucketConfiguration={"LocationConstraint": region},
            ObjectLockEnabledForBucket=True,
        )
    s3, kms = cloud.client("s3", THERE), cloud.client("kms", THERE)
    key = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=names.key_alias(STRATEGY.prefix, names.EVIDENCE_KEY), TargetKeyId=key)
    place = Place(STRATEGY.account, STRATEGY.prefix, THERE, STRATEGY.audit.evidence_keep)

    def put(key: str, body: dict[str, Any]) -> None:
        s3.put_object(Bucket=place.bucket, Key=key, Body=json.dumps(body).encode())
        seal(s3, kms, place, cloud.clock.now)

    return put


def reported(cloud: Cloud, out: Path, *words: str) -> tuple[int, dict[str, Any]]:
    now = cloud.clock.now().isoformat(timespec="seconds")
    code = main(["report", "--env", "dev", "--out", str(out), "--now", now, *words])
    (page,) = out.glob("*.html")
    found: dict[str, Any] = json.loads(page.with_suffix(".json").read_text())
    assert found["headline"] in page.read_text()
    assert len(list(out.glob("*.csv"))) == 4
    assert cloud.endpoint.endswith(f"//{found['stand_in']}")
    assert found["stand_in"] in page.read_text()
    return code, found


def test_buckets_without_records_prove_nothing(cloud: Cloud, evidence: Any, tmp_path: Path) -> None:
    assert evidence
    code, found = reported(cloud, tmp_path)
    assert (code, found["state"]) == (ExitCode.NOT_KEPT, "bad")
    assert found["headline"].startswith("Nothing is proved")


def test_with_the_primary_gone_the_other_regions_evidence_is_reported(cloud: Cloud, evidence: Any, tmp_path: Path) -> None:
    at = cloud.clock.now().isoformat(timespec="seconds")
    stores = [{"store": "mysql", "recovered": True, "lost_seconds": 600}]
    evidence(
        "recoveries/r0000000a-1.json",
        {"outcome": "recovered", "region": THERE, "finished": at, "since_incident_seconds": 5400, "stores": stores},
    )
    cloud.lose_region(HERE)
    code, found = reported(cloud, tmp_path)
    assert code == ExitCode.NOT_KEPT
    (rto,) = (each for each in found["promises"] if each["measured_seconds"] == 5400)
    assert (rto["store"], rto["scenario"], rto["seal"], rto["standing"]) == ("mysql", "region_loss", f"{THERE} #1", "kept")
    assert [each["region"] for each in found["chains"]] == [THERE]
    assert found["chains"][0]["whole"]
    assert any(HERE in each for each in found["missing"])
    assert {each["id"] for each in found["controls"] if each["record"] == "recoveries/r0000000a-1.json"} >= {"CP-10", "8.3"}


def test_alarms_are_told_with_how_long_they_lasted(cloud: Cloud, evidence: Any, tmp_path: Path) -> None:
    evidence("duties/job-review/1.json", {"outcome": "passed", "at": cloud.clock.now().isoformat(timespec="seconds")})
    watch = cloud.client("cloudwatch", HERE)
    for name in (f"{STRATEGY.prefix}-late", "somebody-elses"):
        watch.put_metric_alarm(
            AlarmName=name,
            MetricName="Late",
            Namespace="test",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
        )
        watch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="an hour late")
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=40))
    watch.set_alarm_state(AlarmName=f"{STRATEGY.prefix}-late", StateValue="OK", StateReason="it came")
    cloud.clock.advance_to(cloud.clock.now() + timedelta(minutes=1))
    _, found = reported(cloud, tmp_path)
    (alarm,) = found["alarms"]
    assert (alarm["name"], alarm["region"]) == (f"{STRATEGY.prefix}-late", HERE)
    assert 2400 <= alarm["seconds"] < 2500
    assert "an hour late" in next(tmp_path.glob("*.html")).read_text()


def test_a_quarter_that_has_not_begun_and_one_that_is_none(cloud: Cloud, evidence: Any, tmp_path: Path) -> None:
    assert evidence
    now = cloud.clock.now().isoformat(timespec="seconds")
    for wrong in ("2199Q1", "winter"):
        words = ["report", "--env", "dev", "--out", str(tmp_path), "--now", now, "--quarter", wrong]
        assert main(words) == ExitCode.WRONG_INPUT
    assert list(tmp_path.iterdir()) == []
