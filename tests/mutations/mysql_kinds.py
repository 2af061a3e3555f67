# ruff: noqa: E501, S608 - one line for each kind; the statements are of this suite's own making
"""Damage to a MySQL server, as data. Each is done at a random place that fits: a table, a column, a row, found in the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

import pymysql
from pymysql.cursors import Cursor

from recovery.verify.schema import read_schema
from tests.mutations.kind import Kind

TEXTS = frozenset({"char", "varchar", "text", "longtext"})
WHOLE = frozenset({"int", "bigint", "smallint", "tinyint"})
MOMENTS = frozenset({"datetime", "timestamp"})


@dataclass(frozen=True, slots=True)
class Place:
    """One column of one table; `described` is the table's part of `schema.read_schema`."""

    database: str
    table: str
    column: str
    described: dict[str, Any]

    @property
    def at(self) -> str:
        return f"`{self.database}`.`{self.table}`"

    @property
    def kind(self) -> str:
        return str(self.described["columns"][self.column]["data_type"])

    @property
    def type(self) -> str:
        """As in a definition."""
        about = self.described["columns"][self.column]
        return f"{about['type']} {'NULL' if about['nullable'] == 'YES' else 'NOT NULL'}"

    @property
    def written(self) -> bool:
        """Neither generated, nor part of a key, nor bound by a rule or another table: its value can be changed alone."""
        about = self.described
        bound = {column[0] for index in about["indexes"].values() if index["unique"] for column in index["columns"]}
        bound |= {column[0] for key in about["foreign_keys"].values() for column in key["columns"]}
        return not about["columns"][self.column]["generated"] and self.column not in bound


def _places(cursor: Cursor, random: Random) -> list[Place]:
    """Of tables with rows, in any order; columns of views are none."""
    found = list[Place]()
    for database, description in read_schema(cursor).items():
        for name, table in description["tables"].items():
            if table["kind"] != "VIEW" and _one(cursor, f"SELECT COUNT(*) FROM `{database}`.`{name}`"):
                found.extend(Place(database, name, column, table) for column in table["columns"])
    random.shuffle(found)
    return found


def _one(cursor: Cursor, statement: str) -> Any:
    cursor.execute(statement)
    return (cursor.fetchone() or (None,))[0]


def _taken(cursor: Cursor, statement: str) -> bool:
    """A server does not take everything everywhere; then another place is tried."""
    try:
        cursor.execute(statement)
    except pymysql.err.MySQLError:
        return False
    return True


def _update(value: str, where: str, fits: Callable[[Place], bool], limit: str = " LIMIT 1") -> Callable[[Cursor, Random], bool]:
    """`?` is the column. Rules of the bank's tables are switched off: damage asks nobody."""

    def damage(cursor: Cursor, random: Random) -> bool:
        for place in _places(cursor, random):
            if place.written and fits(place):
                column = f"`{place.column}`"
                order = f" ORDER BY MD5(CONCAT({column}, '{random.random()}'))" if limit else ""
                changed, chosen = value.replace("?", column), where.replace("?", column)
                if _taken(cursor, f"UPDATE {place.at} SET {column} = {changed} WHERE {chosen}{order}{limit}") and cursor.rowcount:
                    return True
        return False

    return damage


def _tables(statement: str, fits: Callable[[Place], bool] = lambda _: True) -> Callable[[Cursor, Random], bool]:
    """`?` is the table, `%c` a column of it that fits, `%t` its type, `%d` the database."""

    def damage(cursor: Cursor, random: Random) -> bool:
        for place in _places(cursor, random):
            if fits(place):
                filled = statement.replace("?", place.at).replace("%c", f"`{place.column}`").replace("%t", place.type)
                if _taken(cursor, filled.replace("%d", f"`{place.database}`")):
                    return True
        return False

    return damage


def _of(*kinds: str) -> Callable[[Place], bool]:
    return lambda place: place.kind in kinds


def _nullable(*kinds: str) -> Callable[[Place], bool]:
    return lambda place: place.kind in kinds and place.described["columns"][place.column]["nullable"] == "YES"


