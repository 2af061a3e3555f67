"""One link: what it says, how that becomes bytes, and what its successor calls it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from strategy.catalogue import names

FORMAT = 1
PUBLIC_KEY = "public-key.pem"
"""Beside the links."""


class NoLink(ValueError):
    """What was read is no link; the message says why."""


@dataclass(frozen=True, slots=True)
class Link:
    """The signed part. Moments are ISO 8601, UTC."""

    format: int
    chain: str
    """Account, environment's prefix and region: a link of another chain is no link of this one."""
    number: int
    """From 1, without gaps."""
    previous: str
    """Digest of the link before; `beginning` of the first."""
    sealed: str
    """When."""
    key: str
    """The object sealed."""
    version: str
    sha256: str
    recorded: str
    """When S3 took the object."""

    def body(self) -> bytes:
        """Canonical: sorted keys, no spaces, UTF-8."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body()).hexdigest()


@dataclass(frozen=True, slots=True)
class Signed:
    link: Link
    signature: bytes
    """ECDSA over P-256 and SHA-256, DER, as KMS makes it."""
    signer: str
    """ARN of the key."""

    def document(self) -> bytes:
        signature = base64.b64encode(self.signature).decode()
        return json.dumps(
            {"link": asdict(self.link), "signature": signature, "signer": self.signer}, indent=2, sort_keys=True
        ).encode()

    @classmethod
    def parse(cls, document: bytes) -> Signed:
        """Raises NoLink."""
        try:
            found: Mapping[str, Any] = json.loads(document)
            link = Link(**found["link"])
            signature = base64.b64decode(found["signature"], validate=True)
            datetime.fromisoformat(link.sealed), datetime.fromisoformat(link.recorded)
            if not isinstance(link.number, int) or link.format != FORMAT:
                raise NoLink(f"format {link.format!r}, number {link.number!r}")
            return cls(link, signature, str(found["signer"]))
        except (AttributeError, KeyError, TypeError, ValueError, binascii.Error) as error:
            raise NoLink(f"it cannot be read as a link ({error})") from error


def chain_name(account: str, prefix: str, region: str) -> str:
    return f"{account}/{prefix}/{region}"


def beginning(chain: str) -> str:
    """What the first link calls its predecessor."""
    return hashlib.sha256(chain.encode()).hexdigest()


def folder(region: str) -> str:
    """A region's links are in a folder of its name, so that they keep apart where they are replicated."""
    return f"{names.CHAIN}/{region}/"


def link_key(region: str, number: int) -> str:
    """Keys sort as numbers."""
    return f"{folder(region)}{number:010d}.json"


def number_of(key: str) -> int | None:
    """The number that a key names; None for one that names none."""
    name = key.rpartition("/")[2].removesuffix(".json")
    return int(name) if len(name) == 10 and name.isdigit() else None


def pem(key: bytes) -> bytes:
    """A public key as KMS gives it (DER), as text."""
    return b"-----BEGIN PUBLIC KEY-----\n" + base64.encodebytes(key) + b"-----END PUBLIC KEY-----\n"
