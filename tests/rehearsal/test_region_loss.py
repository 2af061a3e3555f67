"""The whole road, as `make rehearse` runs it: a region is lost and comes back verified; a damaged restore does not."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from strategy.model.loader import document
from strategy.model.resolved import as_toml
from tests.assemblies import deployable

ROOT = Path(__file__).resolve().parents[2]


def rehearse(output: Path, *arguments: str, environment: str = "dev") -> tuple[int, dict[str, Any], str]:
    """Exit code, result.json and what was printed."""
    command = [sys.executable, "-m", "rehearsal", "run", "--scenario", "region-loss", "--output", str(output), *arguments]
    command += ["--env", environment, "--assembly", str(deployable(environment))]
    shown = os.environ | {"COLUMNS": "140"}
    done = subprocess.run(command, cwd=ROOT, env=shown, capture_output=True, text=True, timeout=3600, check=False)
    return done.returncode, json.loads((output / "result.json").read_text()), done.stdout + done.stderr


@pytest.mark.proves(
    "compliance.audit-report",
    "region-loss.configuration",
    "region-loss.cutover",
    "region-loss.smoke-test",
    "region-loss.verification-time",
    "region-loss.verified-recovery",
)
@pytest.mark.xdist_group("all-routes")
def test_a_lost_region_comes_back_verified(rehearsed: tuple[Path, dict[str, Any], str]) -> None:
    """After every other route, in the world of `make rehearse`."""
    output, result, printed = rehearsed
    assert result["code"] == 0, printed
    scenario = result["scenarios"][-1]
    assert scenario["name"] == "region-loss"
    assert scenario["outcome"] == "recovered"
    assert scenario["verified"] is True
    assert scenario["rows"] >= 20_000 + 2_000 + 2_000
    assert scenario["items"] >= 2_000
    assert scenario["lost_rows"] > 0, "customers were writing until the outage: something must be lost"
    assert scenario["lost_items"] > 0
    assert 3 * 3600 <= scenario["rpo_seconds"] <= 12 * 3600
    apart = scenario["heartbeat_seconds"] - scenario["rpo_seconds"]
    assert abs(apart) <= 60, "written in the last minute before the backup"
    assert result["calls_to_lost_region_after_outage"] == 0
    assert result["resources"]["simulated"] > 100
    assert result["findings"] == []
    assert scenario["reverted_rows"] > 0, "and changing rows"
    assert [event["state"] for event in scenario["timeline"]]
    assert "recovered and verified" in printed
    led = f"customers were led to {result['lost_region']} after the outage, and are led to {result['recovery_region']} now"
    assert led in " ".join(printed.split())
    said = (output / "client.log").read_text()
    assert said.count("health check: passed; read through it: passed") == 4
    assert re.search(r"^watched  1[1-9] looks from ", said, flags=re.MULTILINE)
    report = (output / "report.html").read_text()
    assert result["lost_region"] in report
    assert f"{scenario['lost_rows']:,}" in report

    _reported(output, printed)


def _reported(tmp_path: Path, printed: str) -> None:
    """The auditor's report of the same rehearsal, from the records of the region that was left."""
    (page,) = (tmp_path / "audit").glob("*.html")
    assert f"The auditor's report, from the records of this rehearsal: {page}\n" in printed, "where to read on"
    audit = json.loads(page.with_suffix(".json").read_text())
    measured = {(each["objective"], each["standing"]) for each in audit["promises"] if each["scenario"] == "region_loss"}
    assert measured == {("rpo", "kept"), ("rto", "kept")}
    (recovery,) = audit["recoveries"]
    assert recovery["outcome"] == "recovered"
    assert audit["chains"]
    assert [chain for chain in audit["chains"] if not chain["whole"]] == []
    seals = {each["seal"] for each in audit["promises"] if each["record"] and each["scenario"] == "region_loss"}
    assert seals
    assert seals.isdisjoint({"", "not sealed"})


@pytest.mark.proves("compliance.findings", "region-loss.verified-recovery")
@pytest.mark.extended
@pytest.mark.xdist_group("altered-row")
def test_one_altered_row_fails_the_run_for_the_right_reason(tmp_path: Path) -> None:
    code, result, printed = rehearse(tmp_path, "--seed", "4", "--fault", "corrupt-row")
    assert code == 1, printed
    (scenario,) = result["scenarios"]
    assert scenario["verified"] is False
    verifier, judge = result["findings"]
    assert "VerificationFailed: Bring the stores back: mysql: the copy of" in verifier
    assert "crm_transactions.transactions: 1 of" in verifier
    assert judge == "the judge: crm_transactions.transactions: 1 altered, 0 that the bank never wrote"
    assert "not verified" in printed
    audit = json.loads(next((tmp_path / "audit").glob("*.json")).read_text())
    (finding,) = (each for each in audit["findings"] if each["record"].startswith("recoveries/"))
    assert (finding["open"], finding["owner"]) == (True, "")
    assert "1 of" in finding["what"]