def _keyless(place: Place) -> bool:
    return "PRIMARY" not in place.described["indexes"]


def _swap_two_rows(cursor: Cursor, random: Random) -> bool:
    """Money moved between two customers: no count changes, and no sum."""
    for place in _places(cursor, random):
        key = place.described["indexes"].get("PRIMARY", {"columns": []})["columns"]
        if not place.written or len(key) != 1:
            continue
        column, by = f"`{place.column}`", f"`{key[0][0]}`"
        cursor.execute(f"SELECT {by}, {column} FROM {place.at} WHERE {column} IS NOT NULL ORDER BY MD5({by}) LIMIT 40")
        rows = list(cursor.fetchall())
        random.shuffle(rows)
        for one, other in pairwise(rows):
            if one[1] != other[1]:
                cursor.execute(f"UPDATE {place.at} SET {column} = %s WHERE {by} = %s", (other[1], one[0]))
                cursor.execute(f"UPDATE {place.at} SET {column} = %s WHERE {by} = %s", (one[1], other[0]))
                return True
    return False


def _two_columns(first: str, second: str, where: str) -> Callable[[Cursor, Random], bool]:
    """Two columns of text of one row: `?` is one, `!` the other."""

    def damage(cursor: Cursor, random: Random) -> bool:
        places = [place for place in _places(cursor, random) if place.written and place.kind in {"char", "varchar", "text"}]
        for one in places:
            for other in places:
                if one.at == other.at and one.column != other.column:
                    a, b = f"`{one.column}`", f"`{other.column}`"
                    values = [text.replace("?", a).replace("!", b) for text in (first, second, where)]
                    cursor.execute(f"SELECT {values[0]}, {values[1]}, {a}, {b} FROM {one.at} WHERE {values[2]} LIMIT 1")
                    if found := cursor.fetchone():
                        cursor.execute(
                            f"UPDATE {one.at} SET {a} = %s, {b} = %s WHERE BINARY {a} = %s AND BINARY {b} = %s LIMIT 1", found
                        )
                        if cursor.rowcount:
                            return True
        return False

    return damage


def _copy_a_row(cursor: Cursor, random: Random) -> bool:
    """Only where nothing forbids it: a table without any unique key."""
    return _tables("INSERT INTO ? SELECT * FROM ? LIMIT 1", _keyless)(cursor, random)


def _all_twice(cursor: Cursor, random: Random) -> bool:
    return _tables("INSERT INTO ? SELECT * FROM ?", _keyless)(cursor, random)


def _objects(what: str, statement: str) -> Callable[[Cursor, Random], bool]:
    """One of a table's `indexes` or `foreign_keys`, `%n`, or a check of its database."""

    def damage(cursor: Cursor, random: Random) -> bool:
        for place in _places(cursor, random):
            for name in _names(cursor, place, what):
                if _taken(cursor, statement.replace("?", place.at).replace("%n", f"`{name}`")):
                    return True
        return False

    return damage


def _names(cursor: Cursor, place: Place, what: str) -> Iterator[str]:
    if what == "checks":
        cursor.execute(
            "SELECT CONSTRAINT_NAME FROM information_schema.TABLE_CONSTRAINTS WHERE CONSTRAINT_TYPE = 'CHECK' "
            "AND TABLE_SCHEMA = %s AND TABLE_NAME = %s",
            (place.database, place.table),
        )
        yield from (name for (name,) in cursor.fetchall())
        return
    needed = {column[0] for key in place.described["foreign_keys"].values() for column in key["columns"]}
    for name, about in place.described[what].items():
        if name != "PRIMARY" and (what == "foreign_keys" or about["columns"][0][0] not in needed):
            yield name


def _drop_all(cursor: Cursor, _random: Random) -> bool:
    for database in read_schema(cursor):
        cursor.execute(f"DROP DATABASE `{database}`")
    return True


def _empty_all(cursor: Cursor, random: Random) -> bool:
    for at in {place.at for place in _places(cursor, random)}:
        cursor.execute(f"DELETE FROM {at}")
    return True


