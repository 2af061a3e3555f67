# ruff: noqa: S608 - the statements are of this test's own making
"""The MySQL verifier on a real server: an undamaged copy passes, and every kind of damage is caught at its level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from aws_support.mariadb import Database
from recovery.verify import ranges
from recovery.verify.compare import compare
from recovery.verify.content import Content
from recovery.verify.mysql import Like, MeasurementError, measure, part_name
from recovery.verify.result import Verdict
from recovery.verify.rows import chunk_number
from recovery.verify.schema import read_schema

SCHEMA = (
    "CREATE DATABASE shop CHARACTER SET utf8mb4",
    "CREATE DATABASE `odd.name%` CHARACTER SET latin1",
    """CREATE TABLE shop.people (
        id INT NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL, note TEXT NULL, code CHAR(8) NOT NULL,
        amount DECIMAL(10, 2) NOT NULL, amount_text VARCHAR(10) NULL, seen DATETIME(6) NULL, stamped TIMESTAMP(6) NULL,
        ratio DOUBLE NULL, single FLOAT NULL, kind ENUM('a', 'b') NULL, flags SET('x', 'y') NULL, bits BIT(8) NULL,
        raw VARBINARY(16) NULL, doc JSON NULL, place POINT NULL,
        shout VARCHAR(40) GENERATED ALWAYS AS (UPPER(name)) STORED, whisper VARCHAR(40) GENERATED ALWAYS AS (LOWER(name)) VIRTUAL,
        UNIQUE KEY people_code (code), KEY people_seen (seen), CONSTRAINT people_amount CHECK (amount >= 0))""",
    """CREATE TABLE shop.orders (
        customer VARCHAR(20) NOT NULL, number INT NOT NULL, person INT NOT NULL, total DECIMAL(10, 2) NOT NULL,
        PRIMARY KEY (customer, number), CONSTRAINT orders_person FOREIGN KEY (person) REFERENCES shop.people (id))""",
    "CREATE TABLE shop.loose (x INT NULL, y VARCHAR(20) NULL, chunk INT NOT NULL DEFAULT 1)",
    "CREATE TABLE shop.single_key (f FLOAT NOT NULL PRIMARY KEY, v INT)",
    "CREATE TABLE shop.nothing (id INT NOT NULL PRIMARY KEY)",
    "CREATE VIEW shop.names AS SELECT id, name FROM shop.people",
    "CREATE TABLE `odd.name%`.`a``b` (id INT NOT NULL PRIMARY KEY, `per%cent` VARCHAR(20) CHARACTER SET latin1)",
)
PEOPLE = [
    f"({n}, 'Näme {n} 🪁', {'NULL' if n % 3 else repr('')}, 'c{n}', {n}.10, '0.1', '2026-11-02 01:02:03.{n:06d}', "
    f"'2026-11-02 01:02:03.{n:06d}', {n} / 3e0, {n} / 7e0, 'a', 'x,y', b'101', x'00ff', JSON_OBJECT('n', {n}), POINT({n}, 1))"
    for n in range(1, 31)
]
COLUMNS = "id, name, note, code, amount, amount_text, seen, stamped, ratio, single, kind, flags, bits, raw, doc, place"
FILLED = ("shop.orders", "shop.people", "shop.loose", "shop.single_key", "`odd.name%`.`a``b`")
ORDERS = [f"('customer {n % 5}', {n}, {n % 30 + 1}, {n}.50)" for n in range(1, 41)]


def create(database: Database) -> None:
    database.empty()
    database.run(*SCHEMA)
    fill(database)


def fill(database: Database, *, backwards: bool = False) -> None:
    """The same rows in either order: how a table was filled must not show."""
    database.run(*(f"DELETE FROM {table}" for table in FILLED))
    step = -1 if backwards else 1
    database.run(
        f"INSERT INTO shop.people ({COLUMNS}) VALUES {','.join(PEOPLE[::step])}",
        f"INSERT INTO shop.orders VALUES {','.join(ORDERS[::step])}",
        "INSERT INTO shop.loose VALUES "
        + ",".join([f"({n}, 'y', {n})" for n in range(10)][::step])
        + ",(1, NULL, 1),(1, '', 1),(NULL, '1', 1)",
        "INSERT INTO shop.single_key VALUES (0.1, 1), (0.2, 2), (0.3, 3)",
        "INSERT INTO `odd.name%`.`a``b` VALUES (1, 'é'), (2, 'ü')",
    )


def content(database: Database, *, like: Content | None = None) -> Content:
    with database.connect() as connection:
        return measure(connection, like=Like(like.chunk_counts()) if like else None).content


def verdicts(expected: Content, live: Content) -> dict[str, str]:
    return {level.name: str(level.verdict) for level in compare(expected, live)}


@pytest.fixture
def mysql(server: Database) -> Iterator[Database]:
    """The shop. Rows are put back after each test, tables only when a test changed them: that is ten times slower."""
    if "shop" not in content(server).schema:
        create(server)
    before = content(server).schema
    yield server
    if content(server).schema == before:
        fill(server)
    else:
        server.empty()


@pytest.fixture
def original(mysql: Database) -> Content:
    return content(mysql)


@pytest.fixture
def empty(server: Database) -> Database:
    server.empty()
    return server


@pytest.mark.proves("verification.comparison")
def test_an_undamaged_copy_passes_whatever_order_it_was_filled_in(mysql: Database, original: Content) -> None:
    fill(mysql, backwards=True)
    assert verdicts(original, content(mysql, like=original)) == {"schema": "passed", "counts": "passed", "content": "passed"}


def test_tables_are_found_from_the_catalogue_and_counted(original: Content) -> None:
    rows = {name: part.rows for name, part in original.parts.items()}
    people = {"shop.people": 30, "shop.orders": 40, "shop.loose": 13, "shop.single_key": 3, "shop.nothing": 0}
    assert rows == people | {"`odd.name%`.`a``b`": 2}
    assert set(original.schema["shop"]["tables"]) >= {"names", "people"}


DAMAGE = {
    "a dropped table": ("DROP TABLE shop.loose", {"schema", "counts", "content"}),
    "a truncated table": ("TRUNCATE shop.loose", {"counts", "content"}),
    "a missing database": ("DROP DATABASE `odd.name%`", {"schema", "counts", "content"}),
    "an extra table": ("CREATE TABLE shop.more (id INT PRIMARY KEY)", {"schema", "counts", "content"}),
    "a lost row": ("DELETE FROM shop.orders WHERE number = 17", {"counts", "content"}),
    "a duplicated row": ("INSERT INTO shop.loose SELECT * FROM shop.loose LIMIT 1", {"counts", "content"}),
    "one altered byte": ("UPDATE shop.people SET raw = x'00fe' WHERE id = 7", {"content"}),
    "one altered letter": ("UPDATE shop.people SET name = 'Name 9 🪁' WHERE id = 9", {"content"}),
    "another emoji": ("UPDATE shop.people SET name = REPLACE(name, '🪁', '🪀') WHERE id = 9", {"content"}),
    "another case": ("UPDATE shop.people SET code = 'C5' WHERE id = 5", {"content"}),
    "two rows' values swapped": ("UPDATE shop.people SET amount = 9.20 - amount WHERE id IN (4, 5)", {"content"}),
    "two orders' customers swapped": (
        "UPDATE shop.orders SET total = IF(number = 6, 11.50, 6.50) WHERE number IN (6, 11)",
        {"content"},
    ),
    "NULL for an empty string": ("UPDATE shop.people SET note = NULL WHERE id = 3", {"content"}),
    "an empty string for NULL": ("UPDATE shop.people SET note = '' WHERE id = 1", {"content"}),
    "a value moved to the next column": (
        "UPDATE shop.loose SET x = 1, y = NULL WHERE x IS NULL AND y = '1'",
        {"content"},
    ),
    "0.10 for 0.1 in text": ("UPDATE shop.people SET amount_text = '0.10' WHERE id = 2", {"content"}),
    "a microsecond": ("UPDATE shop.people SET seen = seen + INTERVAL 1 MICROSECOND WHERE id = 11", {"content"}),
    "a time zone": ("UPDATE shop.people SET seen = seen + INTERVAL 8 HOUR", {"content"}),
    "a trailing space": ("UPDATE shop.people SET name = CONCAT(name, ' ') WHERE id = 12", {"content"}),
    "the last digit of a double": ("UPDATE shop.people SET ratio = 0.33333333333333337 WHERE id = 1", {"content"}),
    "a float beyond its printed digits": ("UPDATE shop.people SET single = single + 0.00000003 WHERE id = 1", {"content"}),
    "another label": ("UPDATE shop.people SET kind = 'b' WHERE id = 1", {"content"}),
    "a lost flag": ("UPDATE shop.people SET flags = 'x' WHERE id = 1", {"content"}),
    "a bit": ("UPDATE shop.people SET bits = b'100' WHERE id = 1", {"content"}),
    "a value inside JSON": ("UPDATE shop.people SET doc = JSON_OBJECT('n', '1') WHERE id = 1", {"content"}),
    "a moved point": ("UPDATE shop.people SET place = POINT(1, 2) WHERE id = 1", {"content"}),
    "a missing index": ("ALTER TABLE shop.people DROP KEY people_seen", {"schema"}),
    "an index no longer unique": ("ALTER TABLE shop.people DROP KEY people_code, ADD KEY people_code (code)", {"schema"}),
    "a missing check": ("ALTER TABLE shop.people DROP CONSTRAINT people_amount", {"schema"}),
    "a missing foreign key": ("ALTER TABLE shop.orders DROP FOREIGN KEY orders_person", {"schema"}),
    "a column no longer generated": ("ALTER TABLE shop.people MODIFY shout VARCHAR(40)", {"schema"}),
    "a missing column": ("ALTER TABLE shop.people DROP COLUMN ratio", {"schema", "content"}),
    "a wider column": ("ALTER TABLE shop.people MODIFY name VARCHAR(50) NOT NULL", {"schema"}),
    "another default": ("ALTER TABLE shop.people ALTER COLUMN amount SET DEFAULT 1", {"schema"}),
    "a missing view": ("DROP VIEW shop.names", {"schema"}),
    "partitions": ("ALTER TABLE shop.nothing PARTITION BY HASH (id) PARTITIONS 2", {"schema"}),
}


@pytest.mark.proves("verification.comparison")
@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_caught(kind: str, mysql: Database, original: Content) -> None:
    statement, levels = DAMAGE[kind]
    mysql.run(statement)
    outcome = verdicts(original, content(mysql, like=original))
    assert {name for name, verdict in outcome.items() if verdict == "failed"} == levels


@pytest.mark.proves("verification.comparison")
def test_an_empty_restore_fails_every_level(mysql: Database, original: Content) -> None:
    mysql.empty()
    levels = compare(original, content(mysql, like=original))
    assert {level.verdict for level in levels} == {Verdict.FAILED}
    assert "is empty" in levels[1].detail


def test_a_manifest_of_an_empty_store_proves_nothing(empty: Database) -> None:
    nothing = content(empty)
    assert Verdict.over(level.verdict for level in compare(nothing, nothing)) is Verdict.NOT_CHECKED


def test_swapping_two_keys_of_equal_shape_is_seen_where_an_exclusive_or_of_crc32_is_blind(empty: Database) -> None:
    row = "CRC32(CONCAT_WS('#', id, client, amount))"
    empty.run(
        "CREATE DATABASE bank",
        "CREATE TABLE bank.moves (id INT NOT NULL PRIMARY KEY, client CHAR(5) NOT NULL, amount DECIMAL(9,2) NOT NULL)",
        "INSERT INTO bank.moves VALUES (1, 'CLT-a', 10.00), (2, 'CLT-b', 20.00)",
    )
    before, blind_before = content(empty), _one(empty, f"SELECT BIT_XOR({row}) FROM bank.moves")
    empty.run("UPDATE bank.moves SET client = IF(id = 1, 'CLT-b', 'CLT-a')")
    assert _one(empty, f"SELECT BIT_XOR({row}) FROM bank.moves") == blind_before
    assert verdicts(before, content(empty, like=before))["content"] == "failed"


def test_a_column_named_like_ours_does_not_regroup_the_rows(mysql: Database, original: Content) -> None:
    deal = chunk_number(original.schema["shop"]["tables"]["loose"]["columns"], (), 4)
    with mysql.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT {deal} FROM shop.loose")
        one_by_one = Counter(int(chunk) for (chunk,) in cursor.fetchall())
        chunks = measure(connection, like=Like({"shop.loose": 4})).content.parts["shop.loose"].chunks
    assert [chunk.rows for chunk in chunks] == [one_by_one[number] for number in range(4)]


@pytest.mark.parametrize("rows", [1, 7, 40])
def test_the_size_of_ranges_does_not_show(rows: int, mysql: Database, original: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "FIRST_ROWS", rows)
    assert content(mysql) == original


def test_chunks_follow_the_manifest_and_hold_every_row(mysql: Database, original: Content) -> None:
    with mysql.connect() as connection:
        cut = measure(connection, like=Like({"shop.people": 8})).content
    assert len(cut.parts["shop.people"].chunks) == 8
    assert sum(chunk.rows > 0 for chunk in cut.parts["shop.people"].chunks) > 4
    assert _checksum(cut) == _checksum(original)


def test_all_tables_are_of_one_moment(mysql: Database, original: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    _meanwhile(monkeypatch, lambda _: mysql.run("DELETE FROM shop.orders", "UPDATE shop.people SET amount = 0"))
    assert content(mysql) == original


def test_a_table_altered_while_it_is_measured_is_no_measurement(
    mysql: Database, original: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert original.rows
    _meanwhile(monkeypatch, lambda _: mysql.run("CREATE TABLE shop.late (id INT PRIMARY KEY)"))
    with pytest.raises(MeasurementError, match="altered while"):
        content(mysql)


def test_a_lost_connection_is_no_measurement(mysql: Database, original: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    assert original.rows
    _meanwhile(monkeypatch, lambda connection: mysql.run(f"KILL {_thread(connection)}"))
    with pytest.raises(MeasurementError, match="could not be read"):
        content(mysql)


def test_a_column_that_cannot_be_hashed_exactly_is_refused(empty: Database) -> None:
    empty.run("CREATE DATABASE nets", "CREATE TABLE nets.hosts (id INT NOT NULL PRIMARY KEY, address INET6)")
    with pytest.raises(MeasurementError, match=r"`address` has type inet6"):
        content(empty)


def test_names_are_quoted_only_where_they_must_be() -> None:
    assert part_name("crm_users", "users") == "crm_users.users"
    assert part_name("a.b", "c") != part_name("a", "b.c")


def _meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[Connection[Cursor]], None]) -> None:
    """Let `act` happen once, just after the schema was read for the first time."""
    done = list[bool]()

    def reading(cursor: Cursor) -> dict[str, object]:
        schema = read_schema(cursor)
        if not done:
            done.append(True)
            act(cursor.connection)
        return schema

    monkeypatch.setattr("recovery.verify.mysql.read_schema", reading)


def _checksum(measured: Content) -> int:
    return sum(chunk.checksum for chunk in measured.parts["shop.people"].chunks)


def _thread(connection: Connection[Cursor]) -> int:
    return int(connection.thread_id())  # type: ignore[no-untyped-call]  # not in PyMySQL's stubs


def _one(database: Database, statement: str) -> object:
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        (value,) = cursor.fetchone() or (None,)
        return value
