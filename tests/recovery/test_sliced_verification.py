# ruff: noqa: S608 - the statements are of this test's own making
"""A store that one call has no time for, as the workflow has it measured: dealt out, read piece by piece, judged as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from aws_support.mariadb import Database
from recovery.handlers import write_manifest
from recovery.verify.manifest import parse
from recovery.verify.observer import MeasurementError
from tests.recovery import signing
from tests.recovery.conftest import BUCKET
from tests.recovery.test_handlers import check_mysql, check_table, report, stores

__all__ = ["stores"]

ITEMS = 60


@pytest.fixture
def large(stores: Database, aws: Any, monkeypatch: pytest.MonkeyPatch) -> Database:
    """More in it than is read in one go, in a table with dates and one without a number to cut it by."""
    stores.run(
        "ALTER TABLE crm_users.users ADD COLUMN made DATETIME(6) NOT NULL DEFAULT '2026-01-01'",
        "INSERT INTO crm_users.users SELECT seq, CONCAT(seq, '@bank.example'), '2026-01-01' FROM crm_users.seq_3_to_120",
        "CREATE TABLE crm_clients.clients (id CHAR(36) NOT NULL PRIMARY KEY, name VARCHAR(40))",
        "INSERT INTO crm_clients.clients SELECT MD5(seq), seq FROM crm_users.seq_1_to_30",
    )
    for n in range(ITEMS - 1):
        aws.client("dynamodb").put_item(TableName="audit", Item={"id": {"S": f"item {n}"}, "n": {"N": str(n)}})
    monkeypatch.setenv("PIECE_ROWS", "15")
    return stores


Check = Callable[..., dict[str, Any]]


def in_pieces(check: Check, answered: Callable[[list[Any]], list[Any]] = lambda answers: answers) -> dict[str, Any]:
    """As the workflow does it; every answer travels as JSON. `answered` changes what the pieces say."""
    dealt = check(deal=True)
    assert len(dealt["pieces"]) > 2
    answers = [check(piece=json.loads(json.dumps(piece)), seconds=600) for piece in dealt["pieces"]]
    return check(measured=answered(json.loads(json.dumps(answers))))


def checks(database: Database, keys: dict[str, str], **more: Any) -> list[tuple[str, Check]]:
    return [
        ("rows", lambda **event: check_mysql(database, keys["mysql"], **more, **event)),
        ("items", lambda **event: check_table(keys["audit-logs"], **more, **event)),
    ]


def written() -> dict[str, str]:
    """Manifests, their table in pieces, as the workflow writes them."""
    first = write_manifest.handler({}, None)
    assert set(first["manifest_keys"]) == {"mysql"}, "of MySQL one snapshot"
    answers = [write_manifest.handler({"piece": piece, "seconds": 600}, None) for piece in first["pieces"]]
    last = write_manifest.handler({"written": first, "measured": answers}, None)
    assert last["pieces"] == []
    signing.sign(BUCKET, last)
    keys: dict[str, str] = last["manifest_keys"]
    return keys


def test_a_large_store_is_judged_by_all_of_its_pieces(large: Database, aws: Any, s3: Any) -> None:
    keys = written()
    manifest = parse(s3.get_object(Bucket=BUCKET, Key=keys["audit-logs"])["Body"].read(), store="audit-logs", kind="dynamodb")
    assert manifest.content.rows == ITEMS
    assert manifest.until
    assert manifest.taken < manifest.until
    for unit, check in checks(large, keys):
        answer, whole = in_pieces(check), check()
        assert answer["verdict"] == "passed", answer
        assert answer[unit] == (150 if unit == "rows" else ITEMS)
        assert answer["levels"] == whole["levels"]
        assert report(s3, answer)["verdict"] == "passed"
    large.run("UPDATE crm_clients.clients SET name = 'another' ORDER BY id LIMIT 1")
    aws.client("dynamodb").put_item(TableName="audit", Item={"id": {"S": "item 7"}, "n": {"S": "7"}})
    for _, check in checks(large, keys):
        answer = in_pieces(check)
        assert answer["verdict"] == "failed"
        assert "1 of" in next(level["detail"] for level in answer["levels"] if level["level"] == "content")


def test_what_changed_since_is_explained_in_pieces_too(large: Database, aws: Any) -> None:
    keys = written()
    later = datetime.now(UTC) + timedelta(hours=3)
    large.run(f"INSERT INTO crm_users.users VALUES (200, 'new@bank.example', '{later:%Y-%m-%d %H:%M:%S}')")
    aws.client("dynamodb").put_item(TableName="audit", Item={"id": {"S": "new"}, "at": {"S": later.isoformat()}})
    event: dict[str, Any] = {"moment": (later + timedelta(seconds=2)).isoformat(), "tolerance_seconds": 1}
    dated: dict[str, dict[str, Any]] = {
        "rows": {"changes": {"crm_users.users": {"created": "made", "changed": "made"}}},
        "items": {"written_at": "at"},
    }
    for unit, check_one in checks(large, keys, **event):
        check: Check = partial(check_one, **dated[unit])
        answer, whole = in_pieces(check), check()
        assert (answer["verdict"], answer["levels"], answer["newest"]) == (whole["verdict"], whole["levels"], whole["newest"])
        assert answer[unit] == (151 if unit == "rows" else ITEMS + 1)


def test_a_small_store_and_a_replica_are_not_cut(large: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = written()
    for _, check in checks(large, keys, replica=True, not_before="2026-11-02T03:00:00Z"):
        assert check(deal=True) == {"pieces": []}
    monkeypatch.setenv("PIECE_ROWS", "1000")
    for _, check in checks(large, keys):
        assert check(deal=True) == {"pieces": []}
    for _, check in checks(large, {"mysql": "", "audit-logs": ""}):
        assert check(deal=True) == {"pieces": []}
        assert check(measured=[])["verdict"] == "not_checked"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda answers: [*answers[:-1], None], "was not measured"),
        (lambda answers: answers[:-1], "not measured with the others"),
        (lambda answers: [*answers, answers[0]], "was measured twice"),
        (lambda answers: [answers[1] | {"sha256": answers[0]["sha256"]}, *answers[1:]], "not what its reader wrote"),
        (lambda answers: [{"store": "any", "run": "any", "number": 0, "problem": "no time"}, *answers[1:]], "no time"),
    ],
)
def test_half_a_measurement_is_none(change: Callable[[list[Any]], list[Any]], problem: str, large: Database) -> None:
    keys = written()
    for _, check in checks(large, keys):
        answer = in_pieces(check, change)
        assert answer["verdict"] == "not_checked"
        assert problem in answer["summary"]


def test_a_piece_that_was_replaced_in_the_bucket_is_not_believed(large: Database, s3: Any) -> None:
    keys = written()
    for _, check in checks(large, keys):
        pieces = check(deal=True)["pieces"]
        answers = [check(piece=piece) for piece in pieces]
        one, other = (f"measurements/{each['store']}/{each['run']}/{each['number']:03}.json" for each in pieces[:2])
        s3.copy_object(Bucket=BUCKET, Key=one, CopySource={"Bucket": BUCKET, "Key": other})
        assert check(measured=answers)["verdict"] == "not_checked"


class Context:
    """What Lambda tells a function about its time."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds * 1000

    def get_remaining_time_in_millis(self) -> float:
        return self._left


@pytest.mark.usefixtures("large")
def test_a_piece_without_time_says_so_and_nothing_is_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    first = write_manifest.handler({}, None)
    answer = write_manifest.handler({"piece": first["pieces"][0], "seconds": 30}, Context(900))
    assert "there was no time" in answer["problem"]
    assert "sha256" not in write_manifest.handler({"piece": first["pieces"][0]}, Context(59))
    assert "sha256" in write_manifest.handler({"piece": first["pieces"][0], "seconds": 600}, Context(900))
    with pytest.raises(MeasurementError, match="there was no time"):
        write_manifest.handler({"written": first, "measured": [answer] * len(first["pieces"])}, None)
    monkeypatch.setenv("PIECE_ROWS", "1000")
    assert write_manifest.handler({}, None)["pieces"] == []
