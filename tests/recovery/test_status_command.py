"""`python -m recovery status`: what it refuses, and what its page and its JSON look like."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from deployment import bundle
from recovery.__main__ import main
from recovery.aws import NotChecked
from recovery.cli import status_page
from recovery.cli.exit_codes import ExitCode
from recovery.cli.status_report import as_json
from recovery.cli.times import age_text, moment
from recovery.drills.proof import Proof
from recovery.moments import moment_text
from recovery.status.facts import Missing, Point, Premise, Window
from recovery.status.judgement import StoreStatus, judge, promise
from recovery.status.survey import Status
from strategy import load
from strategy.model.strategy import Scenario

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
DEV = load("dev")


def found(*, window: bool = True, refused: bool = False) -> Status:
    """The status of one store in the primary."""
    store = DEV.stores[0]
    history = promise(DEV, store, Scenario.POINT_IN_TIME, "point-in-time recovery", NOW)
    points = promise(DEV, store, Scenario.RECOVERY_POINT, "recovery points", NOW)
    reach = Window(NOW - 7 * 24 * HOUR, NOW - HOUR / 20, 7 * 24 * HOUR, None)
    passed = ("2026-11-23T02:00:00+00:00: its status is EXPIRED",)
    point = Point("arn:point", NOW - 13 * HOUR, NOW + HOUR, passed, "manifests/mysql/x.json", None)
    sources = (
        judge(reach if window else Missing("there are no automated backups"), promise=history, where="point in time", now=NOW),
        judge(point, promise=points, where="backup vault", now=NOW),
        judge(Missing("the vault has none of it"), promise=None, where="copy vault", now=NOW),
    )
    role = Premise("restore role", NotChecked("GetRole was refused (AccessDenied)") if refused else None)
    name = Premise("name", None, "banking-buddy-dev-mysql is the live store: a restore goes beside it, under another name")
    stores = (StoreStatus("mysql", "mysql", "banking-buddy-dev-mysql", sources, (role, name)),)
    return Status("ap-southeast-1", "primary", NOW, stores)


def page(status: Status, width: int = 100) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, force_terminal=True, color_system=None, _environ={})
    status_page.show(DEV, status, console)
    status_page.conclude(status, console)
    return out.getvalue()


def test_a_page_of_100_columns_has_everything_whole() -> None:
    shown = page(found())
    assert max(map(len, shown.splitlines())) <= 100
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert "point in time 2026-11-16T03:00:00Z to 2026-11-23T02:57:00Z 3 minutes 5m 4h kept" in lines
    assert "backup vault 2026-11-22T14:00:00Z 13h 0m 14h 4h kept" in lines
    assert "backup vault: passed over 2026-11-23T02:00:00+00:00: its status is EXPIRED" in lines
    assert lines[-1] == "Every store can be restored from ap-southeast-1, as promised."


def test_what_is_broken_stands_last_where_a_tired_person_looks() -> None:
    shown = page(found(window=False))
    assert "BROKEN" in shown
    assert shown.endswith("- mysql: point in time: there are no automated backups\n\nNOT KEPT: 1 to be fixed above.\n")


def test_what_was_refused_is_never_fine() -> None:
    status = found(refused=True)
    assert "Not known: 1 not checked above" in page(status)
    told = as_json(DEV, status)
    assert (told["kept"], told["problems"], len(told["not_checked"])) == (False, (), 1)
    assert told["stores"][0]["premises"][0]["state"] == "not checked"


def test_json_keeps_its_shape() -> None:
    told = as_json(DEV, found())
    top = "format environment account prefix region role now kept problems not_checked stores unproved proofs"
    assert list(told) == top.split()
    (store,) = told["stores"]
    assert list(store) == ["store", "kind", "name", "sources", "premises", "in_use"]
    keys = (
        "where state scenario earliest latest age_seconds recovery_point expires manifest passed_over "
        "rpo_seconds limit_seconds expected_seconds rto_seconds problems not_checked"
    )
    assert all(list(source) == keys.split() for source in store["sources"])
    assert all(list(premise) == ["what", "state", "detail"] for premise in store["premises"])
    window, point, none = store["sources"]
    assert (window["earliest"], window["latest"]) == ("2026-11-16T03:00:00Z", "2026-11-23T02:57:00Z")
    assert (point["age_seconds"], point["rpo_seconds"], point["limit_seconds"]) == (13 * 3600, 12 * 3600, 14 * 3600)
    assert (none["state"], none["scenario"], none["latest"]) == ("not promised", None, None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--env", "live"], "unknown environment 'live'"),
        (["--region", "eu-west-1"], "found 'eu-west-1'; allowed: ap-southeast-1 or ap-southeast-2"),
        (["--now", "yesterday"], "found 'yesterday'; allowed: a moment such as 2026-11-23T03:00Z"),
        (["--now", "2026-11-23T03:00"], "without a zone; say which: 2026-11-23T03:00:00+00:00 (UTC) or 2026-11-23T03:00:00"),
        (["mysql"], "mysql"),
    ],
)
def test_wrong_input_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert main(["status", *arguments]) == ExitCode.WRONG_INPUT
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert shown.err.count("\n") == 1


def test_without_credentials_it_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert main(["status", "--env", "dev"]) == ExitCode.AWS_TROUBLE
    assert capsys.readouterr().err.startswith("recovery: no credentials for ap-southeast-1: sign in")


def test_a_moment_has_a_zone_and_is_told_in_utc() -> None:
    assert moment("2026-11-23T14:00+11:00") == NOW
    assert moment_text(moment("2026-11-23T03:00Z")) == "2026-11-23T03:00:00Z"


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=59), "under a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=59), "59 minutes"),
        (HOUR * 23 + timedelta(minutes=5), "23h 5m"),
        (HOUR * 24, "1 day"),
        (HOUR * 53, "2 days 5h"),
    ],
)
def test_an_age_is_said_in_words(age: timedelta, said: str) -> None:
    assert age_text(age) == said


def test_the_functions_do_not_carry_it() -> None:
    carried = {
        str(each.relative_to(bundle.ROOT)) for each in bundle.reachable(sorted((bundle.ROOT / "recovery/handlers").glob("*.py")))
    }
    assert "recovery/recovery_points.py" in carried
    judged = {"recovery/status/survey.py", "recovery/status/judgement.py", "recovery/restore/planner.py"}
    assert not [each for each in carried if each in judged or each.startswith("recovery/cli/")]


def test_what_is_unproved_is_shown_with_its_reason_and_breaks_nothing() -> None:
    proved = Proof("mysql", "mysql-to-a-moment", proved=True, because="", passed=NOW - HOUR, key="drills/x", rpo_seconds=300)
    never = Proof("mysql", None, proved=False, because="it was never checked here", passed=None, key=None)
    status = replace(found(), proofs=(proved, never))
    shown = page(status)
    assert "- integrity of mysql: it was never checked here\n" in shown
    assert shown.count("UNPROVED") == 1
    assert "`python -m recovery drill` proves it" in shown
    assert shown.endswith("Every store can be restored from ap-southeast-1, as promised.\n")
    told = as_json(DEV, status)
    assert (told["kept"], told["unproved"]) == (True, ("integrity of mysql: it was never checked here",))
    assert [each["proved"] for each in told["proofs"]] == [True, False]
    refused = replace(found(), proofs=NotChecked("ListObjectsV2 was refused (AccessDenied)"))
    assert "drills: ListObjectsV2 was refused (AccessDenied)" in page(refused)
    assert as_json(DEV, refused)["proofs"] is None
