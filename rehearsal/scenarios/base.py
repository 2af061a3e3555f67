"""What every scenario shares: its context, the world it breaks, and waiting for the cloud."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aws_rehearsal import Cloud
from rehearsal.bank import Application, Ledger
from rehearsal.progress import Progress
from rehearsal.result import Result
from rehearsal.scenarios.people import People
from rehearsal.scenarios.stores import Stores
from strategy import Strategy


class ScenarioFailed(Exception):
    """The scenario could not be brought to its end; the message says at what, and what was seen."""


@dataclass
class Context:
    """One run's surroundings."""

    strategy: Strategy
    cloud: Cloud
    progress: Progress
    directory: Path
    """Where the run writes: result, report, logs."""
    seed: int
    faults: tuple[str, ...]
    """Of the region's loss, by name."""
    result: Result
    environment: str
    """As it was asked for: a name, or the path of a file."""
    people: People

    @property
    def primary(self) -> str:
        return self.strategy.regions.primary

    @property
    def recovery(self) -> str:
        return self.strategy.regions.recovery


@dataclass
class World:
    """What was deployed and loaded, and lives: the stores, the bank's services at work, and what they know."""

    stores: Stores
    ledger: Ledger
    application: Application
    parted: datetime | None = None
    """When replication between the regions ended, while nothing was written."""
    backup: datetime | None = None
    """When the newest backup began; the bank was held still until it was done and copied."""


LONGEST_PAUSE = 0.25
HANGS = 1800.0
"""Real seconds after which something hangs. No measure of anything: on a loaded machine all takes many times as long."""


def wait_for(ready: Callable[[], bool], *, what: str, seconds: float = HANGS) -> None:
    """Poll `ready` in real time (the virtual clock leaps meanwhile); ScenarioFailed after `seconds` of it.

    The pauses grow: a look is a call like any other, and on a busy machine quick ones would never leave the cloud quiet.
    """
    deadline, pause = time.perf_counter() + seconds, 0.05
    while not ready():
        if time.perf_counter() > deadline:
            raise ScenarioFailed(f"waited {seconds:.0f} s for {what}")
        time.sleep(pause)
        pause = min(pause * 1.2, LONGEST_PAUSE)
