"""The schema of a MySQL server as plain nested values: what exists, found from the catalogue and never from a list.

Read from information_schema where MySQL 8.0 and MariaDB agree on its shape, so that a difference can be named. What they do not
agree on (functional index expressions, partitions, comments) is caught whole by a hash of each table's own definition.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from pymysql.cursors import Cursor

from recovery.mysql import identifier
from strategy.catalogue.names import HEARTBEAT_DATABASE

SYSTEM_DATABASES = ("information_schema", "innodb", "mysql", "performance_schema", "sys", HEARTBEAT_DATABASE)
"""Not the application's: the server's own, and ours, which changes each minute."""
_COUNTER = re.compile(r" AUTO_INCREMENT=\d+")

_DATABASES = """
    SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME
    FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN %s"""
_TABLES = """
    SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION
    FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN %s"""
_COLUMNS = """
    SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, COLUMN_TYPE, DATA_TYPE, IS_NULLABLE, COLUMN_DEFAULT,
           CHARACTER_SET_NAME, COLLATION_NAME, EXTRA, GENERATION_EXPRESSION
    FROM information_schema.COLUMNS WHERE TABLE_SCHEMA NOT IN %s ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION"""
_INDEXES = """
    SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE, INDEX_TYPE, COLUMN_NAME, SUB_PART, COLLATION
    FROM information_schema.STATISTICS WHERE TABLE_SCHEMA NOT IN %s ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"""
_FOREIGN_KEYS = """
    SELECT k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, r.UPDATE_RULE, r.DELETE_RULE, k.COLUMN_NAME,
           k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME
    FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r
      ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
    WHERE k.TABLE_SCHEMA NOT IN %s ORDER BY k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION"""
_CHECKS = """
    SELECT CONSTRAINT_SCHEMA, CONSTRAINT_NAME, CHECK_CLAUSE
    FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA NOT IN %s"""
_PROGRAMS = """
    SELECT TRIGGER_SCHEMA, CONCAT('trigger ', TRIGGER_NAME),
           CONCAT_WS(' ', ACTION_TIMING, EVENT_MANIPULATION, EVENT_OBJECT_TABLE, ACTION_STATEMENT)
    FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA NOT IN %s
    UNION ALL SELECT ROUTINE_SCHEMA, CONCAT(LOWER(ROUTINE_TYPE), ' ', ROUTINE_NAME),
           CONCAT_WS(' ', DTD_IDENTIFIER, SQL_DATA_ACCESS, ROUTINE_DEFINITION)
    FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA NOT IN %s
    UNION ALL SELECT EVENT_SCHEMA, CONCAT('event ', EVENT_NAME),
           CONCAT_WS(' ', EXECUTE_AT, INTERVAL_VALUE, INTERVAL_FIELD, EVENT_DEFINITION)
    FROM information_schema.EVENTS WHERE EVENT_SCHEMA NOT IN %s"""

Schema = dict[str, Any]
"""database → charset, collation, checks, programs, tables; table → kind, engine, columns, indexes, foreign keys, definition."""


def digest(schema: Mapping[str, Any]) -> str:
    """SHA-256 of a schema, or of a table's settings: the same only for the same."""
    return hashlib.sha256(json.dumps(schema, sort_keys=True, default=str).encode()).hexdigest()


def read_schema(cursor: Cursor) -> Schema:
    """The schema of every database this user can see, the server's own excepted."""
    tables: dict[str, dict[str, Any]] = defaultdict(dict)
    for database, table, kind, storage, collation in _rows(cursor, _TABLES):
        empty: dict[str, Any] = {"columns": {}, "indexes": {}, "foreign_keys": {}}
        tables[database][table] = {"kind": kind, "engine": storage, "collation": collation} | empty
    _add_columns(cursor, tables)
    _add_keys(cursor, tables)
    for database, members in tables.items():
        for name, table in members.items():
            table["definition"] = _definition(cursor, database, name)
    checks: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for database, name, clause in sorted(_rows(cursor, _CHECKS)):
        checks[database][name].append(clause)  # MariaDB allows one name in several tables
    programs: dict[str, dict[str, str]] = defaultdict(dict)
    for database, name, text in _rows(cursor, _PROGRAMS):  # only those that this user may see; the server shows no others
        programs[database][name] = hashlib.sha256(str(text).encode()).hexdigest()
    return {
        database: {
            "charset": charset,
            "collation": collation,
            "checks": dict(checks[database]),
            "programs": programs[database],
            "tables": tables[database],
        }
        for database, charset, collation in _rows(cursor, _DATABASES)
    }


def _add_columns(cursor: Cursor, tables: dict[str, dict[str, Any]]) -> None:
    names = ("position", "type", "data_type", "nullable", "default", "charset", "collation", "extra", "generated")
    for database, table, column, *facts in _rows(cursor, _COLUMNS):
        tables[database][table]["columns"][column] = dict(zip(names, facts, strict=True))


def _add_keys(cursor: Cursor, tables: dict[str, dict[str, Any]]) -> None:
    for database, table, name, non_unique, kind, column, length, order in _rows(cursor, _INDEXES):
        index = tables[database][table]["indexes"].setdefault(name, {"unique": not non_unique, "type": kind, "columns": []})
        index["columns"].append([column, length, order])
    for database, table, name, on_update, on_delete, column, *target in _rows(cursor, _FOREIGN_KEYS):
        rules = {"on_update": on_update, "on_delete": on_delete, "columns": []}
        tables[database][table]["foreign_keys"].setdefault(name, rules)["columns"].append([column, *target])


def _definition(cursor: Cursor, database: str, table: str) -> str:
    cursor.execute(f"SHOW CREATE TABLE {identifier(database)}.{identifier(table)}", ())
    row = cursor.fetchone() or ("", "")
    return hashlib.sha256(_COUNTER.sub("", row[1]).encode()).hexdigest()


def _rows(cursor: Cursor, statement: str) -> list[tuple[Any, ...]]:
    cursor.execute(statement, (SYSTEM_DATABASES,) * statement.count("%s"))
    return list(cursor.fetchall())
