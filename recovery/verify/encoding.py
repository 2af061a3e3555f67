"""DynamoDB items as bytes: one encoding per item, whatever the order of attributes or set members, or a number's spelling.

Every value is a type tag, a length and its bytes, so that `"1"` is not `1` and nothing can be moved between attributes.
Numbers are equal when DynamoDB calls them equal: `1`, `1.0` and `1E0` are one number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

HASH_BITS = 256


def item_hash(item: Mapping[str, Any]) -> int:
    """SHA-256 of an item in the client's own form, `{"name": {"S": "value"}}`."""
    return int.from_bytes(hashlib.sha256(_mapping(item)).digest())


def encode(value: Mapping[str, Any]) -> bytes:
    """One attribute value. Raises ValueError for a type this encoding does not know."""
    ((kind, content),) = value.items()
    encoded = _ENCODINGS.get(kind)
    if encoded is None:
        raise ValueError(f"unknown DynamoDB type {kind!r}")
    return _tagged(kind.encode(), encoded(content))


def number(text: str) -> str:
    """The one spelling of a number: sign, digits without leading or trailing zeros, exponent.

    By hand, since Decimal's own normalisation would round to the context's precision, and DynamoDB keeps 38 digits.
    """
    parsed = Decimal(text)
    if not parsed.is_finite():
        raise ValueError(f"{text!r} is not a number DynamoDB can hold")
    sign, digits, exponent = parsed.as_tuple()
    plain = "".join(map(str, digits)).lstrip("0")
    if not plain:
        return "0"
    stripped = plain.rstrip("0")
    return f"{'-' if sign else ''}{stripped}E{int(exponent) + len(plain) - len(stripped)}"


def _mapping(attributes: Mapping[str, Any]) -> bytes:
    return _join(_tagged(b"K", name.encode()) + encode(value) for name, value in attributes.items())


def _join(encoded: Iterable[bytes]) -> bytes:
    return b"".join(sorted(encoded))


def _tagged(tag: bytes, content: bytes) -> bytes:
    return tag + str(len(content)).encode() + b":" + content


def _members(kind: str) -> Callable[[Iterable[Any]], bytes]:
    return lambda members: _join(encode({kind: member}) for member in members)


_ENCODINGS: dict[str, Callable[[Any], bytes]] = {
    "S": str.encode,
    "N": lambda text: number(text).encode(),
    "B": bytes,
    "BOOL": lambda truth: b"1" if truth else b"0",
    "NULL": lambda _: b"",
    "M": _mapping,
    "L": lambda members: b"".join(map(encode, members)),
    "SS": _members("S"),
    "NS": _members("N"),
    "BS": _members("B"),
}
