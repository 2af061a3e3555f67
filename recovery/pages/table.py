"""Tables and sections as values: a terminal and a page show the same ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BAD, OPEN = "bad", "open"
"""How an alert is coloured; its words say it too."""


@dataclass(frozen=True, slots=True)
class Table:
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[str] = frozenset()
    """Headers of the columns that are aligned to the right."""

    @classmethod
    def of(cls, headers: str, rows: Iterable[tuple[str, ...]]) -> Table:
        """`headers` divided by `|`; a column whose header begins with `>` is of numbers."""
        named = headers.split("|")
        return cls(
            tuple(each.removeprefix(">") for each in named),
            tuple(rows),
            frozenset(each[1:] for each in named if each.startswith(">")),
        )


@dataclass(frozen=True, slots=True)
class Section:
    """A title, what stands under it, a list, and what must not be overlooked: (`BAD` or `OPEN`, words)."""

    title: str
    table: Table | None = None
    note: str = ""
    lines: tuple[str, ...] = ()
    alerts: tuple[tuple[str, str], ...] = ()
