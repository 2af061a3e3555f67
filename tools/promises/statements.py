"""The statements as values, from statements.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("statements.toml")


@dataclass(frozen=True)
class Statement:
    id: str
    text: str
    by: tuple[str, ...] = ()
    """Files that keep it, from the root of the repository."""
    later: str = ""
    """Instead of `by`: the subject of the work that will keep it."""


@dataclass(frozen=True)
class Chapter:
    title: str
    statements: tuple[Statement, ...]


def chapters(text: str | None = None) -> tuple[Chapter, ...]:
    """In the order of the file; TypeError where a statement has a key that is none."""
    tables = tomllib.loads(FILE.read_text(encoding="utf-8") if text is None else text)
    return tuple(_chapter(name, table) for name, table in tables.items())


def _chapter(name: str, table: dict[str, Any]) -> Chapter:
    title = table.pop("title")
    return Chapter(title, tuple(_statement(f"{name}.{key}", **fields) for key, fields in table.items()))


def _statement(identity: str, *, text: str, by: list[str] | None = None, later: str = "") -> Statement:
    return Statement(identity, text, tuple(by or ()), later)
