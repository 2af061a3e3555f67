"""A document as TOML text: what `tomllib` reads of it is equal. Written here, since the standard library only reads TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, time
from typing import Any

from strategy.model.document import Location, Table

Remark = Callable[[Location], str]
"""What is said behind a value, or nothing."""


def text(document: Table, remark: Remark = lambda _: "") -> str:
    """Values of a table before the tables in it. A table of plain values of one remark, within another, is on one line."""
    return "\n".join(_lines(document, (), "", remark)).strip("\n") + "\n"


def _lines(table: Table, at: Location, path: str, remark: Remark) -> Iterator[str]:
    apart = [key for key, value in table.items() if _apart(value, (*at, key), remark)]
    for key in table:
        if key not in apart:
            said = remark((*at, key))
            yield f"{_key(key)} = {_value(table[key])}" + (f"  # {said}" if said else "")
    for key in apart:
        value, head = table[key], f"{path}.{_key(key)}" if path else _key(key)
        if isinstance(value, dict):
            yield from ("", f"[{head}]", *_lines(value, (*at, key), head, remark))
            continue
        for number, entry in enumerate(value):
            yield from ("", f"[[{head}]]", *_lines(entry, (*at, key, number), head, remark))


def _apart(value: Any, at: Location, remark: Remark) -> bool:
    """Under a head of its own."""
    if isinstance(value, dict):
        remarks = {remark((*at, key)) for key in value}
        return len(at) == 1 or len(remarks) > 1 or any(isinstance(each, dict) or _tables(each) for each in value.values())
    return _tables(value)


def _tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _value(value: Any) -> str:
    match value:
        case str():
            return f'"""\n{_escaped(value)}"""' if "\n" in value else f'"{_escaped(value)}"'
        case bool():
            return str(value).lower()
        case date() | time():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(_inline, value))}]"
        case dict():
            return _inline(value)
    return str(value)


def _inline(value: Any) -> str:
    """Within a line, where a text breaks none."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{_key(key)} = {_inline(each)}" for key, each in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, str):
        return f'"{_escaped(value, lines=False)}"'
    return _value(value)


def _escaped(value: str, *, lines: bool = True) -> str:
    """JSON's escapes are TOML's, which wants one more."""
    parts = [json.dumps(each, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f") for each in value.split("\n")]
    return ("\n" if lines else "\\n").join(parts)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else f'"{_escaped(key, lines=False)}"'
