"""The report: measured is what a record measured; what has none is unproved; and nothing of a customer is in it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recovery.aws import Region
from recovery.evidence.chain_check import Finding as Broken
from recovery.evidence.chain_check import Verdict
from recovery.report import page
from recovery.report.controls import claims
from recovery.report.measurements import measurements
from recovery.report.picture import timeline
from recovery.report.quarter import NoQuarter, Quarter
from recovery.report.tables import tables
from strategy.catalogue.controls import Control, WrongControl, controls
from strategy.catalogue.names import SEALED
from strategy.model.stores import Scenario
from tests.recovery.reported import CUSTOMER, HERE, NOW, QUARTER, THERE, audit, record, records, recovery, restore


def promise(found: dict[str, Any], store: str, scenario: str, objective: str) -> dict[str, Any]:
    (one,) = (
        each for each in found["promises"] if (each["store"], each["scenario"], each["objective"]) == (store, scenario, objective)
    )
    return dict(one)


@pytest.mark.proves("compliance.audit-report", "objectives.measurements")
def test_a_quarter_without_records_says_so_loudly_and_is_never_green() -> None:
    empty = audit(jobs=(), alarms=(), chains={HERE: Verdict((), 0, 0, ())})
    found = empty.as_json()
    assert (found["state"], found["headline"]) == ("bad", "Nothing is proved: 2026Q4 has no record")
    assert {each["standing"] for each in found["promises"]} == {"unproved"}
    assert {each["state"] for each in found["routes"]} == {"unproved"}
    assert {each["state"] for each in found["controls"]} == {"no evidence"}
    assert {each["state"] for each in found["calendar"]} == {"never done"}
    html = page.render(empty)
    assert "✓" not in html
    assert "proves nothing" in html


def test_records_of_another_quarter_prove_nothing_in_this_one() -> None:
    before = audit(record("recoveries/r0000000b-1.json", recovery(NOW - timedelta(days=110), 260), 1))
    assert before.as_json()["headline"] == "Nothing is proved: 2026Q4 has no record"


@pytest.mark.proves("compliance.audit-report", "objectives.measurements")
def test_promises_stand_beside_the_worst_that_was_measured() -> None:
    slow = record("recoveries/r0000000e-1.json", recovery(NOW - timedelta(days=3), 200), 10)
    found = audit(*records(), slow).as_json()
    rto = promise(found, "mysql", "region_loss", "rto")
    assert (rto["measured_seconds"], rto["times"], rto["standing"]) == (200 * 60, 2, "kept")
    assert (rto["record"], rto["seal"]) == (slow.key, f"{THERE} #10")
    assert [each["seconds"] for each in rto["trend"]] == [None, None, None, None, 260 * 60, 200 * 60]
    rpo = promise(found, "audit-logs", "region_loss", "rpo")
    assert (rpo["measured_seconds"], rpo["standing"]) == (7260, "kept")
    assert promise(found, "audit-logs", "recovery_point", "rpo")["measured_seconds"] == 3 * 3600
    assert promise(found, "mysql", "point_in_time", "rpo")["standing"] == "unproved", "a chosen moment measures no RPO"


@pytest.mark.proves("compliance.audit-report", "objectives.measurements")
def test_a_promise_that_was_measured_and_not_kept_is_broken() -> None:
    late = audit(record("recoveries/r0000000a-1.json", recovery(NOW - timedelta(days=2), 60 * 40), 1))
    assert promise(late.as_json(), "mysql", "region_loss", "rto")["standing"] == "broken"
    assert (late.state, "measured and not kept" in " ".join(late.problems)) == ("bad", True)


@pytest.mark.proves("objectives.measurements")
@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("recoveries/r1-1.json", recovery(NOW, 100, "failed")),
        ("restores/r1-1.json", restore(NOW, "mysql-to-a-moment", "mysql", 30, mode="beside")),
        ("restores/r1-1.json", restore(NOW, "mysql-to-a-moment", "mysql", 30, outcome="verification-failed")),
        ("restores/r1-1.json", restore(NOW, "mysql-by-magic", "mysql", 30)),
        ("drills/x/1.json", {"outcome": "passed", "store": "mysql", "route": "mysql-to-a-moment", "rto_seconds": "soon"}),
        ("drills/x/1.json", {"outcome": "passed", "store": "mysql", "route": "mysql-to-a-moment", "rto_seconds": -1}),
        ("drills/x/1.json", {"outcome": "not-checked", "store": "mysql", "route": "mysql-to-a-moment", "rto_seconds": 1}),
    ],
)
def test_what_failed_or_says_nothing_measures_nothing(key: str, body: dict[str, Any]) -> None:
    assert measurements([record(key, body)], THERE) == []


def test_a_drill_measures_what_it_says_and_one_store_is_not_the_region() -> None:
    body = {"outcome": "passed", "store": "mysql", "route": "mysql-from-recovery-point", "rpo_seconds": 60, "rto_seconds": 90}
    here = measurements([record("drills/x/1.json", {**body, "region": HERE})], THERE)
    assert {(each.scenario, each.objective) for each in here} == {
        (Scenario.RECOVERY_POINT, "rpo"),
        (Scenario.RECOVERY_POINT, "rto"),
    }
    (there,) = measurements([record("drills/x/1.json", {**body, "region": THERE})], THERE)
    assert (there.scenario, there.objective) == (Scenario.REGION_LOSS, "rpo")


def test_a_restore_test_measures_how_old_its_recovery_point_was() -> None:
    body = {
        "outcome": "passed",
        "store": "mysql",
        "region": HERE,
        "data_of": (NOW - timedelta(hours=5)).isoformat(),
        "job": {"id": "1", "started": (NOW - timedelta(hours=1)).isoformat()},
    }
    (here,) = measurements([record("restore-tests/mysql/1.json", body)], THERE)
    assert (here.scenario, here.objective, here.value) == (Scenario.RECOVERY_POINT, "rpo", timedelta(hours=4))
    (there,) = measurements([record("restore-tests/mysql/1.json", {**body, "region": THERE})], THERE)
    assert there.scenario is Scenario.REGION_LOSS
    assert measurements([record("restore-tests/mysql/1.json", {**body, "data_of": ""})], THERE) == []


def test_routes_are_proved_by_their_last_attempt_only() -> None:
    states = {(each.route, each.store): each.state for each in audit(*records()).ways}
    assert states["mysql-to-a-moment", "mysql"] == "proved"
    assert states["mysql-from-recovery-point", "mysql"] == "failed"
    assert states["dynamodb-to-a-moment", "audit-logs"] == "unproved"
    assert states["recover-region", "all stores"] == "proved"
    again = record("restores/r2-1.json", restore(NOW - timedelta(hours=1), "mysql-to-a-moment", "mysql", 9, outcome="failed"), 11)
    states = {(each.route, each.store): each.state for each in audit(*records(), again).ways}
    assert states["mysql-to-a-moment", "mysql"] == "failed"


@pytest.mark.proves("compliance.audit-report")
def test_failed_tests_are_included_and_their_findings_open() -> None:
    found = audit(*records()).as_json()
    assert [each["record"] for each in found["findings"]] == ["drills/mysql-from-recovery-point/1.json"]
    html = page.render(audit(*records()))
    for text in ("3 rows differ", "nobody", "drills/mysql-from-recovery-point/1.json", "no space", "40m"):
        assert text in html


def test_a_drill_is_shown_step_by_step_beside_what_is_expected() -> None:
    (drill,) = audit(*records()).as_json()["drills"]
    assert drill["steps"][0] == {"step": "Restore beside the old store", "seconds": 1085.4, "expected_seconds": 5400}
    assert "18m 5s" in page.render(audit(*records()))


def test_no_key_of_a_row_leaves_the_bucket() -> None:
    found = audit(*records())
    for text in (page.render(found), json.dumps(found.as_json()), *tables(found).values()):
        assert CUSTOMER not in text


def test_markup_in_a_record_stays_text() -> None:
    evil = {"outcome": "failed", "at": NOW.isoformat(), "problem": "<script>alert(1)</script>", "store": "mysql"}
    html = page.render(audit(record("restores/<b>.json", evil, 1)))
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_a_chain_that_is_not_whole_and_what_could_not_be_read_are_said_first() -> None:
    broken = Verdict((Broken("altered", "restores/x.json", "it is not what chain/1 seals"),), 9, 9, ())
    found = audit(*records(), chains={HERE: broken}, missing=(f"evidence of {THERE}: gone",))
    assert found.problems[0].startswith(f"the chain of evidence of {HERE} is not whole")
    html = page.render(found)
    assert "it is not what chain/1 seals" in html
    assert f"not read: evidence of {THERE}: gone" in html


def test_what_a_stand_in_answered_is_never_shown_as_measured_on_aws() -> None:
    said = "A rehearsal: read from localhost:4566, and not from AWS."
    rehearsed = audit(*records(), stand_in="localhost:4566")
    assert said in page.render(rehearsed)
    assert rehearsed.as_json()["stand_in"] == "localhost:4566"
    assert "A rehearsal" not in page.render(audit(*records()))


@pytest.mark.parametrize("region", ["ap-southeast-1", "cn-north-1"])
def test_aws_itself_is_no_stand_in(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Region(region).stand_in == ""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:4566")
    assert Region(region).stand_in == "localhost:4566"


CONTROL = Control("NIST SP 800-53", "CP-9", "System Backup", "…", ("duties/job-review",), None)


def state(control: Control, *found: Any, chains: Any = None) -> tuple[str, str]:
    (claim,) = claims([control], found, chains or {}, QUARTER, NOW)
    return claim.state, claim.points_to


@pytest.mark.proves("compliance.control-map")
def test_a_claim_points_to_its_newest_record_or_reads_no_evidence() -> None:
    old = record("duties/job-review/1.json", {"outcome": "passed", "at": (NOW - timedelta(days=9)).isoformat()}, 3)
    new = record("duties/job-review/2.json", {"outcome": "passed", "at": (NOW - timedelta(days=2)).isoformat()}, 4)
    assert state(CONTROL, old, new) == ("proved", f"{new.key} ({THERE} #4)")
    assert state(CONTROL) == ("no evidence", "no evidence")
    assert state(CONTROL, replace(new, at=NOW - timedelta(days=90)))[0] == "no evidence", "of another quarter"
    assert state(replace(CONTROL, within=timedelta(days=366)), replace(new, at=NOW - timedelta(days=90)))[0] == "proved"
    failed = record("duties/job-review/3.json", {"outcome": "failed", "at": (NOW - timedelta(days=1)).isoformat()}, 5)
    assert state(CONTROL, old, new, failed)[0] == "failed"
    unseen = record("duties/job-review/3.json", {"outcome": "not-checked", "at": (NOW - timedelta(days=1)).isoformat()}, 5)
    assert state(CONTROL, unseen)[0] == "no evidence"
    beside = record("duties/job-review-of-others/1.json", {"outcome": "passed", "at": NOW.isoformat()}, 5)
    assert state(CONTROL, beside)[0] == "no evidence"


@pytest.mark.proves("compliance.control-map")
def test_the_chain_is_evidence_only_when_it_is_whole_and_not_empty() -> None:
    chain = replace(CONTROL, evidence=("chain",))
    assert state(chain, chains={HERE: Verdict((), 9, 9, ())}) == ("proved", f"chain of {HERE}: 9 links")
    assert state(chain, chains={HERE: Verdict((), 0, 0, ())})[0] == "no evidence"
    assert state(chain, chains={HERE: Verdict((Broken("forged", "x", "y"),), 9, 9, ())})[0] == "failed"


@pytest.mark.proves("compliance.control-map")
def test_the_map_has_every_framework_and_names_only_what_is_sealed_or_aws_writes() -> None:
    found = controls()
    assert {each.framework for each in found} == {
        "AWS Backup Audit Manager",
        "NIST SP 800-53",
        "PCI DSS",
        "ISO/IEC 27001",
        "MAS TRM Guidelines",
    }
    assert len({(each.framework, each.id) for each in found}) == len(found)
    known = {*SEALED, "chain", "reports", "drills", "restore-tests", "integrity"}
    assert {folder.partition("/")[0] for each in found for folder in each.evidence} <= known


def test_a_wrong_entry_of_the_map_is_named(tmp_path: Any) -> None:
    file = tmp_path / "controls.toml"
    file.write_text('[[controls]]\nframework = "X"\nid = "1"\ntitle = "T"\nclaim = "C"\nevidence = []\n')
    with pytest.raises(WrongControl, match="control 1: evidence is empty"):
        controls(file)
    file.write_text('[[controls]]\nframework = "X"\n')
    with pytest.raises(WrongControl, match="control 1: 'id'"):
        controls(file)


def test_quarters() -> None:
    assert str(Quarter.of(datetime(2026, 12, 31, 23, 59, tzinfo=UTC))) == "2026Q4"
    assert (Quarter(2026, 1).before, Quarter(2026, 4).next) == (Quarter(2025, 4), Quarter(2027, 1))
    assert (NOW in QUARTER, Quarter(2026, 4).end in QUARTER, QUARTER.start in QUARTER) == (True, False, True)
    for wrong in ("2026", "2026Q5", "Q4", "0000Q1", ""):
        with pytest.raises(NoQuarter, match="such as 2026Q4"):
            Quarter.parse(wrong)


def test_the_picture_is_to_scale_and_beside_the_promise() -> None:
    drawn = timeline(record("recoveries/r1-1.json", recovery(NOW, 150)), timedelta(hours=5))
    assert drawn is not None
    ends = [bar.x + bar.width for bar in drawn.gantt.bars]
    assert ends == sorted(ends)
    assert drawn.gantt.limit == pytest.approx(2 * 100 * 150 / 300), "5 hours are all of the width"
    assert drawn.gantt.limit is not None
    assert ends[-1] < drawn.gantt.limit
    stores, workload = (next(bar for bar in drawn.gantt.bars if bar.label.startswith(word)) for word in ("Bring", "Activate"))
    assert stores.x == workload.x, "they begin together"
    assert "5h are promised" in drawn.gantt.words
    assert timeline(record("recoveries/r1-1.json", {"outcome": "failed"}), timedelta(hours=5)) is None


def test_the_tables_are_the_json_and_no_formula() -> None:
    evil = {"outcome": "failed", "at": NOW.isoformat(), "problem": "=HYPERLINK(1)"}
    found = audit(*records(), record("restores/r9-1.json", evil, 9))
    rows = list(csv.DictReader(io.StringIO(tables(found)["promises"])))
    assert [each["standing"] for each in rows] == [each["standing"] for each in found.as_json()["promises"]]
    assert "'=HYPERLINK(1)" in tables(found)["records"]
    assert tables(audit(jobs=()))["jobs"] == "no rows\n"
