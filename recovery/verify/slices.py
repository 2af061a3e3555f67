"""A store that is too large to be read in one go, cut into slices that are read apart and added up.

A slice is what its reader can work out alone: of a MySQL table by the numbers its primary key begins with, of a DynamoDB table
a segment of the scan. So no bound of a key is ever handed on. Slices are read at different moments, each from a snapshot of its
own: they are for a store that nobody writes to, as a restored copy is, or that has no snapshots anyway.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import ceil

from recovery.verify.measurement import Measured, total
from recovery.verify.observer import MeasurementError


@dataclass(frozen=True, slots=True, order=True)
class Slice:
    """The `number`-th, from 0, `of` so many slices of a part."""

    part: str
    number: int = 0
    of: int = 1

    def as_json(self) -> list[str | int]:
        return [self.part, self.number, self.of]


Piece = tuple[Slice, ...]
"""What is read in one go."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much one piece should hold, and how many there may be: all of them are read at the same time."""

    rows: int
    most: int
    size_bytes: int | None = None

    def pieces(self, rows: int, size_bytes: int = 0) -> int:
        """1 for what is read whole: cutting pays from three on."""
        needed = max(ceil(rows / self.rows), ceil(size_bytes / self.size_bytes) if self.size_bytes else 0)
        return 1 if needed < 3 else min(needed, self.most)


def deal(rows: Mapping[str, int], divisible: Collection[str], pieces: int) -> tuple[Piece, ...]:
    """About equal pieces of all parts, the largest slices first; `rows` is about how many each part has.

    A part that is not `divisible` is one slice, and whoever reads it may need longer than the others.
    """
    each = max(1, ceil(sum(rows.values()) / pieces))
    slices = list[tuple[float, Slice]]()
    for part, count in rows.items():
        number = max(1, min(pieces, ceil(count / each))) if part in divisible else 1
        slices.extend((count / number, Slice(part, n, number)) for n in range(number))
    held: list[list[Slice]] = [[] for _ in range(pieces)]
    lightest = [(0.0, n) for n in range(pieces)]
    for weight, one in sorted(slices, key=lambda entry: (-entry[0], entry[1])):
        load, n = heapq.heappop(lightest)
        held[n].append(one)
        heapq.heappush(lightest, (load + weight, n))
    return tuple(tuple(piece) for piece in held if piece)


def together(measured: Iterable[tuple[Slice, Measured]]) -> dict[str, Measured]:
    """The parts that the slices are of. Raises MeasurementError unless each part is there whole, and nothing twice."""
    found = dict[str, dict[Slice, Measured]]()
    for one, each in measured:
        if one in found.setdefault(one.part, {}):
            raise MeasurementError(f"{one.part}: slice {one.number + 1} of {one.of} was measured twice")
        found[one.part][one] = each
    whole = dict[str, Measured]()
    for part, slices in found.items():
        of = next(iter(slices)).of
        if missing := {Slice(part, n, of) for n in range(of)} ^ slices.keys():
            first = min(missing)
            raise MeasurementError(f"{part}: slice {first.number + 1} of {first.of} was not measured with the others")
        try:
            whole[part] = total([slices[one] for one in sorted(slices)])
        except ValueError as error:
            raise MeasurementError(f"{part}: {error}") from error
    return whole
