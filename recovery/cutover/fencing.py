"""Whether a region closes itself, opens, or stays as it is: a pure decision from what it can read.

A switch that cannot be read changes nothing in a running region. A region that was away (a gap in its own heartbeat) does not
know what was decided meanwhile: it closes, and stays closed until it can read the other region's switch, or its own is thrown
anew.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from recovery.cutover.switch import Record, latest

GAP = timedelta(minutes=10)
"""Without a heartbeat for so long, a region was away. The fence looks each minute."""


class Action(StrEnum):
    OPEN = "open"
    CLOSE = "close"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Beat:
    """A region's heartbeat: `at`, whether it is `closed` and since when that is so (`changed`), why, and when a recovery last
    opened it on purpose, before the switch is thrown (`opened`).
    """

    at: datetime
    closed: bool
    changed: datetime
    because: str = ""
    opened: datetime | None = None

    @classmethod
    def from_json(cls, text: str) -> Beat:
        found = json.loads(text)
        opened = found.get("opened")
        return cls(
            at=datetime.fromisoformat(found["at"]),
            closed=bool(found["closed"]),
            changed=datetime.fromisoformat(found["changed"]),
            because=str(found.get("because", "")),
            opened=datetime.fromisoformat(opened) if opened else None,
        )

    def to_json(self) -> str:
        return json.dumps(
            {
                "at": self.at.isoformat(),
                "closed": self.closed,
                "changed": self.changed.isoformat(),
                "because": self.because,
                "opened": self.opened and self.opened.isoformat(),
            }
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """`own_read`, `other_read`: whether the records could be read; one that was never thrown was read, and is None."""

    here: str
    now: datetime
    own: Record | None
    own_read: bool
    other: Record | None
    other_read: bool
    last: Beat | None

    @property
    def closed(self) -> bool:
        return self.last is not None and self.last.closed

    @property
    def was_away(self) -> bool:
        return self.last is not None and self.now - self.last.at > GAP

    @property
    def thrown_anew(self) -> bool:
        """Here, by somebody who decided it since this region closed, or since it was away."""
        if self.own is None or self.own.noted is not None or self.last is None:
            return False
        return self.own.since > (self.last.changed if self.closed else self.last.at)


@dataclass(frozen=True, slots=True)
class Decision:
    action: Action
    because: str


def decide(seen: Seen) -> Decision:
    holds = latest(seen.own, seen.other)
    if holds is not None and holds.serving != seen.here:
        opened = seen.last.opened if seen.last else None
        if opened is not None and opened > holds.since:
            return Decision(Action.KEEP, "a recovery has opened this region, and has not thrown the switch yet")
        return Decision(Action.CLOSE, f"traffic belongs to {holds.serving} since {holds.since.isoformat()}")
    if holds is None and seen.own_read and seen.other_read:
        return Decision(Action.OPEN if seen.closed else Action.KEEP, "no switch was ever thrown")
    if holds is not None and ((seen.own_read and seen.other_read) or seen.thrown_anew):
        return Decision(Action.OPEN, f"traffic belongs here since {holds.since.isoformat()}")
    if seen.was_away:
        return Decision(Action.CLOSE, "this region was away, and cannot read what was decided meanwhile")
    return Decision(Action.KEEP, "a switch cannot be read: that changes nothing")
