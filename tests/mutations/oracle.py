"""What a store holds, read by plain statements and held in memory: the judge of whether a damage was one."""

from __future__ import annotations

import json
import re
from typing import Any

from pymysql.cursors import Cursor

from aws_support.mariadb import SYSTEM

_SHOWN = re.compile(r" AUTO_INCREMENT=\d+")


def of_mysql(cursor: Cursor) -> dict[str, Any]:
    """Per database its definition, per table its definition and its rows in one order."""
    cursor.execute(
        "SELECT SCHEMA_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN %s", (SYSTEM,)
    )
    held: dict[str, Any] = dict(cursor.fetchall())
    cursor.execute(
        "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN %s", (SYSTEM,)
    )
    for database, name, kind in cursor.fetchall():
        table = f"`{database}`.`{name}`"
        cursor.execute(f"SHOW CREATE TABLE {table}", ())
        held[table] = [_SHOWN.sub("", str((cursor.fetchone() or ("", ""))[1]))]
        if kind != "VIEW":
            cursor.execute(f"SHOW COLUMNS FROM {table}", ())
            columns = ", ".join(_exact(name, kind) for name, kind, *_ in cursor.fetchall())
            cursor.execute(f"SELECT {columns} FROM {table}", ())  # noqa: S608 - names are of this test's own making
            held[table].extend(sorted(map(repr, cursor.fetchall())))
    cursor.execute(
        "SELECT TRIGGER_SCHEMA, TRIGGER_NAME, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA NOT IN %s",
        (SYSTEM,),
    )
    held["triggers"] = sorted(map(repr, cursor.fetchall()))
    return held


def _exact(name: str, kind: str) -> str:
    return f"CAST(`{name}` * 1e0 AS CHAR)" if kind in {"float", "double"} else f"HEX(CAST(`{name}` AS BINARY))"


def of_dynamodb(client: Any, table: str) -> dict[str, Any]:
    """Its description, its time to live, and its items in one order."""
    described = client.describe_table(TableName=table)["Table"]
    pages = client.get_paginator("scan").paginate(TableName=table)
    return {
        "keys": described["KeySchema"],
        "indexes": sorted(json.dumps(index["KeySchema"]) + json.dumps(index["Projection"], sort_keys=True)
                          for index in described.get("GlobalSecondaryIndexes", [])),
        "ttl": client.describe_time_to_live(TableName=table)["TimeToLiveDescription"],
        "items": sorted(json.dumps(item, sort_keys=True, default=repr) for page in pages for item in page["Items"]),
    }  # fmt: skip
