"""An auditor may make every call that the report, the findings and the calendar make, and no other that changes anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Template

from aws_rehearsal import Cloud
from backup_stack.auditor import AuditorPolicy
from recovery.__main__ import main
from rehearsal.scenarios.people import Duty
from strategy import load
from strategy.catalogue import names
from tests.people import sign_in_as
from tools.permissions.calls import NEEDS_NONE, needed

STRATEGY = load("dev")
HERE, THERE = STRATEGY.regions.primary, STRATEGY.regions.recovery


@pytest.fixture(scope="module")
def statements() -> list[dict[str, Any]]:
    stack = Stack(App(), "Auditor")
    AuditorPolicy(stack, "Policy", strategy=STRATEGY, region=HERE)
    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::ManagedPolicy").values()
    found: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return found


def actions(statements: list[dict[str, Any]]) -> Iterator[str]:
    for each in statements:
        yield from [each["Action"]] if isinstance(each["Action"], str) else each["Action"]


def test_nothing_but_records_is_written(statements: list[dict[str, Any]]) -> None:
    reading = ("backup:List", "cloudwatch:Describe", "kms:GetPublicKey", "s3:Get", "s3:List")
    assert {each for each in actions(statements) if not each.startswith(reading)} == {"lambda:InvokeFunction", "s3:PutObject"}
    (writing,) = (each["Resource"] for each in statements if each["Action"] == "s3:PutObject")
    assert {each.rsplit("/", 2)[-2] for each in writing} == {names.DUTIES, names.FINDINGS}


def test_every_call_is_allowed(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, statements: list[dict[str, Any]]
) -> None:
    sign_in_as(Duty.AUDITOR, cloud, monkeypatch, STRATEGY)
    for region in (HERE, THERE):
        bucket = names.evidence_bucket(STRATEGY.prefix, region, STRATEGY.account)
        cloud.client("s3", region).create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region}, ObjectLockEnabledForBucket=True
        )
    bucket = names.evidence_bucket(STRATEGY.prefix, HERE, STRATEGY.account)
    cloud.client("s3", HERE).put_object(Bucket=bucket, Key="restores/r0000000a-1.json", Body=b'{"outcome": "failed"}')
    now = cloud.clock.now()
    where = ["--env", "dev", "--now", now.isoformat(timespec="seconds")]
    main(["report", *where, "--out", str(tmp_path)])
    found = json.loads(next(tmp_path.glob("*.json")).read_text())["findings"]
    main(["findings", "own", found[0]["id"], "--owner", "Ana", "--due", "2030-01-01", *where])
    main(["calendar", "sign", "strategy-review", "--note", "looked", *where])
    main(["evidence", "verify", *where])
    calls = {
        (service.replace("monitoring", "cloudwatch"), operation)
        for caller, _, service, operation in cloud.gateway.callers
        if caller == Duty.AUDITOR
    }
    assert ("cloudwatch", "DescribeAlarmHistory") in calls
    wanted = {needed(service, operation) for service, operation in calls} - NEEDS_NONE
    assert wanted - set(actions(statements)) == set()