def _renamed(cursor: Cursor, random: Random) -> bool:
    """The same tables, in a database of another name. A table with a trigger does not leave its database."""
    cursor.execute("CREATE DATABASE elsewhere")
    for place in _places(cursor, random):
        if _taken(cursor, f"RENAME TABLE {place.at} TO elsewhere.`{place.table}`"):
            return True
    cursor.execute("DROP DATABASE elsewhere")
    return False


def _last_week(cursor: Cursor, random: Random) -> bool:
    """A quarter of a table's rows was not there yet, another quarter was otherwise."""
    for place in _places(cursor, random):
        if place.written and place.kind in {*WHOLE, "decimal"}:
            cursor.execute(f"UPDATE {place.at} SET `{place.column}` = `{place.column}` + 1 WHERE CRC32(`{place.column}`) % 4 = 0")
            cursor.execute(f"DELETE FROM {place.at} ORDER BY `{place.column}` DESC LIMIT 3")
            return True
    return False


def _lost(kind: str) -> Callable[[Cursor, Random], bool]:
    """A view or a trigger."""
    source = {
        "VIEW": ("TABLE_SCHEMA, TABLE_NAME", "VIEWS", "TABLE_SCHEMA"),
        "TRIGGER": ("TRIGGER_SCHEMA, TRIGGER_NAME", "TRIGGERS", "TRIGGER_SCHEMA"),
    }

    def damage(cursor: Cursor, _random: Random) -> bool:
        columns, view, schema = source[kind]
        cursor.execute(f"SELECT {columns} FROM information_schema.{view} WHERE {schema} NOT IN ('sys', 'mysql') LIMIT 1")
        found = cursor.fetchone()
        if found is None:
            return False
        cursor.execute(f"DROP {kind} `{found[0]}`.`{found[1]}`")
        return True

    return damage


def _sql(name: str, what: str, damage: Callable[[Cursor, Random], bool]) -> Kind:
    return Kind(name, what, "mysql", damage)


_TEXT = _of(*TEXTS)
_NUMBER = _of(*WHOLE, "decimal", "double")
_ANY_NULLABLE = _nullable(*TEXTS, *WHOLE, *MOMENTS, "decimal", "date")

