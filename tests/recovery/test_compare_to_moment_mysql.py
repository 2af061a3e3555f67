# ruff: noqa: S608 - the statements are of this test's own making
"""A MySQL copy of a moment after the manifest, on a real server: traffic that was recorded passes, damage among it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aws_support.mariadb import Database
from recovery.verify.compare_to_moment import explain
from recovery.verify.content import Content
from recovery.verify.gap import CLOCKS, Gap
from recovery.verify.mysql import Like, measure
from recovery.verify.result import Level, Verdict
from strategy.contracts.dates import Columns

TAKEN = datetime(2026, 11, 2, 2, 0, 10, 500_000, tzinfo=UTC)
MOMENT = datetime(2026, 11, 2, 9, tzinfo=UTC)
GAP = Gap(TAKEN, TAKEN, MOMENT, CLOCKS)
CHANGES = {
    "bank.clients": {"created": "created", "changed": "changed"},
    "bank.moves": {"created": "made", "changed": "made"},
    "bank.loose": {"created": "made", "changed": "made"},
}
SCHEMA = (
    "CREATE DATABASE bank",
    """CREATE TABLE bank.clients (id INT NOT NULL PRIMARY KEY, name VARCHAR(20), created DATETIME(6) NOT NULL,
       changed TIMESTAMP(6) NULL)""",
    "CREATE TABLE bank.moves (id INT NOT NULL PRIMARY KEY, amount INT, made DATETIME(6) NULL)",
    "CREATE TABLE bank.loose (word VARCHAR(20), made DATETIME NULL)",
    "CREATE TABLE bank.labels (id INT NOT NULL PRIMARY KEY, label VARCHAR(20))",
    "INSERT INTO bank.labels VALUES (1, 'one'), (2, 'two')",
    "INSERT INTO bank.loose VALUES ('a', '2026-11-01 08:00:00'), ('b', '2026-11-01 08:00:00')",
)
OLD, SINCE = "'2026-11-01 08:00:00'", "'2026-11-02 08:59:57.25'"
ROWS = 400
TRAFFIC = (
    f"UPDATE bank.clients SET name = 'moved', changed = {SINCE} WHERE id IN (7, 8)",
    f"INSERT INTO bank.clients VALUES (1001, 'new', {SINCE}, {SINCE}), (1002, 'new', {SINCE}, NULL)",
    f"INSERT INTO bank.moves VALUES (1001, 5, {SINCE})",
    f"INSERT INTO bank.loose VALUES ('c', {SINCE})",
)


@pytest.fixture
def bank(server: Database) -> Iterator[Database]:
    server.empty()
    numbers = range(1, ROWS + 1)
    server.run(
        *SCHEMA,
        "INSERT INTO bank.clients VALUES " + ",".join(f"({n}, 'client {n}', {OLD}, {OLD})" for n in numbers),
        "INSERT INTO bank.moves VALUES " + ",".join(f"({n}, {n}, {'NULL' if n == 3 else OLD})" for n in numbers),
    )
    yield server
    server.empty()


@pytest.fixture
def manifest(bank: Database) -> Content:
    with bank.connect() as connection:
        return measure(connection).content


def levels(
    bank: Database, manifest: Content, *, gap: Gap = GAP, changes: Mapping[str, Mapping[str, str]] = CHANGES
) -> dict[str, Level]:
    dates = {table: Columns(**each) for table, each in changes.items()}
    with bank.connect() as connection:
        measured = measure(connection, like=Like(manifest.chunk_counts(), gap, dates))
    return {level.name: level for level in explain(manifest, measured.content, measured.dated, gap)}


def verdicts(given: Mapping[str, Level]) -> dict[str, str]:
    return {name: str(level.verdict) for name, level in given.items()}


PASSED = dict.fromkeys(("schema", "counts", "content", "moment"), "passed")


def test_an_untouched_copy_is_equal(bank: Database, manifest: Content) -> None:
    given = levels(bank, manifest)
    assert verdicts(given) == PASSED
    chunks = sum(manifest.chunk_counts().values())
    assert given["content"].detail == f"{chunks} of {chunks} chunks equal to the manifest of 2026-11-02T02:00:10Z, 0 unexplained"


def test_recorded_traffic_explains_what_differs_and_its_size_is_said(bank: Database, manifest: Content) -> None:
    bank.run(*TRAFFIC)
    given = levels(bank, manifest)
    assert verdicts(given) == PASSED
    assert "explained by 2 rows recorded as changed since" in given["content"].detail
    assert "other rows counted, not compared), 0 unexplained" in given["content"].detail
    assert given["moment"].detail.startswith("newest record 2026-11-02T08:59:57Z, 3 s before the moment 2026-11-02T09:00:00Z")


UNEXPLAINED = {
    "an old row is gone": "DELETE FROM bank.clients WHERE id = 100",
    "an old row is gone from a chunk with an update": "DELETE FROM bank.clients WHERE id = 8",
    "an old move is gone": "DELETE FROM bank.moves WHERE id = 5",
    "a row without a date is gone": "DELETE FROM bank.moves WHERE id = 3",
    "an old row of a table without a key is gone": "DELETE FROM bank.loose WHERE word = 'a'",
    "a table is truncated and filled anew": "DELETE FROM bank.moves WHERE id <= 400",
    "one row too many that claims to be old": f"INSERT INTO bank.clients VALUES (2000, 'x', {OLD}, {OLD})",
    "one row too many without a date": "INSERT INTO bank.moves VALUES (2000, 1, NULL)",
}
ALTERED = {
    "a row is altered and not recorded": "UPDATE bank.clients SET name = 'x' WHERE id = 100",
    "two rows are swapped": "UPDATE bank.moves SET amount = 21 - amount WHERE id IN (10, 11)",
    "a date is put back": "UPDATE bank.clients SET changed = changed - INTERVAL 1 MICROSECOND WHERE id = 100",
}


@pytest.mark.parametrize("kind", [*UNEXPLAINED, *ALTERED])
def test_damage_among_traffic_is_caught(kind: str, bank: Database, manifest: Content) -> None:
    bank.run(*TRAFFIC, (UNEXPLAINED | ALTERED)[kind])
    given = levels(bank, manifest)
    assert given["content"].verdict is Verdict.FAILED
    assert (given["counts"].verdict is Verdict.FAILED) == (kind in UNEXPLAINED)
    assert "no recorded change explains it" in given["content"].detail


def test_an_old_row_replaced_by_a_new_one_is_caught(bank: Database, manifest: Content) -> None:
    bank.run("DELETE FROM bank.moves WHERE id = 5", f"INSERT INTO bank.moves VALUES (5, 5, {SINCE})")
    assert verdicts(levels(bank, manifest)) == PASSED | {"counts": "failed", "content": "failed"}


def test_a_dropped_table_fails_and_a_new_one_is_not_checked(bank: Database, manifest: Content) -> None:
    bank.run("CREATE TABLE bank.more (id INT NOT NULL PRIMARY KEY, doc JSON)", "CREATE DATABASE other")
    given = levels(bank, manifest)
    assert verdicts(given) == PASSED | dict.fromkeys(("schema", "counts", "content"), "not_checked")
    assert {f.where for f in given["schema"].findings} == {"bank/tables/more", "other"}
    bank.run("DROP TABLE bank.labels")
    given = levels(bank, manifest)
    assert verdicts(given) == PASSED | dict.fromkeys(("schema", "counts", "content"), "failed")
    assert "bank.labels: is missing" in given["content"].detail


def test_an_altered_schema_fails(bank: Database, manifest: Content) -> None:
    bank.run(
        "ALTER TABLE bank.labels ADD COLUMN more INT, ADD CONSTRAINT positive CHECK (id > 0)", "CREATE TABLE bank.t (id INT)"
    )
    assert levels(bank, manifest)["schema"].verdict is Verdict.FAILED


def test_an_empty_copy_fails(bank: Database, manifest: Content) -> None:
    bank.run(*(f"DELETE FROM bank.{table}" for table in ("clients", "moves", "loose", "labels")))
    given = levels(bank, manifest)
    assert (given["counts"].verdict, given["moment"].verdict) == (Verdict.FAILED, Verdict.NOT_CHECKED)
    assert "is empty" in given["counts"].detail


@pytest.mark.parametrize(
    "statement",
    ["UPDATE bank.labels SET label = 'x' WHERE id = 1", "DELETE FROM bank.labels", "INSERT INTO bank.labels VALUES (3, 'x')"],
)
def test_a_table_without_dates_is_not_checked_when_it_differs(statement: str, bank: Database, manifest: Content) -> None:
    bank.run(statement)
    given = levels(bank, manifest)
    assert given["content"].verdict is Verdict.NOT_CHECKED
    assert (
        "bank.labels: 1 of 1 chunks differ (0), and no usable column says when a row of it was changed" in given["content"].detail
    )
    assert given["counts"].verdict is (Verdict.PASSED if statement.startswith("UPDATE") else Verdict.NOT_CHECKED)


@pytest.mark.parametrize(
    "changes",
    [
        {"created": "gone", "changed": "gone"},
        {"created": "name", "changed": "created"},
    ],
)
def test_columns_that_hold_no_moments_are_not_guessed_at(changes: dict[str, str], bank: Database, manifest: Content) -> None:
    bank.run(*TRAFFIC)
    given = levels(bank, manifest, changes=CHANGES | {"bank.clients": changes})
    assert verdicts(given) == PASSED | {"counts": "not_checked", "content": "not_checked"}


def test_a_table_without_a_key_whose_rows_change_is_not_guessed_at(bank: Database) -> None:
    bank.run("ALTER TABLE bank.loose ADD COLUMN changed DATETIME NULL")
    with bank.connect() as connection:
        manifest = measure(connection).content
    bank.run(f"UPDATE bank.loose SET word = 'x', changed = {SINCE} WHERE word = 'a'")
    changes = CHANGES | {"bank.loose": {"created": "made", "changed": "changed"}}
    assert levels(bank, manifest, changes=changes)["content"].verdict is Verdict.NOT_CHECKED


def test_nothing_dated_nothing_said_of_the_moment(bank: Database, manifest: Content) -> None:
    assert verdicts(levels(bank, manifest, changes={})) == PASSED | {"moment": "not_checked"}


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("INSERT INTO bank.moves VALUES (1001, 1, '2026-11-02 09:00:01.5')", "bank.moves"),
        ("UPDATE bank.clients SET changed = '2026-11-02 10:00:00' WHERE id = 1", "bank.clients"),
        ("INSERT INTO bank.clients VALUES (1001, 'x', '2026-11-02 10:00:00', NULL)", "bank.clients"),
    ],
)
def test_a_copy_of_a_later_moment_fails(statement: str, where: str, bank: Database, manifest: Content) -> None:
    bank.run(statement)
    given = levels(bank, manifest)
    assert verdicts(given) == PASSED | {"moment": "failed"}
    assert given["moment"].findings[0].where == where
    assert verdicts(levels(bank, manifest, gap=replace(GAP, tolerance=timedelta(hours=1)))) == PASSED


def test_a_copy_older_than_the_manifest_fails(bank: Database, manifest: Content) -> None:
    """Rows the manifest has are not there yet, or still as they were before."""
    bank.run(
        "DELETE FROM bank.moves WHERE id = 400", "UPDATE bank.clients SET name = 'before', changed = '2026-10-01' WHERE id = 9"
    )
    given = levels(bank, manifest)
    assert verdicts(given) == PASSED | {"counts": "failed", "content": "failed"}
    assert "at least 1 of the manifest's 400 rows are missing" in given["counts"].detail


NEAR = {
    "committed just after the manifest": ("-30 SECOND", ()),
    "dated just after, by a clock ahead, and in it": ("500000 MICROSECOND", (1, 2)),
    "one in it and one not": ("-5 SECOND", (1,)),
    "both in it": ("-5 SECOND", (1, 2)),
}


@pytest.mark.parametrize("kind", NEAR)
def test_rows_committed_around_the_manifest_may_be_in_it_or_not(kind: str, bank: Database) -> None:
    distance, before = NEAR[kind]
    made = f"'{TAKEN:%Y-%m-%d %H:%M:%S.%f}' + INTERVAL {distance}"
    rows = {number: f"INSERT INTO bank.moves VALUES ({1000 + number}, 1, {made})" for number in (1, 2)}
    bank.run(*(rows[number] for number in before))
    with bank.connect() as connection:
        manifest = measure(connection, like=Like({"bank.moves": 1})).content
    bank.run(*(statement for number, statement in rows.items() if number not in before))
    given = levels(bank, manifest)
    assert verdicts(given) == PASSED
    # Only where some are in it and some are not is the checksum of the others unknown.
    assert ("explained by 2 rows" in given["content"].detail) == (kind == "one in it and one not")
    bank.run("DELETE FROM bank.moves WHERE id IN (1001, 1002, 5, 6, 7)")
    assert levels(bank, manifest)["content"].verdict is Verdict.FAILED


def test_a_row_dated_long_before_the_manifest_and_not_in_it_is_not_explained(bank: Database, manifest: Content) -> None:
    bank.run(f"INSERT INTO bank.moves VALUES (1001, 1, '{TAKEN:%Y-%m-%d %H:%M:%S}' - INTERVAL 61 SECOND)")
    assert levels(bank, manifest)["content"].verdict is Verdict.FAILED


def test_a_younger_manifest_passes_what_is_equal_and_fails_nothing_it_cannot_know(bank: Database, manifest: Content) -> None:
    younger = replace(GAP, moment=TAKEN - timedelta(seconds=30))
    assert verdicts(levels(bank, manifest, gap=younger)) == PASSED
    bank.run("DELETE FROM bank.moves WHERE id = 399")
    bank.run(f"INSERT INTO bank.moves VALUES (1001, 1, '{TAKEN - timedelta(seconds=10):%Y-%m-%d %H:%M:%S}')")
    given = levels(bank, manifest, gap=replace(younger, tolerance=timedelta(hours=1)))
    assert verdicts(given) == PASSED | {"counts": "not_checked", "content": "not_checked"}
    assert "taken 30 s after the moment" in given["content"].detail
    bank.run("DELETE FROM bank.moves", "DELETE FROM bank.clients", "DELETE FROM bank.loose", "DELETE FROM bank.labels")
    assert levels(bank, manifest, gap=younger)["counts"].verdict is Verdict.FAILED


def test_a_younger_manifest_judges_a_copy_that_has_records_of_after_it(bank: Database, manifest: Content) -> None:
    """A recovery point is of some moment in its start window: here of one after the manifest."""
    point = replace(GAP, moment=TAKEN - timedelta(seconds=30), tolerance=timedelta(hours=8))
    bank.run(*TRAFFIC)
    assert verdicts(levels(bank, manifest, gap=point)) == PASSED
    bank.run("DELETE FROM bank.moves WHERE id = 400")
    assert verdicts(levels(bank, manifest, gap=point)) == PASSED | {"counts": "failed", "content": "failed"}


def test_findings_name_no_row(bank: Database, manifest: Content) -> None:
    bank.run(*TRAFFIC, "UPDATE bank.clients SET name = 'SECRET' WHERE id = 100")
    assert "SECRET" not in str(levels(bank, manifest))