@pytest.mark.extended
@pytest.mark.xdist_group("corrupt-copy")
def test_a_corrupt_copy_gives_way_to_the_one_before_it(tmp_path: Path) -> None:
    code, result, printed = rehearse(tmp_path, "--seed", "4", "--fault", "corrupt-copy")
    assert code == 0, printed
    (scenario,) = result["scenarios"]
    assert (scenario["outcome"], scenario["verified"]) == ("recovered", True)
    assert result["calls_to_lost_region_after_outage"] == 0
    said = (tmp_path / "client.log").read_text()
    assert "mysql  passed over: the copy of" in said
    assert "crm_transactions.transactions: 1 of" in said


@pytest.mark.proves("region-loss.bad-night")
@pytest.mark.extended
@pytest.mark.xdist_group("bad-night")
def test_on_a_bad_night_half_copies_a_dead_operator_and_a_failed_branch_change_nothing(tmp_path: Path) -> None:
    """Three faults in one world. Each is judged by its own findings, and fails the run when it could not strike."""
    faults = [word for name in ("half-copy", "operator-gone", "branch-fails") for word in ("--fault", name)]
    code, result, printed = rehearse(tmp_path, "--seed", "4", *faults)
    assert code == 0, printed
    (scenario,) = result["scenarios"]
    assert (scenario["outcome"], scenario["verified"], scenario["findings"]) == ("recovered", True, [])
    assert scenario["rpo_seconds"] > 12 * 3600, "what was being copied is lost, and the copies before it are used"
    typed = (tmp_path / "client.log").read_text().split("$ python -m recovery ")[1:]
    (followed,), (resumed,) = ([each for each in typed if each.startswith(word)] for word in ("follow ", "resume "))
    assert "audit-logs: Put the settings back: SettingsRefused" in followed
    assert "mysql is back as banking-buddy-dev-mysql-" in followed, "the other branches went on"
    assert "attempt 2" in resumed
    assert result["calls_to_lost_region_after_outage"] == 0


@pytest.mark.proves("region-loss.fence")
@pytest.mark.extended
@pytest.mark.xdist_group("primary-returns")
def test_a_region_that_comes_back_in_the_middle_fences_itself(tmp_path: Path) -> None:
    """With all of its data, while its stores are being restored elsewhere. Its own services find no way in."""
    code, result, printed = rehearse(tmp_path, "--seed", "4", "--fault", "primary-returns")
    assert code == 0, printed
    (scenario,) = result["scenarios"]
    assert (scenario["outcome"], scenario["verified"], scenario["findings"]) == ("recovered", True, [])
    assert result["calls_to_lost_region_after_outage"] == 0


