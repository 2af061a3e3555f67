"""What was measured of one part, or of a slice of it: as JSON, and added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import reduce
from typing import Any

from recovery.verify.content import Chunk, Part
from recovery.verify.gap import Dated, Tally

Measured = tuple[Part, Dated | None]
"""A part, and where its rows were told apart by their dates, how."""


def total(several: Sequence[Measured]) -> Measured:
    """The slices of one part as the whole. ValueError for none, and for slices that were not cut and dated alike."""
    if not several:
        raise ValueError("nothing was measured")
    return reduce(_sum, several)


def _sum(one: Measured, other: Measured) -> Measured:
    (part, dated), (more, more_dated) = one, other
    if len(part.chunks) != len(more.chunks) or (dated is None) != (more_dated is None):
        raise ValueError("two slices of one part were measured in different ways")
    if dated is None or more_dated is None:
        return Part(tuple(chunk.plus(each) for chunk, each in zip(part.chunks, more.chunks, strict=True))), None
    tallies = tuple(tally.joined(each) for tally, each in zip(dated.tallies, more_dated.tallies, strict=True))
    newest = max(filter(None, (dated.newest, more_dated.newest)), default=None)
    return Part(tuple(tally.whole for tally in tallies)), Dated(tallies, dated.late + more_dated.late, newest)


def as_json(measured: Measured) -> dict[str, Any]:
    """Checksums as hexadecimal text: they are wider than the integers JSON readers keep exactly."""
    part, dated = measured
    held: dict[str, Any] = {"chunks": list(map(_chunk, part.chunks))}
    if dated is not None:
        held["dated"] = {
            "late": dated.late,
            "newest": dated.newest and dated.newest.isoformat(),
            "tallies": [[*map(_chunk, tally.by_age), tally.certain, tally.possible] for tally in dated.tallies],
        }
    return held


def from_json(held: Mapping[str, Any]) -> Measured:
    """Raises KeyError, TypeError or ValueError when the shape is another one."""
    dated = held.get("dated")
    part = Part(tuple(Chunk(rows, int(checksum, 16)) for rows, checksum in held["chunks"]))
    if dated is None:
        return part, None
    tallies = tuple(
        Tally(tuple(Chunk(rows, int(checksum, 16)) for rows, checksum in by_age), certain, possible)
        for *by_age, certain, possible in dated["tallies"]
    )
    return part, Dated(tallies, dated["late"], dated["newest"] and datetime.fromisoformat(dated["newest"]))


def _chunk(chunk: Chunk) -> list[Any]:
    return [chunk.rows, f"{chunk.checksum:x}"]
