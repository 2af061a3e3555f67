"""What an assessment is made of: a promise about one thing, and what comes of it where it is not kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from recovery.aws import NotChecked


class Harm(IntEnum):
    """What a gap leads to; the smaller, the worse."""

    LOST = 1
    """Data that is gone stays gone."""
    REGION = 2
    """It comes back, unless the region is lost."""
    FAILS = 3
    """A backup or a restore will fail, some night."""
    LATE = 4
    """It comes back, later or older than promised."""
    UNSEEN = 5
    """Nobody would notice, or nobody has tried."""
    EXPOSED = 6
    """It is easier to destroy or to read than it should be."""

    @property
    def title(self) -> str:
        return {
            Harm.LOST: "data could not be brought back",
            Harm.REGION: "the loss of the region would be the loss of the data",
            Harm.FAILS: "a backup or a restore will fail",
            Harm.LATE: "it comes back, later or older than promised",
            Harm.UNSEEN: "nobody would notice",
            Harm.EXPOSED: "easier to destroy or to read than it should be",
        }[self]


@dataclass(frozen=True, slots=True)
class Judged:
    """One promise about one thing."""

    what: str
    """The thing: a store, a topic, the account."""
    promise: str
    found: str
    mend: str = ""
    """Empty where the promise is kept."""
    harm: Harm | None = None
    """None: kept, or not checked."""
    checked: bool = True


@dataclass(frozen=True, slots=True)
class About:
    """Writes what is judged of one thing."""

    what: str

    def kept(self, promise: str, found: str) -> Judged:
        return Judged(self.what, promise, found)

    def broken(self, harm: Harm, promise: str, found: str, mend: str) -> Judged:
        return Judged(self.what, promise, found, mend, harm)

    def refused(self, promise: str, answer: NotChecked) -> Judged:
        return Judged(self.what, promise, answer.because, checked=False)
