"""What every command about restores begins with: the strategy, one region of it, and the moment; asked of the right account."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import typer

from recovery.aws import Region, caller
from recovery.cli import times
from strategy import Strategy, load


@dataclass(frozen=True, slots=True)
class Session:
    strategy: Strategy
    region: Region
    begun: datetime
    made_by: str
    """ARN of whoever typed the command."""
    _clock: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """The moment that was given, or the real one, and the time since."""
        return self.begun + timedelta(seconds=time.monotonic() - self._clock)

    def command(self, *words: str) -> str:
        """A command to type next, whole."""
        return f"python -m recovery {' '.join(words)} --env {self.strategy.environment} --region {self.region.name}"


def begin(env: str, region: str | None, now: datetime | None, *, recovery: bool = False) -> Session:
    """`recovery`: what the command is about is in the recovery region when none is given."""
    strategy = load(env)
    regions = strategy.regions
    name = region or (regions.recovery if recovery else regions.primary)
    if name not in {regions.primary, regions.recovery}:
        raise typer.BadParameter(f"--region: found {name!r}; allowed: {regions.primary} or {regions.recovery}")
    found = Region(name)
    return Session(strategy, found, now or times.now(), caller(found, strategy.account, env))
