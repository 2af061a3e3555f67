"""DescribeTable is eventually consistent: a table that was just made may not be known to it yet.

Source: API_DescribeTable, which may answer ResourceNotFoundException right after a CreateTable, and says to wait a few seconds.
Here it is never known at first, so that whoever relies on it is found out. Only DescribeTable is so: the name is taken at once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aws_rehearsal.clock import Clock

UNSEEN = timedelta(seconds=2)
"""How long: AWS says a few seconds."""
MAKING = frozenset({"CreateTable", "RestoreTableFromBackup", "RestoreTableToPointInTime"})
BY_CLOUDFORMATION = "cloudformation.amazonaws.com"
"""In the User-Agent of CloudFormation's calls, as on AWS. It waits itself: nobody hears of a table before it is known."""
_SEEN_AT = "_seen_at"


def made(table: Any, clock: Clock) -> None:
    """A request made the table now. The moment is one to leap to: nobody waits for it in real time."""
    table.__dict__[_SEEN_AT] = clock.now() + UNSEEN
    clock.call_after(UNSEEN, lambda: None)


def unseen(table: Any, clock: Clock) -> bool:
    seen_at = table.__dict__.get(_SEEN_AT)
    return seen_at is not None and clock.now() < seen_at


def known(table: Any) -> None:
    """From now on; for a copy of a table that was just made."""
    table.__dict__.pop(_SEEN_AT, None)
