"""What a store's data is, measured: the common shape of a live measurement and of a manifest's body.

A store has a schema (plain nested values, compared as they are) and parts (a MySQL table, a DynamoDB table's items), each with
a count and checksums per chunk. Rows belong to a chunk by a hash of their key, so a chunk says nothing about any key: no bound
of a key range, and so no customer identifier, is ever stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from recovery.verify.encoding import HASH_BITS
from recovery.verify.mode import Mode


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows whose key hashes to the same value: how many, and the sum of their hashes (order-free, not linear under XOR)."""

    rows: int
    checksum: int

    def as_json(self) -> list[Any]:
        """Checksums as hexadecimal text: they are wider than the integers JSON readers keep exactly."""
        return [self.rows, f"{self.checksum:x}"]

    @classmethod
    def from_json(cls, value: Sequence[Any]) -> Self:
        """Raises TypeError or ValueError when the shape is another one."""
        rows, checksum = value
        return cls(int(rows), int(checksum, 16))

    def plus(self, more: Self) -> Self:
        """Of other rows with the same hash."""
        return type(self)(self.rows + more.rows, (self.checksum + more.checksum) % 2**HASH_BITS)


@dataclass(frozen=True, slots=True)
class Part:
    """One table, or one table's items."""

    chunks: tuple[Chunk, ...]

    @property
    def rows(self) -> int:
        return sum(chunk.rows for chunk in self.chunks)

    @property
    def whole(self) -> Chunk:
        """All chunks as one: the sum of sums, so of the same rows however they are cut."""
        return Chunk(self.rows, sum(chunk.checksum for chunk in self.chunks))


@dataclass(frozen=True, slots=True)
class Content:
    """A whole store at one moment."""

    kind: str
    schema: Mapping[str, Any]
    parts: Mapping[str, Part]
    mode: Mode = Mode.CRYPTOGRAPHIC
    """How rows were hashed: only content of one mode can be compared."""
    heartbeat: datetime | None = field(default=None, compare=False)
    """The newest one at that moment: see `heartbeat`. Never compared as content."""

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts.values())

    def chunk_counts(self) -> dict[str, int]:
        """How many chunks each part has: a live store must be cut the same way to be comparable."""
        return {name: len(part.chunks) for name, part in self.parts.items()}

    def as_json(self) -> dict[str, Any]:
        parts = {name: [chunk.as_json() for chunk in part.chunks] for name, part in self.parts.items()}
        beat = {"heartbeat": self.heartbeat.isoformat()} if self.heartbeat else {}
        return {"kind": self.kind, "mode": str(self.mode), "schema": dict(self.schema), "parts": parts, **beat}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError or ValueError when the shape is another one."""
        parts = {str(name): Part(tuple(map(Chunk.from_json, chunks))) for name, chunks in value["parts"].items()}
        beat = datetime.fromisoformat(value["heartbeat"]) if "heartbeat" in value else None
        return cls(str(value["kind"]), dict(value["schema"]), parts, Mode(value["mode"]), beat)
