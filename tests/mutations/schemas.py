"""Databases to damage: the bank's, and any others that Hypothesis comes up with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st

_FIRST, _LAST = datetime(2001, 1, 1), datetime(2030, 1, 1)  # noqa: DTZ001 - as a DATETIME holds them
_TEXT = st.text(alphabet="aéx0# \n🪁", max_size=6)
COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "VARCHAR(20)": _TEXT,
    "CHAR(12)": st.text(alphabet="abé", max_size=6),
    "TEXT": _TEXT,
    "INT": st.integers(-9, 9),
    "BIGINT UNSIGNED": st.integers(0, 2**63),
    "DECIMAL(12, 2)": st.decimals(min_value=-9, max_value=9, places=2),
    "DOUBLE": st.floats(0.1, 9),
    "DATETIME(6)": st.datetimes(min_value=_FIRST, max_value=_LAST),
    "DATE": st.dates(min_value=date(2001, 1, 1), max_value=date(2030, 1, 1)),
    "ENUM('a', 'b', 'c')": st.sampled_from(("a", "b", "c")),
    "SET('x', 'y')": st.sampled_from(("", "x", "x,y")),
    "BIT(8)": st.integers(0, 255),
    "VARBINARY(12)": st.binary(max_size=6),
    "BLOB": st.binary(max_size=6),
    "VARCHAR(20) CHARACTER SET latin1": st.text(alphabet="aé# ", max_size=6),
}  # fmt: skip
KEYS: dict[str, tuple[str, Callable[[int], tuple[Any, ...]]]] = {
    "number": ("id INT NOT NULL PRIMARY KEY", lambda n: (n,)),
    "UUID": ("id CHAR(36) NOT NULL PRIMARY KEY", lambda n: (f"{n * 7919 % 10**8:08d}-0000-4000-8000-{n:012d}",)),
    "two columns": ("id INT NOT NULL, part VARCHAR(8) NOT NULL, PRIMARY KEY (part, id)", lambda n: (n, f"p{n % 3}")),
    "none": ("id INT NULL", lambda n: (n % 5,)),
}
Database = list[tuple[str, list[tuple[Any, ...]]]]
"""Statements, each with the rows it takes."""


@st.composite
def databases(draw: st.DrawFn) -> Database:
    """One to three tables of any columns and any key, a view and a trigger."""
    made: Database = [("CREATE DATABASE made CHARACTER SET utf8mb4", [])]
    for number in range(draw(st.integers(1, 3))):
        definition, key = KEYS[draw(st.sampled_from(sorted(KEYS)))]
        types = draw(st.lists(st.sampled_from(sorted(COLUMNS)), min_size=2, max_size=7))
        nullable = draw(st.lists(st.booleans(), min_size=len(types), max_size=len(types)))
        columns = [
            f"c{n} {kind}{'' if null else ' NOT NULL'}" for n, (kind, null) in enumerate(zip(types, nullable, strict=True))
        ]
        made.append((f"CREATE TABLE made.t{number} ({', '.join([*columns, definition])})", []))
        values = st.tuples(
            *(st.none() | COLUMNS[kind] if null else COLUMNS[kind] for kind, null in zip(types, nullable, strict=True))
        )
        rows = draw(st.lists(values, min_size=3, max_size=25))
        filled = [(*row, *key(n)) for n, row in enumerate(rows)]
        made.append((f"INSERT INTO made.t{number} VALUES ({', '.join(['%s'] * len(filled[0]))})", filled))  # noqa: S608
    made.append(("CREATE VIEW made.seen AS SELECT id FROM made.t0", []))
    made.append(("CREATE TRIGGER made.kept BEFORE DELETE ON made.t0 FOR EACH ROW SET @kept = 1", []))
    return made


BESIDE_THE_BANK: Database = [
    ("CREATE DATABASE extra CHARACTER SET utf8mb4", []),
    (
        """CREATE TABLE extra.notes (
            txt TEXT NULL, n INT NULL, small VARCHAR(20) NULL, m DATETIME(6) NULL, raw VARBINARY(12) NULL, bits BIT(8) NULL,
            flags SET('x', 'y') NULL, ratio DOUBLE NULL)""",
        [],
    ),
    (
        "INSERT INTO extra.notes VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            ("one\nline é 🪁", None, "", "2026-01-02 03:04:05.678901", b"ab", 3, "x,y", 0.1),
            ("é🪁", 0, None, None, b"", 255, "x", 1 / 3),
            (None, 5, "abc", "2026-01-02 03:04:05", None, None, None, None),
            ("a\n", 5, "0.1", "2026-01-02 03:04:05", b"x", 0, "", 2.5),
        ],
    ),
    ("CREATE TABLE extra.numbers (id INT NOT NULL PRIMARY KEY, v INT NOT NULL, w INT NULL, KEY by_v (v))", []),
    ("INSERT INTO extra.numbers VALUES (%s, %s, %s)", [(n, n * 3, n % 4 or None) for n in range(1, 40)]),
    ("CREATE VIEW extra.seen AS SELECT n FROM extra.notes", []),
    ("CREATE TRIGGER extra.kept BEFORE DELETE ON extra.numbers FOR EACH ROW SET @kept = 1", []),
]
"""What the bank's own tables lack, so that every kind of damage has a place."""