@pytest.fixture(scope="session")
def replicated(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Development, with every source that production has, and a read replica besides."""
    text = as_toml(document("dev"))
    for setting in ("replica", "read_replica", "replicated_backups"):
        assert f"\n{setting} = false" in text
        text = text.replace(f"\n{setting} = false", f"\n{setting} = true")
    path = tmp_path_factory.mktemp("environments") / "dev.toml"
    path.write_text(text)
    return str(path)


@pytest.mark.proves("region-loss.freshest-source")
@pytest.mark.extended
@pytest.mark.xdist_group("replicas")
def test_replicas_are_promoted_and_minutes_are_lost_instead_of_hours(replicated: str, tmp_path: Path) -> None:
    code, result, printed = rehearse(tmp_path, "--seed", "4", environment=replicated)
    assert code == 0, printed
    (scenario,) = result["scenarios"]
    assert (scenario["outcome"], scenario["verified"], scenario["findings"]) == ("recovered", True, [])
    assert scenario["lost_rows"] > 0, "the bank went on writing after replication had stopped"
    assert scenario["lost_items"] > 0
    assert 0 < scenario["rpo_seconds"] < 3600
    assert 0 < scenario["heartbeat_seconds"] < 3600
    said = (tmp_path / "client.log").read_text()
    assert "mysql  is banking-buddy-dev-mysql-replica, from the replica banking-buddy-dev-mysql-replica" in said
    assert "audit-logs  is banking-buddy-dev-audit-logs, from the replica banking-buddy-dev-audit-logs" in said
    assert said.count("newest write that came back: ") == 2
    assert result["calls_to_lost_region_after_outage"] == 0
    audit = json.loads(next((tmp_path / "audit").glob("*.json")).read_text())
    (chain,) = audit["chains"]
    assert chain["whole"], chain
    undone = {each["standing"] for each in audit["promises"] if each["scenario"] == "point_in_time"}
    assert undone == {"unproved"}, "what this rehearsal did not do"


@pytest.mark.proves("region-loss.freshest-source")
@pytest.mark.extended
@pytest.mark.xdist_group("replica-broken")
def test_a_replica_that_stopped_following_gives_way_to_the_replicated_backup(replicated: str, tmp_path: Path) -> None:
    code, result, printed = rehearse(tmp_path, "--seed", "4", "--fault", "replica-broken", environment=replicated)
    assert code == 0, printed
    (scenario,) = result["scenarios"]
    assert (scenario["outcome"], scenario["verified"], scenario["findings"]) == ("recovered", True, [])
    assert 0 < scenario["rpo_seconds"] < 3600
    said = (tmp_path / "client.log").read_text()
    assert "mysql: the replica banking-buddy-dev-mysql-replica, which had reached" in said
    assert "is fresher" in said
    assert "mysql  is banking-buddy-dev-mysql-r" in said


@pytest.mark.parametrize("name", ["result.json", "report.html"])
def test_the_report_of_a_rehearsal_reaches_for_nothing_outside(name: str, tmp_path: Path) -> None:
    from rehearsal.report import render
    from rehearsal.result import Outcome, Result

    result = Result(seed=1, fault=None, lost_region="a", recovery_region="b")
    result.add(Outcome("region-loss", "a was lost", "recovered", True, 1, 1, 1, 1, 60.0, 1.0))
    result.write(tmp_path / "result.json")
    render(result, tmp_path / "report.html")
    assert "http://" not in (tmp_path / name).read_text()
    assert "https://" not in (tmp_path / name).read_text()


def test_the_terminal_of_a_rehearsal_is_kept_as_a_picture_that_needs_nothing_else(tmp_path: Path) -> None:
    from rehearsal.progress import Step
    from rehearsal.report.terminal import draw
    from rehearsal.result import Outcome, Result

    result = Result(seed=1, fault=None, lost_region="a", recovery_region="b")
    result.add(Outcome("region-loss", "a & b were lost", "recovered", True, 12345, 1, 1, 1, 60.0, 1.0))
    result.steps = [Step(1, "Load the bank", 2.0, "done", ["12,345 rows"]), Step(2, "Lose <a>", 1.0, "failed")]
    picture = draw(result, tmp_path, None, tmp_path / "terminal.svg", command="python -m rehearsal run").read_text()
    shown = "".join(ET.fromstring(picture).itertext()).replace("\N{NO-BREAK SPACE}", " ")  # noqa: S314  our own
    for text in ("Load the bank", "12,345 rows", "Lose <a>", "recovered and verified", "a & b were lost"):
        assert text in shown
    assert re.findall(r"https?://[^\"' ]+", picture) == ["http://www.w3.org/2000/svg"]


@pytest.mark.parametrize(
    ("verified", "headline"),
    [
        ([], "Nothing was judged: not verified."),
        ([True], "A was lost: recovered and verified."),
        ([False], "A was lost: not verified."),
        ([True, True], "All 2 scenarios recovered and verified."),
        ([True, False, True], "2 of 3 scenarios recovered and verified: the night as a whole is not verified."),
    ],
)
def test_the_headline_counts_what_was_judged(verified: list[bool], headline: str) -> None:
    from rehearsal.result import Outcome, Result

    result = Result(seed=1, fault=None, lost_region="a", recovery_region="b")
    for each in verified:
        result.add(Outcome("region-loss", "a was lost", "recovered", each, 1, 1, 1, 1, 60.0, 1.0))
    assert result.headline == headline


def test_a_region_keeps_its_name_at_the_head_of_the_headline() -> None:
    from rehearsal.result import Outcome, Result

    result = Result(seed=1, fault=None, lost_region="a", recovery_region="b")
    result.add(Outcome("region-loss", "ap-southeast-1 was lost", "recovered", True, 1, 1, 1, 1, 60.0, 1.0))
    assert result.headline == "ap-southeast-1 was lost: recovered and verified."
