"""Findings and the calendar as a person types them, on buckets of the embedded AWS."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from aws_rehearsal import Cloud
from recovery.__main__ import main
from recovery.cli.exit_codes import ExitCode
from recovery.evidence.records import read
from rehearsal.scenarios.people import Duty
from strategy import load
from strategy.catalogue import names
from strategy.catalogue.calendar import DUTIES, STRATEGY_REVIEW
from tests.people import sign_in_as

STRATEGY = load("dev")
HERE, THERE = STRATEGY.regions.primary, STRATEGY.regions.recovery
DRILL = "restores/r0000000a-1.json"


def bucket(region: str) -> str:
    return names.evidence_bucket(STRATEGY.prefix, region, STRATEGY.account)


@pytest.fixture
def typed(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    sign_in_as(Duty.AUDITOR, cloud, monkeypatch, STRATEGY)
    for region in (HERE, THERE):
        cloud.client("s3", region).create_bucket(
            Bucket=bucket(region), CreateBucketConfiguration={"LocationConstraint": region}, ObjectLockEnabledForBucket=True
        )

    def run(*words: str, region: str = HERE) -> tuple[int, str, str]:
        now = cloud.clock.now().isoformat(timespec="seconds")
        code = main([*words, "--env", "dev", "--region", region, "--now", now])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def put(cloud: Cloud, key: str, body: dict[str, Any], region: str = HERE) -> None:
    cloud.client("s3", region).put_object(Bucket=bucket(region), Key=key, Body=json.dumps(body).encode())


@pytest.mark.proves("compliance.findings")
def test_a_finding_from_its_failure_to_its_change(cloud: Cloud, typed: Any) -> None:
    code, out, _ = typed("findings", "list")
    assert (code, "Nothing that was tried has failed" in out) == (ExitCode.DONE, True)
    put(cloud, DRILL, {"outcome": "failed", "route": "mysql-to-a-moment", "problem": "Verify the content: 3 rows differ"}, THERE)
    code, out, _ = typed("findings", "list", "--json")
    (found,) = json.loads(out)["findings"]
    assert (code, found["owner"], found["record"], found["overdue"]) == (ExitCode.NOT_KEPT, "", DRILL, True)
    assert "3 rows differ" in found["what"]
    code, _, err = typed("findings", "close", found["id"], "--change", "0123abc")
    assert (code, "is nobody's" in err) == (ExitCode.WRONG_INPUT, True)
    due = (cloud.clock.now() + timedelta(days=9)).date().isoformat()
    code, out, _ = typed("findings", "own", found["id"], "--owner", "Ana", "--due", due)
    assert (code, f"{found['id']}: owned: Ana, by {due}" in out) == (ExitCode.DONE, True)
    code, out, _ = typed("findings", "list")
    assert (code, "Ana" in out, due in out) == (ExitCode.NOT_KEPT, True, True)
    assert typed("findings", "close", found["id"], "--change", "https://github.com/bank/recovery/pull/7")[0] == ExitCode.DONE
    code, out, _ = typed("findings", "list")
    assert (code, "0 open, 1 closed" in out) == (ExitCode.DONE, True)
    acts = [each for each in read(cloud.client("s3", HERE), bucket(HERE), [names.FINDINGS]) if each.body["by"]]
    assert [each.text("kind") for each in acts] == ["finding-owned", "finding-closed"], "kept beside one another"
    code, _, err = typed("findings", "own", "f00000000", "--owner", "Ana", "--due", due)
    assert (code, "there is no finding" in err) == (ExitCode.WRONG_INPUT, True)


def test_a_lost_region_leaves_the_others_findings_and_says_so(cloud: Cloud, typed: Any) -> None:
    cloud.lose_region(HERE)
    code, out, err = typed("findings", "list", region=THERE)
    assert code == ExitCode.AWS_TROUBLE
    assert f"not checked: {HERE}" in out
    assert "not all could be read" in err


@pytest.mark.proves("calendar.annual-strategy", "calendar.overdue")
def test_a_duty_that_was_missed_is_overdue_and_a_person_signs(cloud: Cloud, typed: Any) -> None:
    code, out, _ = typed("calendar")
    assert (code, out.count("NEVER DONE")) == (ExitCode.NOT_KEPT, len(DUTIES))
    assert "python -m recovery calendar run job-review" in out
    now = cloud.clock.now()
    for each in DUTIES:
        if not each.signed:
            put(
                cloud,
                f"{each.folders[0]}/x.json",
                {"outcome": "passed", "at": (now - each.limit + timedelta(hours=1)).isoformat()},
            )
    code, _, err = typed("calendar", "sign", "job-review", "--note", "looked")
    assert (code, "done by the clock" in err) == (ExitCode.WRONG_INPUT, True)
    assert typed("calendar", "sign", STRATEGY_REVIEW, "--note", "  ")[0] == ExitCode.WRONG_INPUT
    assert typed("calendar", "sign", STRATEGY_REVIEW, "--note", "Sizes grew; nothing to change")[0] == ExitCode.DONE
    code, out, _ = typed("calendar")
    assert (code, "OVERDUE" in out) == (ExitCode.DONE, False)
    cloud.clock.advance_to(cloud.clock.now() + timedelta(hours=2))
    code, out, _ = typed("calendar", "--json")
    found = {each["duty"]: each["state"] for each in json.loads(out)["duties"]}
    assert code == ExitCode.NOT_KEPT
    assert found == {each.name: "done" if each.signed else "overdue" for each in DUTIES}


@pytest.mark.proves("calendar.overdue")
def test_status_shows_what_is_open_and_overdue(cloud: Cloud, typed: Any) -> None:
    put(cloud, DRILL, {"outcome": "failed", "problem": "3 rows differ"})
    _, out, _ = typed("status")
    (line,) = (each for each in out.splitlines() if each.startswith("open finding"))
    assert "3 rows differ" in line
    assert line.endswith("(NOBODY'S)")
    assert "overdue: Review of the jobs (never done)" in out
    _, out, _ = typed("status", "--json")
    found = json.loads(out)
    assert [each["record"] for each in found["findings"]] == [DRILL]
    assert {each["duty"] for each in found["overdue"]} == {each.name for each in DUTIES}
    _, out, _ = typed("status", region=THERE)
    assert "open finding" not in out
