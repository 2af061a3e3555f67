"""Is a signature the key's? ECDSA over P-256 with SHA-256, the way KMS signs, checked with Python's integers alone.

The functions that check stand where no compiled library is bundled (the bundle is plain Python, so that the same files run on
Lambda and here), and checking handles nothing secret: how long it takes tells nobody anything. A test holds every answer against
`cryptography`'s. Nothing is signed here; that is done by KMS, whose key nobody can read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_A = -3
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
"""FIPS 186-5 and SP 800-186: field, curve, order and base point."""
_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
"""How the DER of every public key on this curve begins: it says which curve it is, and that both coordinates follow."""

_Point = tuple[int, int] | None
"""None is the point at infinity."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A point of the curve."""

    x: int
    y: int

    @classmethod
    def of_pem(cls, pem: bytes) -> PublicKey:
        """Raises ValueError for what is no public key on P-256."""
        lines = pem.strip().splitlines()
        if len(lines) < 3 or lines[0] != b"-----BEGIN PUBLIC KEY-----" or lines[-1] != b"-----END PUBLIC KEY-----":
            raise ValueError("it is no public key")
        try:
            der = base64.b64decode(b"".join(lines[1:-1]), validate=True)
        except binascii.Error as error:
            raise ValueError("it is no public key") from error
        if len(der) != len(_HEAD) + 64 or not der.startswith(_HEAD):
            raise ValueError("it is no public key on P-256")
        x, y = int.from_bytes(der[-64:-32]), int.from_bytes(der[-32:])
        if max(x, y) >= _P or (y * y - (x * x * x + _A * x + _B)) % _P:
            raise ValueError("it is no point of P-256")
        return cls(x, y)

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` (DER) is this key's of `message`."""
        numbers = _numbers(signature)
        if numbers is None:
            return False
        r, s = numbers
        if not (0 < r < _N and 0 < s < _N):
            return False
        digest, inverse = int.from_bytes(hashlib.sha256(message).digest()), pow(s, -1, _N)
        point = _sum(_times(digest * inverse % _N, _G), _times(r * inverse % _N, (self.x, self.y)))
        return point is not None and point[0] % _N == r


def _sum(one: _Point, other: _Point) -> _Point:
    if one is None or other is None:
        return one or other
    (x, y), (u, v) = one, other
    if x == u and (y + v) % _P == 0:
        return None
    slope = (3 * x * x + _A) * pow(2 * y, -1, _P) if one == other else (v - y) * pow(u - x, -1, _P)
    across = (slope * slope - x - u) % _P
    return across, (slope * (x - across) - y) % _P


def _times(number: int, point: _Point) -> _Point:
    found: _Point = None
    for bit in f"{number:b}":
        found = _sum(found, found)
        if bit == "1":
            found = _sum(found, point)
    return found


def _numbers(signature: bytes) -> tuple[int, int] | None:
    """Both numbers of the one DER that means them; None for anything else, a longer spelling of the same included."""
    found, rest = list[int](), signature[2:]
    if len(signature) < 8 or signature[0] != 0x30 or signature[1] != len(rest):
        return None
    while rest:
        length = rest[1] if len(rest) > 1 else 0
        number, shown = rest[2 : 2 + length], rest[:1] == b"\x02" and 0 < length <= 33
        if not shown or len(number) != length or number[0] > 127 or (number[0] == 0 and (length == 1 or number[1] < 128)):
            return None
        found.append(int.from_bytes(number))
        rest = rest[2 + length :]
    return (found[0], found[1]) if len(found) == 2 else None
