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
    """As `from_json` reads it."""
    part, dated = measured
    held: dict[str, Any] = {"chunks": [chunk.as_json() for chunk in part.chunks]}
    if dated is not None:
        held["dated"] = {
            "late": dated.late,
            "newest": dated.newest and dated.newest.isoformat(),
            "tallies": [[*(chunk.as_json() for chunk in tally.by_age), tally.certain, tally.possible] for tally in dated.tallies],
        }
    return held


def from_json(held: Mapping[str, Any]) -> Measured:
    """Raises KeyError, TypeError or ValueError when the shape is another one."""
    dated = held.get("dated")
    part = Part(tuple(map(Chunk.from_json, held["chunks"])))
    if dated is None:
        return part, None
    tallies = tuple(
        Tally(tuple(map(Chunk.from_json, by_age)), certain, possible) for *by_age, certain, possible in dated["tallies"]
    )
    return part, Dated(tallies, dated["late"], dated["newest"] and datetime.fromisoformat(dated["newest"]))
