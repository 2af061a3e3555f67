# ruff: noqa: S608 - the statements are of this test's own making
"""Several connections measure what one would: of one moment, every row once, and nothing when one of them is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pymysql
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from aws_support.mariadb import Database
from recovery.verify import ranges
from recovery.verify.compare import compare
from recovery.verify.content import Content
from recovery.verify.mode import Mode
from recovery.verify.mysql import Like, Measurement, MeasurementError, measure
from recovery.verify.rows import row_bytes

KEYS = {
    "numbers": "id BIGINT UNSIGNED NOT NULL PRIMARY KEY",
    "below zero": "id INT NOT NULL PRIMARY KEY",
    "UUIDs": "id CHAR(36) NOT NULL PRIMARY KEY",
    "bytes": "id BINARY(16) NOT NULL PRIMARY KEY",
    "two columns": "id INT NOT NULL, other CHAR(4) NOT NULL DEFAULT 'x', PRIMARY KEY (other, id)",
    "no key": "id INT NOT NULL",
}
VALUES = {
    "numbers": "seq * 2",
    "below zero": "CAST(seq AS SIGNED) - 150",
    "UUIDs": "INSERT(INSERT(INSERT(INSERT(MD5(seq), 21, 0, '-'), 17, 0, '-'), 13, 0, '-'), 9, 0, '-')",
    "bytes": "UNHEX(MD5(seq))",
}


@pytest.fixture
def mysql(server: Database) -> Database:
    server.empty()
    server.run("CREATE DATABASE bank")
    return server


@contextmanager
def connections(database: Database, number: int, **options: Any) -> Iterator[list[Connection[Cursor]]]:
    options = {"charset": "utf8mb4", "binary_prefix": True} | options
    with ExitStack() as stack:
        yield [stack.enter_context(database.connect(**options)) for _ in range(number)]


def measured(database: Database, *, at_once: int = 3, like: Like | None = None, watch: Any = None) -> Measurement:
    with connections(database, at_once + 1) as (first, *beside):
        return measure(first, beside=beside if at_once > 1 else (), like=like, watch=watch)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("mode", Mode)
def test_any_key_is_cut_into_ranges_that_hold_every_row_once(
    key: str, mode: Mode, mysql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    mysql.run(
        f"CREATE TABLE bank.t ({KEYS[key]}, v INT NULL)",
        f"INSERT INTO bank.t (id, v) SELECT {VALUES.get(key, 'seq')}, NULLIF(seq MOD 7, 0) FROM bank.seq_1_to_300",
    )
    alone = measured(mysql, at_once=1, like=Like(mode=mode)).content
    monkeypatch.setattr(ranges, "FIRST_ROWS", 13)
    monkeypatch.setattr(ranges, "MOST_ROWS", 29)
    assert measured(mysql, like=Like(mode=mode)).content == alone
    mysql.run(
        "DELETE FROM bank.t ORDER BY id DESC LIMIT 1", "INSERT INTO bank.t (id, v) VALUES (200, 3) ON DUPLICATE KEY UPDATE v = 9"
    )
    damaged = measured(mysql, like=Like(expected=alone.parts, mode=mode)).content
    assert str(compare(alone, damaged)[2].verdict) == "failed"


def test_what_adds_up_to_the_same_is_not_cut_and_what_does_not_is(mysql: Database) -> None:
    mysql.run(
        "CREATE TABLE bank.t (id INT NOT NULL PRIMARY KEY, v INT)", "INSERT INTO bank.t SELECT seq, 1 FROM bank.seq_1_to_300"
    )
    manifest = measured(mysql).content
    statements = list[str]()

    class Listening:
        def before(self, cursor: Cursor) -> None:
            pass

        def read(self, part: str, rows: int) -> None:
            statements.append(f"{part} {rows}")

    like = Like(expected=manifest.parts)
    assert measured(mysql, like=like, watch=Listening()).content == manifest
    assert statements == ["bank.t 300"]
    mysql.run("UPDATE bank.t SET v = 2 WHERE id = 7")
    live = measured(mysql, like=like, watch=Listening()).content
    assert statements == ["bank.t 300"] * 3
    assert "1 of 32 chunks differ" in compare(manifest, live)[2].detail


def test_all_connections_see_one_moment_while_others_write(mysql: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each transaction writes to both ends of the table: halves of one would show as unequal sums."""
    monkeypatch.setattr(ranges, "FIRST_ROWS", 10)
    mysql.run(
        "CREATE TABLE bank.t (id INT NOT NULL PRIMARY KEY, v INT NOT NULL)",
        "INSERT INTO bank.t SELECT seq, 0 FROM bank.seq_1_to_200",
    )
    expected = {n: _of_round(mysql, n) for n in range(40)}
    mysql.run("UPDATE bank.t SET v = 0")
    stop = threading.Event()

    def write() -> None:
        with mysql.connect() as connection, connection.cursor() as cursor:
            for n in range(1, 40):
                cursor.execute(f"UPDATE bank.t SET v = {n} WHERE id = 1")
                cursor.execute(f"UPDATE bank.t SET v = {n} WHERE id = 200")
                connection.commit()
                if stop.wait(0.02):
                    return

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = [measured(mysql).content for _ in range(6)]
    finally:
        stop.set()
        writer.join()
    assert all(content in expected.values() for content in seen)
    assert any(content != expected[0] for content in seen)


