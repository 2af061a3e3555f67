"""Patterns of policies: wildcards, policy variables, and the colons of an ARN.

Rules from the IAM User Guide: "IAM JSON policy elements: Resource" (wildcards and colons), "Condition operators" (string and ARN
operators), "IAM policy elements: Variables and tags" (variables, defaults, special characters, variables without a value).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple

from aws_rehearsal.iam.request import Context

_HEAD = 5
"""Colons before the resource part of an ARN."""
_TOKEN = re.compile(r"\$\{(?P<inside>[^}]*)\}|(?P<wild>[*?])", re.DOTALL)
_DEFAULT = re.compile(r"^(?P<key>.*?)\s*,\s*'(?P<default>.*)'$", re.DOTALL)


class Kind(Enum):
    """How a text of a policy is compared with a value."""

    EXACT = auto()
    """No wildcards: `StringEquals`."""
    LIKE = auto()
    """`*` and `?` match anything: `StringLike`, actions."""
    RESOURCE = auto()
    """`Resource`: as LIKE, but within the first five fields of an ARN `*` passes a colon only at the end of its field."""
    ARN = auto()
    """ARN operators: each of the six fields is compared for itself."""


class _Part(NamedTuple):
    """A piece of a pattern: literal text, a wildcard, or a variable with its default."""

    what: str
    text: str
    default: str | None = None


class Pattern:
    """A compiled text of a policy. `variables`: whether the policy's version knows policy variables."""

    __slots__ = ("_fixed", "_kind", "_parts", "text")

    def __init__(self, text: str, kind: Kind, *, variables: bool = True) -> None:
        self.text = text
        self._kind = kind
        self._parts = _parse(text, variables=variables)
        has_variables = any(part.what == "variable" for part in self._parts)
        self._fixed = None if has_variables else _compile(self._parts, kind)

    def matches(self, value: str, context: Context) -> bool:
        """A variable without a value matches nothing."""
        if self._fixed is not None:
            return self._fixed(value)
        parts = _resolve(self._parts, context, whole=self._kind is not Kind.RESOURCE)
        return parts is not None and _compile(parts, self._kind)(value)


@functools.lru_cache(maxsize=16384)
def pattern(text: str, kind: Kind, *, variables: bool = True) -> Pattern:
    """The pattern of a text, compiled once."""
    return Pattern(text, kind, variables=variables)


def _parse(text: str, *, variables: bool) -> tuple[_Part, ...]:
    parts: list[_Part] = []
    end = 0
    for found in _TOKEN.finditer(text):
        inside = found["inside"]
        if inside is not None and not variables:  # literal text before 2012-10-17; the wildcards in it are none of our tokens
            continue
        if found.start() > end:
            parts.append(_Part("text", text[end : found.start()]))
        end = found.end()
        if inside is None:
            parts.append(_Part(found["wild"], found["wild"]))
        elif inside in {"*", "?", "$"}:
            parts.append(_Part("text", inside))
        else:
            split = _DEFAULT.match(inside)
            key, default = (split["key"], split["default"]) if split else (inside, None)
            parts.append(_Part("variable", key.strip().lower(), default))
    if end < len(text):
        parts.append(_Part("text", text[end:]))
    return tuple(parts)


def _resolve(parts: tuple[_Part, ...], context: Context, *, whole: bool) -> tuple[_Part, ...] | None:
    """Put values in place of variables, in which wildcards are plain characters. None where one has no value, or may not stand.

    In `Resource` a variable may stand in the resource part only (`whole` is false there).
    """
    resolved: list[_Part] = []
    colons = 0
    for part in parts:
        if part.what != "variable":
            colons += part.text.count(":")
            resolved.append(part)
            continue
        value = context.single(part.text)
        if value is None:
            value = part.default
        if value is None or (not whole and colons < _HEAD):
            return None
        resolved.append(_Part("text", value))
    return tuple(resolved)


@functools.lru_cache(maxsize=16384)
def _compile(parts: tuple[_Part, ...], kind: Kind) -> Callable[[str], bool]:
    texts = "".join(part.text for part in parts)
    if kind is Kind.EXACT:
        return texts.__eq__
    literal = all(part.what == "text" for part in parts)
    in_arn = texts.startswith("arn:")
    if kind is Kind.ARN and texts.count(":") < _HEAD:
        return _never
    if literal:
        return texts.__eq__
    if kind is Kind.RESOURCE and [part.what for part in parts] == ["*"]:
        return _always
    if kind is Kind.LIKE or (kind is Kind.RESOURCE and not in_arn):
        source = "".join(_free(part) for part in parts)
    else:
        source = _in_fields(parts, strict=kind is Kind.ARN)
    expression = re.compile(source, re.DOTALL).fullmatch
    return lambda value: expression(value) is not None


def _free(part: _Part) -> str:
    return {"*": ".*", "?": "."}.get(part.what) or re.escape(part.text)


def _in_fields(parts: tuple[_Part, ...], *, strict: bool) -> str:
    source: list[str] = []
    colons = 0
    for index, part in enumerate(parts):
        if part.what == "text":
            colons += part.text.count(":")
            source.append(re.escape(part.text))
            continue
        if colons >= _HEAD:
            source.append(_free(part))
            continue
        ends_field = index + 1 == len(parts) or parts[index + 1].text.startswith(":")
        if part.what == "*" and ends_field and not strict:
            source.append(".*")
        else:
            source.append("[^:]*" if part.what == "*" else "[^:]")
    return "".join(source)


def _never(_value: str) -> bool:
    return False


def _always(_value: str) -> bool:
    return True
