"""Signatures as KMS makes them: the key's are taken, what is no signature or no key is refused."""

from __future__ import annotations

import base64
from itertools import count
from random import Random

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256K1, SECP256R1, SECP384R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery.evidence.chain_link import pem as as_kms_gives_it
from recovery.evidence.public_key import PublicKey

SHA256 = ECDSA(hashes.SHA256())
KEY = derive_private_key(int.from_bytes(b"a key of a test"), SECP256R1())
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
FIELD = 2**256 - 2**224 + 2**192 + 2**96 - 1
MESSAGE = b"manifest"


def der(key: object, written: Encoding = Encoding.DER) -> bytes:
    return key.public_key().public_bytes(written, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]


def pem(key: object) -> bytes:
    return der(key, Encoding.PEM)


def written(body: bytes) -> bytes:
    return b"-----BEGIN PUBLIC KEY-----\n" + base64.encodebytes(body) + b"-----END PUBLIC KEY-----\n"


OURS = PublicKey.of_pem(pem(KEY))
HEAD, POINT = der(KEY)[:-64], der(KEY)[-64:]
"""The DER says which curve it is and how the point is written; then come both coordinates."""
COMPRESSED = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


@pytest.mark.proves("verification.signature")
@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200), st.integers(1, 2**255))
def test_what_any_key_signed_is_its_own_and_no_other_s(message: bytes, secret: int) -> None:
    key = derive_private_key(secret, SECP256R1())
    signature, theirs = key.sign(message, SHA256), PublicKey.of_pem(as_kms_gives_it(der(key)))
    assert theirs.signed(message, signature)
    assert not OURS.signed(message, signature)
    assert not theirs.signed(message + b"!", signature)


@pytest.mark.parametrize("how", ["flip", "cut", "grow", "drop"])
def test_a_damaged_signature_is_refused(how: str) -> None:
    random = Random(how)  # noqa: S311 - the same damage each time
    for _ in range(100):
        signature = bytearray(KEY.sign(MESSAGE, SHA256))
        at = random.randrange(len(signature))
        if how == "flip":
            signature[at] ^= 1 << random.randrange(8)
        elif how == "cut":
            del signature[at:]
        elif how == "grow":
            signature.append(random.randrange(256))
        else:
            del signature[at]
        assert not OURS.signed(MESSAGE, bytes(signature)), signature.hex()


def _number(value: int, *, padding: bytes = b"") -> bytes:
    body = padding + value.to_bytes(value.bit_length() // 8 + 1)
    return bytes([2, len(body)]) + body


def _sequence(*parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes([0x30, len(body)]) + body


R, S = decode_dss_signature(KEY.sign(MESSAGE, SHA256))


@pytest.mark.proves("verification.signature")
@pytest.mark.parametrize(
    "signature",
    [
        b"",
        b"\x30\x00",
        R.to_bytes(32) + S.to_bytes(32),
        _sequence(_number(R, padding=b"\0"), _number(S)),
        _sequence(_number(R), _number(S, padding=b"\0")),
        _sequence(_number(R), _number(S), _number(1)),
        _sequence(_number(R)),
        _sequence(_number(R), _number(S)) + b"\0",
        b"\x30\x81" + _sequence(_number(R), _number(S))[1:],
        b"\x30\x80" + _sequence(_number(R), _number(S))[2:] + b"\0\0",
        b"\x31" + _sequence(_number(R), _number(S))[1:],
        _sequence(b"\x02\x81" + _number(R)[1:], _number(S)),
        _sequence(b"\x02\x00", _number(S)),
        _sequence(_number(S), _number(R)),
    ],
    ids=count(),
)
def test_a_signature_spelt_otherwise_is_refused(signature: bytes) -> None:
    """One DER means it: longer spellings, other tags, more or fewer numbers are none, though both numbers are right."""
    assert OURS.signed(MESSAGE, _sequence(_number(R), _number(S)))
    assert not OURS.signed(MESSAGE, signature)


@pytest.mark.parametrize("r", [0, 1, ORDER - 1, ORDER, FIELD, 2**256 - 1, R + ORDER], ids=count())
@pytest.mark.parametrize("s", [0, 1, ORDER, 2**256 - 1, S + ORDER], ids=count())
def test_numbers_at_the_edges_are_refused(r: int, s: int) -> None:
    for signature in (encode_dss_signature(r, s), encode_dss_signature(R, s), encode_dss_signature(r, S)):
        assert not OURS.signed(MESSAGE, signature)


def test_the_mirrored_signature_is_as_good() -> None:
    """ECDSA's own: (r, -s) is the key's too. So a signature is no name for what it signs, and is never used as one."""
    assert OURS.signed(MESSAGE, encode_dss_signature(R, ORDER - S))


@pytest.mark.parametrize("text", [pem(KEY), pem(KEY).strip(), pem(KEY).replace(b"\n", b"\r\n"), written(der(KEY))], ids=count())
def test_lines_may_be_broken_anywhere(text: bytes) -> None:
    assert PublicKey.of_pem(text).signed(MESSAGE, KEY.sign(MESSAGE, SHA256))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"no key at all",
        pem(KEY)[:-40],
        pem(KEY).replace(b"A", b"*"),
        b"a word\n" + pem(KEY),
        pem(KEY) + pem(KEY),
        written(der(KEY) + b"\0"),
        written(der(KEY)[:-1] + bytes([der(KEY)[-1] ^ 1])),
        written(HEAD + bytes(64)),
        written(HEAD + b"\xff" * 32 + POINT[32:]),
        written(bytes.fromhex("3019301306072a8648ce3d020106082a8648ce3d03010703020000")),
        written(bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + COMPRESSED),
        written(HEAD[:-1] + bytes([6 + POINT[-1] % 2]) + POINT),
        pem(derive_private_key(7, SECP384R1())),
        pem(derive_private_key(7, SECP256K1())),
        pem(Ed25519PrivateKey.from_private_bytes(bytes(32))),
        pem(generate_private_key(65537, 2048)),
    ],
    ids=[
        "nothing", "a text", "cut", "no base64", "a word before", "two", "a byte after", "off the curve", "zero",
        "beyond the field", "infinity", "compressed", "hybrid", "P-384", "secp256k1", "Ed25519", "RSA",
    ],
)  # fmt: skip
def test_what_is_no_key_on_the_curve_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="it is no public key"):
        PublicKey.of_pem(text)