def _of_round(database: Database, number: int) -> Content:
    database.run(f"UPDATE bank.t SET v = {number} WHERE id IN (1, 200)")
    return measured(database, at_once=1).content


@pytest.mark.parametrize("trouble", ["no right to lock", "someone writes for long"])
def test_without_its_lock_one_connection_measures(trouble: str, mysql: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recovery.mysql.LOCK_SECONDS", 1)
    mysql.run("CREATE TABLE bank.t (id INT NOT NULL PRIMARY KEY)", "INSERT INTO bank.t VALUES (1)")
    mysql.run("CREATE USER verifier@'%' IDENTIFIED BY 'v'", "GRANT SELECT, SHOW VIEW ON bank.* TO verifier@'%'")
    at = list[int]()

    class Listening:
        def before(self, cursor: Cursor) -> None:
            at.append(id(cursor))

        def read(self, part: str, rows: int) -> None:
            pass

    with ExitStack() as stack:
        user = {"user": "verifier", "password": "v"} if trouble == "no right to lock" else {}
        if not user:
            writing = stack.enter_context(mysql.connect())
            stack.enter_context(writing.cursor()).execute("INSERT INTO bank.t VALUES (2)")
        made = [stack.enter_context(_as(mysql, **user)) for _ in range(3)]
        content = measure(made[0], beside=made[1:], watch=Listening()).content
    assert content.rows == 1
    assert len(set(at)) == 1


def _as(database: Database, **user: str) -> Connection[Cursor]:
    known: dict[str, Any] = {"user": "tester", "password": "tester"} | user
    return pymysql.connect(host="127.0.0.1", port=database.port, ssl_disabled=True, **known)


def test_a_connection_lost_beside_the_first_is_no_measurement(mysql: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "FIRST_ROWS", 1)
    mysql.run("CREATE TABLE bank.t (id INT NOT NULL PRIMARY KEY)", "INSERT INTO bank.t SELECT seq FROM bank.seq_1_to_3000")

    with connections(mysql, 3) as (first, *beside):

        class Killing:
            def before(self, cursor: Cursor) -> None:
                if cursor.connection is beside[0]:
                    mysql.run(f"KILL {beside[0].thread_id()}")  # type: ignore[no-untyped-call]  # not in PyMySQL's stubs

            def read(self, part: str, rows: int) -> None:
                pass

        with pytest.raises(MeasurementError, match="could not be read"):
            measure(first, beside=beside, watch=Killing())


def test_the_fast_mode_sees_what_an_exclusive_or_does_not(mysql: Database) -> None:
    mysql.run(
        "CREATE TABLE bank.moves (id INT NOT NULL PRIMARY KEY, client CHAR(5) NOT NULL, amount DECIMAL(9, 2) NOT NULL)",
        "INSERT INTO bank.moves VALUES (1, 'CLT-a', 10.00), (2, 'CLT-b', 20.00)",
    )
    before = measured(mysql, like=Like(mode=Mode.FAST)).content
    mysql.run("UPDATE bank.moves SET client = IF(id = 1, 'CLT-b', 'CLT-a')")
    live = measured(mysql, like=Like(expected=before.parts, mode=Mode.FAST)).content
    assert str(compare(before, live)[2].verdict) == "failed"


def test_content_of_two_modes_is_not_compared(mysql: Database) -> None:
    mysql.run("CREATE TABLE bank.t (id INT NOT NULL PRIMARY KEY)", "INSERT INTO bank.t VALUES (1)")
    one, other = (measured(mysql, like=Like(mode=mode)).content for mode in Mode)
    assert str(compare(one, other)[2].verdict) == "not_checked"


TEXTS = st.none() | st.text(alphabet="#01a é", max_size=4)
ROWS = st.lists(st.tuples(TEXTS, TEXTS, st.none() | st.integers(0, 11), TEXTS), min_size=1, max_size=30, unique=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
def test_different_rows_are_different_bytes(mysql: Database, rows: list[tuple[Any, ...]]) -> None:
    columns = {
        name: {"data_type": kind, "nullable": "YES", "type": kind, "collation": collation, "charset": None}
        for name, kind, collation in (
            ("a", "varchar", "latin1"),
            ("b", "varbinary", None),
            ("c", "int", None),
            ("d", "varchar", "x"),
        )
    }
    encoded = [None if each is None else each.encode() for _, each, *_ in rows]
    with mysql.connect(charset="utf8mb4", binary_prefix=True) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE bank.pairs"
            " (a VARCHAR(9) CHARACTER SET latin1, b VARBINARY(9), c INT, d VARCHAR(9) CHARACTER SET utf8mb4)"
        )
        cursor.executemany(
            "INSERT INTO bank.pairs VALUES (%s, %s, %s, %s)",
            [(a, b, c, d) for (a, _, c, d), b in zip(rows, encoded, strict=True)],
        )
        cursor.execute(f"SELECT COUNT(*), COUNT(DISTINCT {row_bytes(columns)}) FROM bank.pairs", ())
        assert cursor.fetchone() == (len(rows), len(rows))
        cursor.execute("DROP TEMPORARY TABLE bank.pairs")


def test_a_string_counts_with_its_own_bytes(mysql: Database) -> None:
    about = {"data_type": "varchar", "nullable": "NO", "type": "", "charset": None}
    columns = {name: about | {"collation": name} for name in ("one", "other")}
    mysql.run(
        "CREATE TABLE bank.t (one VARCHAR(9) CHARACTER SET latin1 NOT NULL, other VARCHAR(9) CHARACTER SET utf8mb4 NOT NULL)",
    )
    with mysql.connect(charset="utf8mb4") as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO bank.t VALUES ('é', 'é')")
        cursor.execute(f"SELECT HEX({row_bytes(columns)}) FROM bank.t", ())
        assert cursor.fetchone() == ((b"1#\xe9#" + "é".encode()).hex().upper(),)


def test_strings_of_several_collations_are_joined(mysql: Database) -> None:
    mysql.run(
        "CREATE TABLE bank.t (a VARCHAR(9) COLLATE utf8mb4_bin, b VARCHAR(9) COLLATE utf8mb4_unicode_ci, "
        "c VARCHAR(9) COLLATE utf8mb4_swedish_ci, d ENUM('x', 'y') COLLATE utf8mb4_german2_ci, e VARCHAR(9) CHARACTER SET ucs2)",
        "INSERT INTO bank.t VALUES ('é', 'é', 'é', 'x', 'é')",
    )
    before = measured(mysql).content
    for column in "abce":
        mysql.run(f"UPDATE bank.t SET {column} = 'e'")
        assert str(compare(before, measured(mysql, like=Like(expected=before.parts)).content)[2].verdict) == "failed"
        mysql.run(f"UPDATE bank.t SET {column} = 'é'")
    assert measured(mysql, like=Like(expected=before.parts)).content == before


BESIDE = {
    "INT": "7",
    "DECIMAL(9,2)": "0.10",
    "DATETIME(6)": "'2026-01-02 03:04:05.000006'",
    "DOUBLE": "0.1",
    "BLOB": "'x'",
    "TEXT": "'x'",
    "ENUM('x', 'y')": "'x'",
    "BIT(3)": "5",
    "JSON": "'{}'",
    "POINT": "ST_GeomFromText('POINT(1 2)')",
}


@pytest.mark.parametrize("charset", ["latin1", "cp1251", "utf8mb3", "ucs2", "utf8mb4", "binary"])
def test_a_text_of_any_character_set_is_joined_with_a_column_of_any_type(mysql: Database, charset: str) -> None:
    """A latin1 text beside a BLOB, as banks have them, was refused by the server: an illegal mix of collations."""
    tables = [f"bank.t{number}" for number in range(len(BESIDE))]
    for table, (kind, value) in zip(tables, BESIDE.items(), strict=True):
        mysql.run(
            f"CREATE TABLE {table} (id INT NOT NULL PRIMARY KEY, a VARCHAR(9) CHARACTER SET {charset}, b {kind})",
            f"INSERT INTO {table} VALUES (1, 'x', {value}), (2, NULL, {value}), (3, 'x', NULL)",
        )
    for mode in Mode:
        before = measured(mysql, like=Like(mode=mode)).content
        mysql.run(*(f"UPDATE {table} SET a = 'z' WHERE id = 1" for table in tables))
        after = measured(mysql, like=Like(expected=before.parts, mode=mode)).content
        mysql.run(*(f"UPDATE {table} SET a = 'x' WHERE id = 1" for table in tables))
        failed = {name for name, part in after.parts.items() if part != before.parts[name]}
        assert failed == set(tables)
        assert measured(mysql, like=Like(expected=before.parts, mode=mode)).content == before
