"""What failed is a finding, and stays one; what people write about it is folded in, in order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from recovery.evidence.records import Record, State, parse
from recovery.findings.finding import FOLDERS, Finding, findings, identity
from recovery.findings.notes import NoFinding, closed, owned
from strategy.catalogue import names

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
DUE = date(2026, 12, 1)
BY = "arn:aws:iam::123456789012:user/operator"


def record(key: str, body: dict[str, Any], at: datetime = NOW) -> Record:
    import json

    found = parse(key, json.dumps({"at": at.isoformat(), **body}).encode(), at)
    assert found is not None
    return found


def act(body: dict[str, Any], number: int = 1) -> Record:
    return record(f"findings/{body['finding']}/{number}.json", body, datetime.fromisoformat(body["at"]))


FAILED = record(
    "drills/mysql-to-a-moment/1.json", {"outcome": "failed", "route": "mysql-to-a-moment", "problem": "Verify: 3 rows"}
)


@pytest.mark.proves("verification.findings")
@pytest.mark.parametrize("folder", ["drills", "restore-tests", "verifications", "restores", "recoveries", "integrity", "duties"])
def test_whatever_failed_opens_one(folder: str) -> None:
    (found,) = findings([record(f"{folder}/x/1.json", {"outcome": "failed"})])
    assert (found.open, found.owner, found.due) == (True, "", None)


def test_what_is_read_for_them_is_all_that_can_open_one_and_what_people_wrote() -> None:
    opening = {folder for folder in names.SEALED if findings([record(f"{folder}/x/1.json", {"outcome": "failed"})])}
    assert opening
    assert set(FOLDERS) == {*opening, names.FINDINGS}


@pytest.mark.parametrize(
    "body", [{"outcome": "passed"}, {"outcome": "recovered"}, {"verdict": "passed"}, {"outcome": "not-checked"}]
)
def test_what_passed_or_was_not_checked_opens_none(body: dict[str, Any]) -> None:
    assert findings([record("verifications/mysql/1.json", body)]) == []


def test_a_red_preflight_is_no_finding() -> None:
    red = record("preflights/1.json", {"ready": False, "red": 2})
    assert (red.state, findings([red])) == (State.FAILED, [])


def test_what_a_failed_drill_rests_on_is_the_same_finding() -> None:
    inner = record("verifications/mysql/1.json", {"verdict": "failed"})
    drill = record("drills/mysql-to-a-moment/1.json", {"outcome": "failed", "verification": {"report_key": inner.key}})
    assert [each.record for each in findings([inner, drill])] == [drill]
    assert [each.record for each in findings([inner])] == [inner]


@pytest.mark.proves("compliance.findings", "verification.findings")
def test_it_stays_open_until_its_change_is_linked() -> None:
    (first,) = findings([FAILED])
    mine = act(owned(first, "Ana", DUE, BY, NOW))
    (taken,) = findings([FAILED, mine])
    assert (taken.owner, taken.due, taken.open) == ("Ana", DUE, True)
    later = act(owned(taken, "Ben", DUE + timedelta(days=3), BY, NOW + timedelta(hours=1)), 2)
    (passed_on,) = findings([later, FAILED, mine])
    assert (passed_on.owner, passed_on.due) == ("Ben", DUE + timedelta(days=3))
    passing = record("drills/mysql-to-a-moment/2.json", {"outcome": "passed"}, NOW + timedelta(hours=2))
    assert [each.open for each in findings([FAILED, mine, later, passing])] == [True], "a drill that passes closes nothing"
    end = act(closed(passed_on, "https://github.com/bank/recovery/pull/7", BY, NOW + timedelta(hours=3)), 3)
    (mended,) = findings([FAILED, mine, later, end])
    assert (mended.open, mended.change, mended.closed) == (
        False,
        "https://github.com/bank/recovery/pull/7",
        NOW + timedelta(hours=3),
    )


@pytest.mark.proves("verification.findings")
def test_who_closes_it_must_say_how() -> None:
    forged = record(f"findings/{identity(FAILED.key)}/1.json", {"kind": "finding-closed", "finding": identity(FAILED.key)})
    assert [each.open for each in findings([FAILED, forged])] == [True]


@pytest.mark.proves("verification.findings")
def test_overdue_is_nobodys_and_what_is_past_its_day() -> None:
    (nobodys,) = findings([FAILED])
    (taken,) = findings([FAILED, act(owned(nobodys, "Ana", DUE, BY, NOW))])
    assert nobodys.overdue(NOW.date())
    assert (taken.overdue(DUE), taken.overdue(DUE + timedelta(days=1))) == (False, True)


OPEN = Finding("f00000000", FAILED)
OWNED = Finding("f00000000", FAILED, "Ana", DUE)
CLOSED = Finding("f00000000", FAILED, "Ana", DUE, "0123abc", NOW)


@pytest.mark.proves("compliance.findings")
@pytest.mark.parametrize(
    ("refused", "says"),
    [
        (lambda: owned(CLOSED, "Ana", DUE, BY, NOW), "was closed by 0123abc"),
        (lambda: owned(OPEN, "  ", DUE, BY, NOW), "needs an owner"),
        (lambda: owned(OPEN, "Ana", date(2026, 11, 19), BY, NOW), "has passed"),
        (lambda: closed(OPEN, "0123abc", BY, NOW), "is nobody's: first"),
        (lambda: closed(OWNED, "fixed it", BY, NOW), "allowed: the https:// address"),
        (lambda: closed(CLOSED, "0123abc", BY, NOW), "closed already"),
    ],
)
def test_refuses(refused: Any, says: str) -> None:
    with pytest.raises(NoFinding, match=says):
        refused()


def test_what_cannot_be_read_is_not_checked_and_never_passed() -> None:
    for body in (b"", b"[]", b"{}", b'{"outcome": "fine"}', b'{"outcome": 3}'):
        found = parse("drills/x/1.json", body, NOW)
        assert found is not None
        assert (found.state, found.at) == (State.NOT_CHECKED, NOW)
    assert parse("chain/public-key.pem", b"", NOW) is None
