"""SQL expressions that hash rows inside the server, on MySQL 8.0 and MariaDB alike.

A row becomes one binary string in which every column is NULL (`N`) or its length, a colon and its bytes: nothing can be moved
between columns, and NULL is not an empty string. Its SHA-256, cut to 64 bits, is summed per chunk. A sum, because the exclusive
or of a linear hash such as CRC32 does not change when two rows swap a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recovery.mysql import identifier

_BYTES = ("tinyint", "smallint", "mediumint", "int", "bigint", "year", "decimal", "date", "datetime", "timestamp", "time",
          "char", "varchar", "binary", "varbinary")  # fmt: skip
_LONG = ("tinytext", "text", "mediumtext", "longtext", "tinyblob", "blob", "mediumblob", "longblob")
_SPATIAL = ("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
            "geometrycollection", "geomcollection")  # fmt: skip
_VALUES: dict[str, str] = (
    dict.fromkeys(_BYTES, "CAST(? AS BINARY)")
    # A FLOAT reads back with six digits, the DOUBLE it becomes here with all of them.
    | dict.fromkeys(("float", "double"), "CAST(? * 1e0 AS CHAR)")
    # Members by number; the schema holds their labels.
    | dict.fromkeys(("enum", "set", "bit"), "CAST(? + 0 AS CHAR)")
    | dict.fromkeys(_LONG, "SHA2(CAST(? AS BINARY), 256)")
    | {"json": "SHA2(CAST(? AS CHAR), 256)"}
    | dict.fromkeys(_SPATIAL, "CONCAT(ST_SRID(?), '/', SHA2(ST_AsBinary(?), 256))")
)
"""The bytes that stand for a value of each type, exactly: no rounding, no character set conversion, no padding."""
_WALKABLE = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "date", "datetime", "timestamp",
                       "char", "varchar", "binary", "varbinary"})  # fmt: skip
"""Key types whose order and equality survive a trip through this client. ENUM sorts by number and compares by text; a FLOAT
comes back rounded."""


class UnsupportedColumn(Exception):
    """A column of a type that cannot be hashed without loss: the store is not checked, rather than half checked."""


def row_bytes(columns: Mapping[str, Mapping[str, Any]]) -> str:
    """The expression of a row's bytes; joined columns never exceed a row's 64 KiB, so it never overflows into NULL."""
    return "CONCAT(" + ", ".join(_field(name, column["data_type"]) for name, column in columns.items()) + ")"


def row_hash(columns: Mapping[str, Mapping[str, Any]]) -> str:
    """The expression of a row's 64-bit hash."""
    return f"CAST(CONV(LEFT(SHA2({row_bytes(columns)}, 256), 16), 16, 10) AS UNSIGNED)"


def chunk_number(columns: Mapping[str, Mapping[str, Any]], key: Sequence[str], chunks: int) -> str:
    """The expression of a row's chunk: by its key, so that an altered row stays in its chunk; by the row where there is none.

    CRC32 only deals rows out; nothing is proved with it.
    """
    chosen = {name: columns[name] for name in key} or columns
    return f"MOD(CRC32({row_bytes(chosen)}), {chunks})"


def walkable_key(table: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns of the primary key when ranges of it can be asked for one after the other, else nothing."""
    parts = table["indexes"].get("PRIMARY", {"columns": []})["columns"]
    types = {table["columns"][name]["data_type"] for name, _, _ in parts}
    whole = all(length is None for _, length, _ in parts)
    ascending = all(order == "A" for _, _, order in parts)
    return tuple(name for name, _, _ in parts) if whole and ascending and types <= _WALKABLE else ()


def _field(name: str, data_type: str) -> str:
    column = identifier(name)
    template = _VALUES.get(data_type.lower())
    if template is None:
        raise UnsupportedColumn(f"column {column} has type {data_type}, which this verifier cannot hash without loss")
    value = template.replace("?", column)
    return f"COALESCE(CONCAT(LENGTH({value}), ':', {value}), 'N')"
