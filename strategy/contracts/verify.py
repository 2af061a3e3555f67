"""A restored store is verified against its manifest: by one function for each kind of store, in one go or piece by piece.

The same function is called three times over for a store that one call has no time for: it says in which pieces the store is to be
read (`deal`), it is called for each (`piece`), and it judges what they measured (`measured`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from strategy.contracts.contract import Contract, Document
from strategy.contracts.dates import Changes

MYSQL, DYNAMODB = "verify-mysql", "verify-dynamodb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece(Contract):
    """What one call reads. `run` tells one measurement of a store from all others."""

    store: str
    run: str
    number: int
    slices: tuple[tuple[str, int, int], ...]
    """Each the n-th of so many slices of a part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces(Contract):
    """None for a store that is read in one go."""

    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPiece(Contract):
    """The digest of what was measured and kept, or why it could not be."""

    store: str
    run: str
    number: int
    sha256: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRequest(Contract):
    """Without a `moment` the copy must equal the manifest, exactly."""

    store: str
    bucket: str
    manifest_key: str | None
    """None: there is none, and nothing can be compared."""
    moment: datetime | None = None
    """Restored to, or when the recovery point was created, for a copy that is not of the manifest's own moment."""
    tolerance_seconds: float | None = None
    """How much later than the moment its data may be; 1 when absent."""
    replica: bool = False
    """It goes on as it is: it must have the schema of the manifest, and a write no older than `not_before`."""
    not_before: str = ""
    """ISO; empty but for a replica."""
    deal: bool = False
    piece: Piece | None = None
    seconds: float | None = None
    """For one piece."""
    measured: tuple[MeasuredPiece | None, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyMySqlRequest(VerifyRequest):
    FUNCTION: ClassVar[str] = MYSQL

    host: str
    port: int | str
    """A text where CloudFormation filled it in."""
    changes: Changes | None = None
    """What dates its rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyDynamoDbRequest(VerifyRequest):
    FUNCTION: ClassVar[str] = DYNAMODB

    table: str
    written_at: str | None = None
    """What dates its items."""
    settings: bool = False
    """Its time to live is back, and is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Contract):
    """`rows` of MySQL and `items` of DynamoDB are what was `counted`; moments are ISO."""

    store: str
    verdict: str
    summary: str
    rows: int | None = None
    items: int | None = None
    counted: int
    newest: str
    """The newest write that was found; empty where nothing bears a date."""
    report_key: str
    lost_since: str | None
    """The newest heartbeat that was restored."""
    levels: tuple[Document, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvariantQuery(Contract):
    """A query of the bank's own that lists the keys of what offends it."""

    name: str
    meaning: str
    offending: str


Invariants = Mapping[str, tuple[InvariantQuery, ...]]
"""By store."""
