"""The heartbeat around the moments that matter: for some minutes the deployed schedule writes it, before hours are leapt over.

On AWS it is written each minute of the year; here a leap of hours would else be hundreds of calls. What a restore measures by
it is as true: how old the newest one is that came back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from aws_rehearsal import schedules
from rehearsal.scenarios.base import Context, wait_for
from strategy.catalogue import names

LASTS = timedelta(minutes=2)
_SETTLED_SECONDS = 0.2


def beat_until(context: Context, moment: datetime) -> None:
    """Lets the last minutes before `moment` pass, in which the primary region writes its heartbeats."""
    clock, region = context.cloud.clock, context.primary
    clock.advance_to(max(clock.now(), moment - LASTS))
    schedules().each_minute([region], [names.function(context.strategy.prefix, "write-heartbeats")])
    try:
        while (now := clock.now()) < moment:
            clock.advance_to(min(now + timedelta(minutes=1), moment))
            wait_for(lambda: context.cloud.gateway.idle_seconds() > _SETTLED_SECONDS, what="the heartbeat")
    finally:
        schedules().each_minute([region], ())


def measured(verifications: Iterable[dict[str, Any]], until: datetime) -> float | None:
    """How many seconds before `until` the oldest of the stores' newest heartbeats is; None where one has none to show."""
    newest = [each.get("lost_since") for each in verifications]
    if not newest or not all(newest):
        return None
    return round(max((until - datetime.fromisoformat(str(each))).total_seconds() for each in newest), 1)
