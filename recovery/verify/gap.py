"""The time between a manifest and the moment a copy was restored to, and what a row's dates say about it.

Whatever was changed in the gap is dated by the application; the strategy names the columns. So each row of a restored copy is
old (the manifest must have it, exactly so), later (the manifest cannot have it, only a former version), or too near to tell.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum
from functools import reduce
from typing import Self

from recovery.verify.content import Chunk

SKEW = timedelta(seconds=60)
"""A row is dated before it is committed: the longest transaction (or retried put) that is not taken for damage."""
CLOCKS = timedelta(seconds=1)
"""How far apart the clocks of who dates rows and who measures may be, and how far a DATETIME without a fraction is rounded."""


class Age(IntEnum):
    """Of a version of a row, by its date; the numbers are also the server's."""

    OLD = 0
    BEFORE = 1
    """Dated at most SKEW before the manifest: it may have been committed too late to be in it."""
    AFTER = 2
    """Dated just after the manifest began, or while it was being measured: it may be in it all the same."""
    LATER = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """From `taken` to `moment`. `until` is when the measurement ended, for a store that has no snapshots."""

    taken: datetime
    until: datetime
    moment: datetime
    tolerance: timedelta

    @property
    def edges(self) -> tuple[datetime, datetime, datetime]:
        """The last moments of OLD, BEFORE and AFTER."""
        return self.taken - SKEW, self.taken, self.until + CLOCKS

    @property
    def end(self) -> datetime:
        """What is dated later is of another moment."""
        return self.moment + self.tolerance

    def age(self, dated: datetime | None) -> Age:
        """What bears no date is held to the manifest like what is old."""
        return Age(sum(dated > edge for edge in self.edges)) if dated else Age.OLD


@dataclass(frozen=True, slots=True)
class Tally:
    """A chunk of the restored copy, seen from the manifest.

    `certain` rows were changed in the gap or near the manifest, and made before: the manifest has one version of each, maybe a
    former one. `possible` rows were made near it: it has a version of them, or none.
    """

    by_age: tuple[Chunk, ...] = field(default=(Chunk(0, 0),) * len(Age))
    certain: int = 0
    possible: int = 0

    def plus(self, age: Age, more: Chunk, *, certain: int, possible: int) -> Self:
        """Rows of one age, and how many of them were made before or near the manifest: of old rows that is no question."""
        by_age = tuple(chunk.plus(more) if at is age else chunk for at, chunk in zip(Age, self.by_age, strict=True))
        if age is Age.OLD:
            return replace(self, by_age=by_age)
        return replace(self, by_age=by_age, certain=self.certain + certain, possible=self.possible + possible)

    def joined(self, more: Self) -> Self:
        """With other rows of the same chunk."""
        by_age = tuple(chunk.plus(each) for chunk, each in zip(self.by_age, more.by_age, strict=True))
        return replace(self, by_age=by_age, certain=self.certain + more.certain, possible=self.possible + more.possible)

    def holding(self, old: Chunk) -> Self:
        return self.plus(Age.OLD, old, certain=0, possible=0)

    @property
    def whole(self) -> Chunk:
        """All rows there are."""
        return reduce(Chunk.plus, self.by_age)

    @property
    def fewest(self) -> int:
        """Rows the manifest must have in this chunk at least."""
        return self.by_age[Age.OLD].rows + self.certain

    @property
    def most(self) -> int:
        return self.fewest + self.possible

    @property
    def exact(self) -> tuple[Chunk, ...]:
        """What the manifest has when no version of it is gone: without what is near it, with what is before it, with all."""
        old, before, after, _ = self.by_age
        return old, old.plus(before), old.plus(before).plus(after)


@dataclass(frozen=True, slots=True)
class Dated:
    """A part whose rows bear dates. `late` rows are dated after the moment."""

    tallies: tuple[Tally, ...]
    late: int
    newest: datetime | None
