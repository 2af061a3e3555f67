"""Waiting inside an execution, on the cloud's clock.

Two kinds, as the clock has them. A Wait state or a Retry interval is a wait the clock leaps to when the cloud is quiet. A
timeout is a bound on something else: it fires when time passes over it, and the clock never leaps to it, or an approval
that a person gives after a minute would always come too late.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from rehearsal.cloud import context

_LOOK = 0.1
"""Real seconds between two looks at whether the execution still runs."""


def sleep(env: Any, seconds: float) -> None:
    """Wait `seconds` of virtual time; ends early when the execution or the cloud stops."""
    if seconds <= 0:
        return
    clock = context.current().clock
    woken = threading.Event()
    appointment = clock.call_after(timedelta(seconds=seconds), woken.set)
    while not woken.wait(_LOOK):
        if clock.stopped or not env.is_running():
            appointment.cancel()
            return


def wait(event: threading.Event, seconds: float) -> bool:
    """Whether `event` was set within `seconds` of virtual time. False, too, when the cloud stops."""
    clock = context.current().clock
    ended = threading.Event()
    appointment = clock.call_after(timedelta(seconds=seconds), ended.set, leap=False)
    while not event.wait(_LOOK):
        if ended.is_set() or clock.stopped:
            return event.is_set()
    appointment.cancel()
    return True
