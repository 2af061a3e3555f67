"""Waiting in real time for what the embedded AWS does by itself."""

from __future__ import annotations

import time
from collections.abc import Callable

LONG = 300.0
"""Seconds after which it is not slow, but does not come."""


def eventually(condition: Callable[[], object], seconds: float = LONG) -> bool:
    """Looks often: for conditions that cost nothing."""
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def wait_for(ready: Callable[[], bool], *, what: str, seconds: float = LONG) -> None:
    """The pauses grow: a look may be a call like any other, and quick ones would never leave the cloud quiet to leap in time."""
    deadline, pause = time.perf_counter() + seconds, 0.05
    while not ready():
        assert time.perf_counter() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(pause)
        pause = min(pause * 1.2, 1.0)
