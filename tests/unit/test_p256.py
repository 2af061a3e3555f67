"""Signatures on P-256: every answer is `cryptography`'s, whatever is asked."""

from __future__ import annotations

import base64
from random import Random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, SECP384R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery.evidence.p256 import _N, _P, PublicKey

SHA256 = ECDSA(hashes.SHA256())
KEY = derive_private_key(int.from_bytes(b"a key of a test"), SECP256R1())
OTHER = derive_private_key(int.from_bytes(b"another key of a test"), SECP256R1())


def pem(key: object) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]


OURS = PublicKey.of_pem(pem(KEY))


def theirs(message: bytes, signature: bytes) -> bool:
    try:
        KEY.public_key().verify(signature, message, SHA256)
    except InvalidSignature:
        return False
    return True


@pytest.mark.proves("verification.signature")
@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.integers(1, 2**255))
def test_what_any_key_signed_is_its_own_and_no_other_s(message: bytes, secret: int) -> None:
    key = derive_private_key(secret, SECP256R1())
    signature = key.sign(message, SHA256)
    assert PublicKey.of_pem(pem(key)).signed(message, signature)
    assert not OURS.signed(message, signature)
    assert not PublicKey.of_pem(pem(key)).signed(message + b"!", signature)


@pytest.mark.proves("verification.signature")
@pytest.mark.parametrize("how", ["flip", "cut", "grow", "drop"])
def test_a_damaged_signature_is_judged_alike(how: str) -> None:
    random = Random(how)  # noqa: S311 - the same damage each time
    for _ in range(100):
        signature = bytearray(KEY.sign(b"manifest", SHA256))
        at = random.randrange(len(signature))
        if how == "flip":
            signature[at] ^= 1 << random.randrange(8)
        elif how == "cut":
            del signature[at:]
        elif how == "grow":
            signature.insert(at, random.randrange(256))
        else:
            del signature[at]
        assert OURS.signed(b"manifest", bytes(signature)) == theirs(b"manifest", bytes(signature)), signature.hex()


@pytest.mark.parametrize("r", [0, 1, 2, _N - 1, _N, _N + 1, _P, 2**256 - 1])
@pytest.mark.parametrize("s", [0, 1, _N - 1, _N, 2**256 - 1])
def test_numbers_at_the_edges_are_judged_alike(r: int, s: int) -> None:
    signature = encode_dss_signature(r, s)
    assert not OURS.signed(b"manifest", signature)
    assert not theirs(b"manifest", signature)


def test_the_mirrored_signature_is_as_good() -> None:
    """ECDSA's own: (r, -s) is the key's too. So a signature is no name for what it signs, and is never used as one."""
    signature = KEY.sign(b"manifest", SHA256)
    size = signature[3]
    r, s = int.from_bytes(signature[4 : 4 + size]), int.from_bytes(signature[6 + size :])
    mirrored = encode_dss_signature(r, _N - s)
    assert OURS.signed(b"manifest", mirrored)
    assert theirs(b"manifest", mirrored)


def _off_the_curve() -> bytes:
    der = bytearray(base64.b64decode(b"".join(pem(KEY).splitlines()[1:-1])))
    der[-1] ^= 1
    return b"-----BEGIN PUBLIC KEY-----\n" + base64.encodebytes(bytes(der)) + b"-----END PUBLIC KEY-----\n"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"no key at all",
        pem(KEY)[:-40],
        pem(KEY).replace(b"A", b"*"),
        pem(derive_private_key(7, SECP384R1())),
        _off_the_curve(),
    ],
)
def test_what_is_no_key_on_the_curve_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="it is no"):
        PublicKey.of_pem(text)
