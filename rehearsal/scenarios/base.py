"""What every scenario shares: its context, its faults, and waiting for the cloud."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rehearsal.cloud import Cloud
from rehearsal.progress import Progress
from rehearsal.result import Result
from strategy import Strategy

FAULTS = {"corrupt-row": "alters one restored row before it is verified; the run must end unverified"}
"""Faults that can be asked for by name, and what they do."""


class ScenarioFailed(Exception):
    """The scenario could not be brought to its end; the message says at what, and what was seen."""


@dataclass
class Context:
    """One scenario's world."""

    strategy: Strategy
    cloud: Cloud
    progress: Progress
    directory: Path
    """Where the run writes: result, report, logs."""
    seed: int
    fault: str | None
    result: Result

    @property
    def primary(self) -> str:
        return self.strategy.regions.primary

    @property
    def recovery(self) -> str:
        return self.strategy.regions.recovery


def wait_for(ready: Callable[[], bool], *, what: str, seconds: float = 60.0) -> None:
    """Poll `ready` in real time (the virtual clock leaps meanwhile); ScenarioFailed after `seconds` of it."""
    deadline = time.perf_counter() + seconds
    while not ready():
        if time.perf_counter() > deadline:
            raise ScenarioFailed(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.05)
