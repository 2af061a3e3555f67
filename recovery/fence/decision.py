"""Whether a region closes itself, opens, or stays as it is: a pure decision from what it can read.

A switch that cannot be read changes nothing in a running region. A region that was away (a gap in its own heartbeat) does not
know what was decided meanwhile: it closes, and stays closed until it can read the other region's switch, or its own is written
anew. If it is being recovered there, it stays closed until the cutover.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from recovery.cutover.beat import Beat
from recovery.cutover.switch import Record, latest
from recovery.cutover.takeover import LASTS, Taking

GAP = timedelta(minutes=10)
"""Without a heartbeat for so long, a region was away. The fence looks each minute."""

OPENED_FOR = timedelta(hours=5)
"""How long a recovery may have a region open before it cuts over: its tests, and the second person's answer, for which it
waits four hours. A drill there, and an attempt that was given up, never cut over: after that the region closes again.
"""


class Action(StrEnum):
    OPEN = "open"
    CLOSE = "close"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Seen:
    """`own_read`, `other_read`: whether the records could be read; one that was never written was read, and is None."""

    here: str
    now: datetime
    own: Record | None
    own_read: bool
    other: Record | None
    other_read: bool
    last: Beat | None
    taking: Taking | None = None
    """What the other region says of a recovery there; None, too, if unreadable."""

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

    def taken(self, holds: Record | None) -> bool:
        """Being recovered elsewhere, since this region was away, by a recovery that has not cut over yet; or left by
        a planned failover.

        One that runs, and noticed no gap, is closed by nobody's recovery: it may have been a mistake.
        """
        taking = self.taking
        if taking is None or taking.lost_region != self.here or self.now - taking.since > LASTS:
            return False
        return (self.was_away or self.closed or taking.planned) and (holds is None or taking.since > holds.since)


@dataclass(frozen=True, slots=True)
class Decision:
    action: Action
    because: str


def decide(seen: Seen) -> Decision:
    holds = latest(seen.own, seen.other)
    if elsewhere := _elsewhere(seen, holds):
        return elsewhere
    if holds is None and seen.own_read and seen.other_read:
        return Decision(Action.OPEN if seen.closed else Action.KEEP, "nobody ever cut over")
    if holds is not None and ((seen.own_read and seen.other_read) or seen.thrown_anew):
        return Decision(Action.OPEN, f"traffic belongs here since {holds.since.isoformat()}")
    if seen.was_away:
        return Decision(Action.CLOSE, "this region was away, and cannot read what was decided meanwhile")
    return Decision(Action.KEEP, "a switch cannot be read: that changes nothing")


def _elsewhere(seen: Seen, holds: Record | None) -> Decision | None:
    """Where traffic belongs to the other region, or is about to."""
    if holds is not None and holds.serving != seen.here:
        opened = seen.last.opened if seen.last else None
        if opened is not None and opened > holds.since and seen.now - opened <= OPENED_FOR:
            return Decision(Action.KEEP, "a recovery has opened this region, and has not cut over yet")
        return Decision(Action.CLOSE, f"traffic belongs to {holds.serving} since {holds.since.isoformat()}")
    if seen.taking is not None and seen.taken(holds) and not seen.thrown_anew:
        if seen.taking.planned:
            return Decision(Action.CLOSE, f"planned failover from this region since {seen.taking.since.isoformat()}")
        return Decision(Action.CLOSE, f"this region was away, and plan {seen.taking.plan_id} is recovering it elsewhere")
    return None