KINDS = (
    _sql("table dropped", "a table is not there", _tables("DROP TABLE ?")),
    _sql("table truncated", "a table is there, without rows", _tables("TRUNCATE ?")),
    _sql("row lost", "one row of one table", _tables("DELETE FROM ? LIMIT 1")),
    _sql("half lost", "about every second row of a table", _tables("DELETE FROM ? WHERE CRC32(%c) % 2 = 0 OR %c IS NULL")),
    _sql("row twice", "one row of a table without a key", _copy_a_row),
    _sql("loaded twice", "every row of a table without a key", _all_twice),
    _sql("byte altered", "the last byte of a text", _update("CONCAT(LEFT(?, CHAR_LENGTH(?) - 1), IF(RIGHT(?, 1) = 'x', 'y', 'x'))", "? <> ''", _TEXT)),
    _sql("first byte altered", "the first byte of a text", _update("CONCAT(IF(LEFT(?, 1) = 'x', 'y', 'x'), SUBSTR(?, 2))", "? <> ''", _TEXT)),
    _sql("rows' values swapped", "one column of two rows", _swap_two_rows),
    _sql("columns swapped", "two columns of a row", _two_columns("!", "?", "? <> ! AND CHAR_LENGTH(?) < 8 AND CHAR_LENGTH(!) < 8")),
    _sql("letter moved to the next column", "'ab', 'c' became 'a', 'bc'", _two_columns("LEFT(?, CHAR_LENGTH(?) - 1)", "CONCAT(RIGHT(?, 1), !)", "? <> '' AND ! <> '' AND CHAR_LENGTH(!) < 8")),
    _sql("NULL for empty", "NULL for an empty string", _update("NULL", "? = ''", _nullable(*TEXTS))),
    _sql("empty for NULL", "an empty string for NULL", _update("''", "? IS NULL", _nullable(*TEXTS))),
    _sql("NULL for a value", "a value is NULL", _update("NULL", "? IS NOT NULL", _ANY_NULLABLE)),
    _sql("zero for NULL", "0 for NULL", _update("0", "? IS NULL", _nullable(*WHOLE, "decimal"))),
    _sql("the word NULL", "the text NULL for NULL", _update("'NULL'", "? IS NULL", _nullable(*TEXTS))),
    _sql("zero appended", "0.10 for 0.1 in text", _update("CONCAT(?, '0')", "CHAR_LENGTH(?) < 6", _of("varchar", "text"))),
    _sql("cent", "the last digit of an amount", _update("? + 0.01", "? IS NOT NULL", _of("decimal"))),
    _sql("one more", "a number is one larger", _update("? + 1", "? < 100", _NUMBER)),
    _sql("sign", "a number has the other sign", _update("-?", "? > 0", lambda place: _NUMBER(place) and "unsigned" not in place.type)),
    _sql("times ten", "a number times ten", _update("? * 10", "? BETWEEN 1 AND 9", _NUMBER)),
    _sql("last digit of a double", "one unit in the last place", _update("? * (1 + 2.3e-16)", "? > 0", _of("double"))),
    _sql("microsecond", "a moment is one microsecond off", _update("? + INTERVAL 1 MICROSECOND", "? IS NOT NULL", _of(*MOMENTS))),
    _sql("fraction lost", "a moment without its fraction", _update("? - INTERVAL MICROSECOND(?) MICROSECOND", "MICROSECOND(?) > 0", _of(*MOMENTS))),
    _sql("time zone", "all moments of a column are eight hours off", _update("? + INTERVAL 8 HOUR", "? IS NOT NULL", _of(*MOMENTS), "")),
    _sql("summer time", "a moment is one hour off", _update("? - INTERVAL 1 HOUR", "? IS NOT NULL", _of(*MOMENTS))),
    _sql("day", "a date is one day off", _update("? + INTERVAL 1 DAY", "? IS NOT NULL", _of("date"))),
    _sql("trailing space", "a space behind a text", _update("CONCAT(?, ' ')", "CHAR_LENGTH(?) < 7", _of("varchar", "text", "longtext"))),
    _sql("leading space", "a space before a text", _update("CONCAT(' ', ?)", "CHAR_LENGTH(?) < 7", _TEXT)),
    _sql("case", "a text in capitals", _update("UPPER(?)", "BINARY ? <> BINARY UPPER(?)", _TEXT)),
    _sql("accent", "é became e", _update("REPLACE(?, 'é', 'e')", "BINARY ? LIKE BINARY '%é%'", _TEXT)),
    _sql("emoji", "one emoji became another", _update("REPLACE(?, '🪁', '🪀')", "BINARY ? LIKE BINARY '%🪁%'", _TEXT)),
    _sql("emoji lost", "an emoji became a question mark", _update("REPLACE(?, '🪁', '?')", "BINARY ? LIKE BINARY '%🪁%'", _TEXT)),
    _sql("encoded twice", "a text read as latin1 and written as utf8", _update("CONVERT(CAST(? AS BINARY) USING latin1)", "CHAR_LENGTH(?) < LENGTH(?) AND CHAR_LENGTH(?) < 6", _of("varchar", "text", "longtext"))),
    _sql("normal form", "é became e with an accent", _update("REPLACE(?, 'é', CONCAT('e', CONVERT(0xCC81 USING utf8mb4)))", "BINARY ? LIKE BINARY '%é%' AND CHAR_LENGTH(?) < 7", _of("varchar", "text", "longtext"))),
    _sql("line ends", "LF became CRLF", _update("REPLACE(?, '\\n', '\\r\\n')", "? LIKE '%\\n%'", _of("text", "longtext"))),
    _sql("cut off", "the end of a text", _update("LEFT(?, CHAR_LENGTH(?) DIV 2)", "CHAR_LENGTH(?) > 1", _TEXT)),
    _sql("label", "an ENUM has another member", _update("IF(? + 0 = 1, 2, 1)", "? IS NOT NULL", _of("enum"))),
    _sql("flag", "a SET has one member less", _update("? & (? - 1)", "? > 0", _of("set"))),
    _sql("bit", "one bit is the other", _update("? ^ 1", "? IS NOT NULL", _of("bit"))),
    _sql("byte of a blob", "the first byte of bytes", _update("CONCAT(CHAR(ORD(?) ^ 1), SUBSTR(?, 2))", "LENGTH(?) > 0", _of("varbinary", "blob", "binary"))),
    _sql("zero byte", "a zero byte behind bytes", _update("CONCAT(?, CHAR(0))", "LENGTH(?) < 8", _of("varbinary", "blob"))),
    _sql("key renumbered", "a row has another key", _tables("UPDATE ? SET %c = %c + 1000000 ORDER BY %c DESC LIMIT 1", lambda place: place.kind in {"int", "bigint"} and place.described["indexes"].get("PRIMARY", {"columns": []})["columns"] == [[place.column, None, "A"]])),
    _sql("database lost", "a whole database", _tables("DROP DATABASE %d")),
    _sql("wrong database", "a table is in a database of another name", _renamed),
    _sql("last week's", "an older state of a table", _last_week),
    _sql("nothing restored", "no database at all", _drop_all),
    _sql("nothing loaded", "all tables, and no rows", _empty_all),
    _sql("index lost", "one index", _objects("indexes", "ALTER TABLE ? DROP KEY %n")),
    _sql("foreign key lost", "one foreign key", _objects("foreign_keys", "ALTER TABLE ? DROP FOREIGN KEY %n")),
    _sql("check lost", "one CHECK", _objects("checks", "ALTER TABLE ? DROP CONSTRAINT %n")),
    _sql("generated column lost", "a generated column", _tables("ALTER TABLE ? DROP COLUMN %c", lambda place: bool(place.described["columns"][place.column]["generated"]))),
    _sql("generated column stored", "a generated column is a plain one", _tables("ALTER TABLE ? MODIFY %c %t", lambda place: bool(place.described["columns"][place.column]["generated"]))),
    _sql("index added", "one index more", _tables("CREATE INDEX more ON ? (%c)", _of(*WHOLE))),
    _sql("column added", "one column more", _tables("ALTER TABLE ? ADD COLUMN more INT")),
    _sql("column moved", "a column is the first", _tables("ALTER TABLE ? MODIFY %c %t FIRST", lambda place: place.kind in WHOLE and place.described["columns"][place.column]["position"] > 1)),
    _sql("type", "an INT is a BIGINT", _tables("ALTER TABLE ? MODIFY %c BIGINT", lambda place: place.kind == "int" and place.written)),
    _sql("wider", "a text may be longer", _tables("ALTER TABLE ? MODIFY %c VARCHAR(300)", lambda place: place.kind == "varchar" and place.written)),
    _sql("default", "a column has another default", _tables("ALTER TABLE ? ALTER COLUMN %c SET DEFAULT 7", lambda place: place.kind in WHOLE and place.written)),
    _sql("collation", "a column compares otherwise", _tables("ALTER TABLE ? MODIFY %c VARCHAR(255) COLLATE utf8mb4_bin", lambda place: place.kind == "varchar" and place.written)),
    _sql("database's character set", "tables to come get another one", _tables("ALTER DATABASE %d CHARACTER SET latin1")),
    _sql("engine", "a table without transactions", _tables("ALTER TABLE ? ENGINE = Aria", lambda place: not place.described["foreign_keys"] and place.table not in {"clients", "parent"})),
    _sql("partitions", "a table in two parts", _tables("ALTER TABLE ? PARTITION BY KEY () PARTITIONS 2", lambda place: not _keyless(place) and not place.described["foreign_keys"] and place.table not in {"clients", "users"} and all(not index["unique"] or name == "PRIMARY" for name, index in place.described["indexes"].items()))),
    _sql("table added", "one table more", _tables("CREATE TABLE %d.more (id INT NOT NULL PRIMARY KEY)")),
    _sql("row added", "one row of a table without a key", _tables("INSERT INTO ? () VALUES ()", _keyless)),
    _sql("view lost", "one view", _lost("VIEW")),
    _sql("trigger lost", "one trigger", _lost("TRIGGER")),
)  # fmt: skip
