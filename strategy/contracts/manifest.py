"""What the stores hold is measured and written when a rule starts a backup, and signed by another function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from strategy.contracts.contract import Contract
from strategy.contracts.verify import MeasuredPiece, Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredStore(Contract):
    """What is measured, in the function's environment. A promised database that is missing is an error."""

    name: str
    kind: str
    databases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Contract):
    """Keys by store, digests by key; and the pieces of tables that are too large for one call."""

    manifest_keys: Mapping[str, str]
    sha256: Mapping[str, str]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRequest(Contract):
    """Nothing: measure all. A `piece`: that one. What was `written` and `measured`: end it."""

    FUNCTION: ClassVar[str] = "write-manifest"

    piece: Piece | None = None
    seconds: float | None = None
    written: Written | None = None
    measured: tuple[MeasuredPiece | None, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignRequest(Contract):
    FUNCTION: ClassVar[str] = "sign-manifests"

    written: Written


@dataclass(frozen=True, slots=True, kw_only=True)
class SignAnswer(Contract):
    FUNCTION: ClassVar[str] = "sign-manifests"

    signed: tuple[str, ...]
    """Keys of the signatures."""
