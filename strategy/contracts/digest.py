"""The daily digest of a region: which numbers it reads, beside which promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from strategy.catalogue import names
from strategy.contracts.contract import Contract
from strategy.contracts.drills import ProofsRequest

FRESHNESS, LATENESS, STORAGE, COST = "freshness", "lateness", "storage", "cost"
FOLDERS = tuple(each for each in names.SEALED if each != names.PREFLIGHTS)
"""Of the evidence bucket: where proofs, findings and duties lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestNumber(Contract):
    """A number of the monitor's, with what it may be at most."""

    part: str
    what: str
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    limit: float
    unit: str
    """`minutes` or `percent`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRequest(Contract):
    FUNCTION: ClassVar[str] = "digest"

    format: int
    environment: str
    prefix: str
    region: str
    role: str
    evidence: str
    proofs: ProofsRequest
    numbers: tuple[DigestNumber, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestAnswer(Contract):
    """`problems` and `unknown` are counts."""

    FUNCTION: ClassVar[str] = "digest"

    state: str
    problems: int
    unknown: int
