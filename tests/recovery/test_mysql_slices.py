# ruff: noqa: S608 - the statements are of this test's own making
"""A server read slice by slice is the server read whole: any key, any rows, told apart by dates or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aws_support.mariadb import Database
from recovery.verify import mysql_slices
from recovery.verify.content import Content
from recovery.verify.gap import Dated, Gap
from recovery.verify.mysql import Like, measure
from recovery.verify.observer import MeasurementError, Quiet
from recovery.verify.pieces import Reading, add_up
from recovery.verify.slices import Piece, Sizes, Slice
from strategy.contracts.dates import Columns
from tests.recovery.test_mysql_parallel import KEYS, VALUES, connections, measured

SMALL = Sizes(rows=20, most=10)
DATES = {"bank.t": Columns(created="made", changed="made")}


@pytest.fixture
def mysql(server: Database) -> Database:
    server.empty()
    server.run("CREATE DATABASE bank")
    return server


def cut(database: Database, expected: Content, sizes: Sizes = SMALL) -> tuple[Piece, ...]:
    with connections(database, 1) as (connection,):
        return mysql_slices.cut(connection, expected, sizes)


def read(database: Database, piece: Piece, like: Like) -> Reading:
    with connections(database, 3) as (first, *beside):
        return mysql_slices.read(first, piece, like=like, beside=beside, watch=Quiet())


def in_pieces(database: Database, like: Like, expected: Content) -> tuple[Content, Mapping[str, Dated]]:
    pieces = cut(database, expected)
    assert len(pieces) > 1
    whole = add_up([read(database, piece, like) for piece in pieces])
    with connections(database, 1) as (connection,):
        content = mysql_slices.content(connection, whole, like)
    return content, {name: dates for name, (_, dates) in whole.parts.items() if dates}


@pytest.mark.parametrize("key", KEYS)
def test_any_key_read_in_slices_is_the_table(key: str, mysql: Database) -> None:
    mysql.run(
        f"CREATE TABLE bank.t ({KEYS[key]}, v INT NULL)",
        f"INSERT INTO bank.t (id, v) SELECT {VALUES.get(key, 'seq')}, NULLIF(seq MOD 7, 0) FROM bank.seq_1_to_300",
        "CREATE TABLE bank.empty (id INT NOT NULL PRIMARY KEY)",
        "CREATE TABLE bank.`a.b` (id BIGINT NOT NULL, other INT NOT NULL, PRIMARY KEY (id, other))",
        "INSERT INTO bank.`a.b` SELECT seq DIV 9, seq FROM bank.seq_1_to_150",
        "CREATE VIEW bank.v AS SELECT v FROM bank.t",
    )
    alone = measured(mysql, at_once=1).content
    content, _ = in_pieces(mysql, Like(alone.chunk_counts()), alone)
    assert content == alone
    slices = {one.part: one.of for piece in cut(mysql, alone) for one in piece}
    assert slices["bank.`a.b`"] > 1
    assert (slices["bank.t"] > 1) == (key != "no key")


@pytest.mark.parametrize("key", ["numbers", "below zero", "UUIDs", "bytes"])
def test_slices_are_about_equal(key: str, mysql: Database) -> None:
    mysql.run(
        f"CREATE TABLE bank.t ({KEYS[key]})",
        f"INSERT INTO bank.t (id) SELECT {VALUES.get(key, 'seq')} FROM bank.seq_1_to_300",
    )
    like = Like(measured(mysql).content.chunk_counts())
    held = [read(mysql, (Slice("bank.t", n, 5),), like).slices[0][1][0].rows for n in range(5)]
    assert sum(held) == 300
    assert all(30 <= rows <= 90 for rows in held), held


@pytest.mark.parametrize(
    "collation", ["ascii_bin", "utf8mb4_general_ci", "utf8mb4_unicode_ci", "latin1_swedish_ci", "utf8mb4_bin"]
)
@pytest.mark.parametrize("column", ["CHAR(40)", "VARCHAR(40)"])
def test_any_text_belongs_to_one_slice(column: str, collation: str, mysql: Database) -> None:
    charset = collation.partition("_")[0]
    texts = ["", "0", "3333", "3333 ", "4000", "abcd", "ABCE", "é", "TXN-000001", "zz", "-1", "'", "f", "ffff", "~", "é1"]
    written = {text.rstrip() for text in texts if charset != "ascii" or text.isascii()}
    mysql.run(
        f"CREATE TABLE bank.t (id {column} CHARACTER SET {charset} COLLATE {collation} NOT NULL PRIMARY KEY)",
        *(f"INSERT IGNORE INTO bank.t VALUES ('{text.replace(chr(39), chr(39) * 2)}')" for text in sorted(written)),
    )
    alone = measured(mysql, at_once=1).content
    like = Like(alone.chunk_counts())
    for pieces in (3, 7):
        whole = add_up([read(mysql, (Slice("bank.t", n, pieces),), like) for n in range(pieces)])
        assert whole.parts["bank.t"] == (alone.parts["bank.t"], None)


@given(st.sets(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=80), st.integers(3, 10))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bounds_fit_each_other_whatever_the_numbers(mysql: Database, ids: set[int], pieces: int) -> None:
    mysql.run(
        "CREATE OR REPLACE TABLE bank.t (id BIGINT NOT NULL PRIMARY KEY)",
        f"INSERT INTO bank.t VALUES {', '.join(f'({one})' for one in ids)}",
    )
    alone = measured(mysql, at_once=1).content
    like = Like(alone.chunk_counts())
    readings = [read(mysql, (Slice("bank.t", n, pieces),), like) for n in range(pieces)]
    assert add_up(readings).parts["bank.t"] == (alone.parts["bank.t"], None)
    assert sum(reading.slices[0][1][0].rows for reading in readings) == len(ids)


def test_rows_are_told_apart_by_their_dates_in_slices_too(mysql: Database) -> None:
    taken = datetime(2026, 11, 2, 3, tzinfo=UTC)
    mysql.run(
        "CREATE TABLE bank.t (id INT NOT NULL PRIMARY KEY, made DATETIME(6) NOT NULL)",
        "INSERT INTO bank.t SELECT seq, '2026-11-02 02:00:00' + INTERVAL seq MINUTE FROM bank.seq_1_to_200",
    )
    gap = Gap(taken, taken, taken + timedelta(hours=1), timedelta(seconds=1))
    with connections(mysql, 1) as (connection,):
        alone = measure(connection, like=Like(gap=gap, changes=DATES))
    like = Like(alone.content.chunk_counts(), gap=gap, changes=DATES)
    content, dated = in_pieces(mysql, like, alone.content)
    assert (content, dated) == (alone.content, alone.dated)
    assert dated["bank.t"].late > 0


def test_a_small_store_is_read_in_one_go(mysql: Database) -> None:
    mysql.run("CREATE TABLE bank.t (id INT NOT NULL PRIMARY KEY)", "INSERT INTO bank.t SELECT seq FROM bank.seq_1_to_40")
    assert cut(mysql, measured(mysql).content) == ()
    assert len(cut(mysql, measured(mysql).content, Sizes(rows=10**9, size_bytes=1_000, most=4))) == 4, "by its size, too"


def test_a_schema_that_is_altered_between_pieces_ends_it(mysql: Database) -> None:
    mysql.run("CREATE TABLE bank.t (id INT NOT NULL PRIMARY KEY)", "INSERT INTO bank.t SELECT seq FROM bank.seq_1_to_100")
    alone = measured(mysql).content
    like, pieces = Like(alone.chunk_counts()), cut(mysql, alone)
    before = [read(mysql, piece, like) for piece in pieces]
    mysql.run("ALTER TABLE bank.t ADD COLUMN v INT NULL")
    with pytest.raises(MeasurementError, match="schema was altered"):
        add_up([*before[:-1], read(mysql, pieces[-1], like)])
    with connections(mysql, 1) as (connection,), pytest.raises(MeasurementError, match="schema was altered"):
        mysql_slices.content(connection, add_up(before), like)
    mysql.run("ALTER TABLE bank.t DROP PRIMARY KEY")
    with pytest.raises(MeasurementError, match="schema was altered"):
        read(mysql, pieces[0], like)
    mysql.run("DROP TABLE bank.t")
    with pytest.raises(MeasurementError, match="schema was altered"):
        read(mysql, pieces[0], like)


def test_a_table_that_no_piece_holds_is_missed(mysql: Database) -> None:
    for name in ("one", "two"):
        mysql.run(
            f"CREATE TABLE bank.{name} (id INT NOT NULL PRIMARY KEY)",
            f"INSERT INTO bank.{name} SELECT seq FROM bank.seq_1_to_100",
        )
    like = Like(measured(mysql).content.chunk_counts())
    whole = add_up([read(mysql, (Slice("bank.one"),), like)])
    with connections(mysql, 1) as (connection,), pytest.raises(MeasurementError, match=r"bank\.two was not measured"):
        mysql_slices.content(connection, whole, like)


def test_a_server_that_is_gone_is_said_in_one_line(mysql: Database) -> None:
    mysql.run("CREATE TABLE bank.t (id INT NOT NULL PRIMARY KEY)")
    alone: Any = measured(mysql).content
    for ask in (
        lambda connection: mysql_slices.cut(connection, alone),
        lambda connection: mysql_slices.read(connection, (Slice("bank.t"),), like=Like(), watch=Quiet()),
    ):
        with connections(mysql, 1) as (connection,):
            with connection.cursor() as cursor:
                cursor.execute("SELECT CONNECTION_ID()")
                ((own,),) = cursor.fetchall()
            mysql.run(f"KILL {own}")
            with pytest.raises(MeasurementError, match="could not be read"):
                ask(connection)
