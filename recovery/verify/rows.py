"""SQL expressions that hash rows inside the server, on MySQL 8.0 and MariaDB alike.

A row becomes one binary string, its columns joined by `#`: first those whose text never holds a `#` (numbers, dates, digests),
then strings, each behind its length in bytes; the last string needs none, since it is all that is left. A column that may be
NULL comes behind a 1 (NULL) or a 0. So a row's bytes are read in one way only: nothing can be moved between columns, and NULL is
not an empty string. Strings of one character set and collation are joined as they are; others as bytes, since a server would
convert them, or refuse to.

The hashes of the rows of a chunk are summed. A sum, because the exclusive or of a linear hash such as CRC32 does not change when
two rows swap a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from recovery.mysql import identifier
from recovery.verify.mode import Mode

_PLAIN = ("tinyint", "smallint", "mediumint", "int", "bigint", "year", "decimal", "date", "datetime", "timestamp", "time")
_STRINGS = frozenset({"char", "varchar", "binary", "varbinary"})
_COLLATED = _STRINGS | {"enum"}
_LONG = ("tinytext", "text", "mediumtext", "longtext", "tinyblob", "blob", "mediumblob", "longblob")
_SPATIAL = ("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
            "geometrycollection", "geomcollection")  # fmt: skip
_VALUES: dict[str, str] = (
    dict.fromkeys((*_PLAIN, *_STRINGS), "?")
    # A FLOAT reads back with six digits, the DOUBLE it becomes here with all of them.
    | dict.fromkeys(("float", "double"), "CAST(? * 1e0 AS CHAR)")
    # Members by number; the schema holds their labels.
    | dict.fromkeys(("enum", "set", "bit"), "? + 0")
    | dict.fromkeys(_LONG, "SHA2(CAST(? AS BINARY), 256)")
    | {"json": "SHA2(CAST(? AS CHAR), 256)"}
    | dict.fromkeys(_SPATIAL, "CONCAT(ST_SRID(?), '/', SHA2(ST_AsBinary(?), 256))")
)
"""What stands for a value of each type, exactly: no rounding, no character set conversion, no padding."""
_INTEGERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint"})
_WALKABLE = _INTEGERS | {"decimal", "date", "datetime", "timestamp", "char", "varchar", "binary", "varbinary"}
"""Key types whose order and equality survive a trip through this client. ENUM sorts by number and compares by text; a FLOAT
comes back rounded."""


class UnsupportedColumn(Exception):
    """A column of a type that cannot be hashed without loss: the store is not checked, rather than half checked."""


def row_bytes(columns: Mapping[str, Mapping[str, Any]]) -> str:
    """The expression of a row's bytes; joined columns never exceed a row's 64 KiB, so it never overflows into NULL."""
    strings = [name for name, column in columns.items() if column["data_type"].lower() in _STRINGS]
    ordered = [*(name for name in columns if name not in strings), *strings]
    alike = _joined_as_they_are(columns)
    fields = [field for name in ordered for field in _fields(name, columns[name], alike=alike, last=name == ordered[-1])]
    return f"CONCAT_WS('#', {', '.join(fields)})"


def row_hash(columns: Mapping[str, Mapping[str, Any]], mode: Mode = Mode.CRYPTOGRAPHIC) -> str:
    """The expression of a row's hash, of 64 or of 32 bits."""
    if mode is Mode.FAST:
        return f"CRC32({row_bytes(columns)})"
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


class Spread(StrEnum):
    """How the values that a key begins with may be spread, so that a table can be cut by them without asking for one."""

    NUMBERS = "numbers"
    HEXADECIMAL = "hexadecimal"
    """Text, such as a UUID's."""
    BYTES = "bytes"


def spread(table: Mapping[str, Any], key: Sequence[str]) -> Spread | None:
    """None for a table that cannot be cut."""
    kind = table["columns"][key[0]]["data_type"] if key else ""
    if kind in _INTEGERS:
        return Spread.NUMBERS
    return {"char": Spread.HEXADECIMAL, "varchar": Spread.HEXADECIMAL, "binary": Spread.BYTES, "varbinary": Spread.BYTES}.get(
        kind
    )


def counts_up(table: Mapping[str, Any], key: Sequence[str]) -> bool:
    """Whether the key is one whole number, whose ranges can be told without asking the server."""
    return len(key) == 1 and spread(table, key) is Spread.NUMBERS


def _fields(name: str, column: Mapping[str, Any], *, alike: bool, last: bool) -> Iterator[str]:
    quoted, kind = identifier(name), column["data_type"].lower()
    template = _VALUES.get(kind)
    if template is None:
        raise UnsupportedColumn(f"column {quoted} has type {kind}, which this verifier cannot hash without loss")
    if column["nullable"] == "YES":
        yield f"ISNULL({quoted})"  # CONCAT_WS leaves NULLs out, and the length of one with it
    if kind in _STRINGS and not last:
        yield f"LENGTH({quoted})"
    if kind in _STRINGS and not alike:
        template = "CAST(? AS BINARY)"
    if kind == "enum" and alike and _labels_are_plain(column["type"]):
        template = "?"  # cheaper than the number, and as clear
    yield template.replace("?", quoted)


def _joined_as_they_are(columns: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether MySQL joins these texts without changing a byte of one: where character sets meet, it converts, or refuses (1271).

    What is computed here comes in the connection's character set, utf8mb4, which no other but bytes takes in.
    """
    texts = [column for column in columns.values() if column["data_type"].lower() in _COLLATED]
    computed = any(_VALUES.get(column["data_type"].lower(), "?") not in {"?", "? + 0"} for column in columns.values())
    return len({column["collation"] for column in texts}) < 2 and (
        not computed or {column["charset"] for column in texts} <= {"utf8mb4", None}
    )


def _labels_are_plain(definition: str) -> bool:
    """Neither a label that holds the separator, nor an empty one, which is also how an invalid value reads."""
    return definition.isascii() and "#" not in definition and "''" not in definition
