"""Is a signature the key's? ECDSA over P-256 with SHA-256, the way KMS signs, checked by `cryptography`.

That library is compiled: a function that imports this module goes into the bundle that has it (`deployment/bundle.py`). Nothing
is signed here; that is done by KMS, whose key nobody can read.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

_SHA256 = ECDSA(hashes.SHA256())


@dataclass(frozen=True, slots=True)
class PublicKey:
    _key: EllipticCurvePublicKey

    @classmethod
    def of_pem(cls, pem: bytes) -> PublicKey:
        """Raises ValueError for what is no public key on P-256."""
        try:
            found = load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise ValueError("it is no public key") from error
        match found:
            case EllipticCurvePublicKey(curve=SECP256R1()) if _lines(_pem(found)) == _lines(pem):
                return cls(found)
        raise ValueError("it is no public key on P-256 as KMS gives one")

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` (DER) is this key's of `message`."""
        try:
            self._key.verify(signature, message, _SHA256)
        except InvalidSignature:
            return False
        return True


def _pem(key: EllipticCurvePublicKey) -> bytes:
    """The one spelling that is taken: no compressed point, no parameters written out, nothing before or after."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _lines(pem: bytes) -> bytes:
    """However long its lines are."""
    return b"".join(pem.strip().splitlines())
