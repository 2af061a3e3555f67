"""What a rehearsal is asked for."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path


class UsageError(Exception):
    """The rehearsal cannot be started as asked: one line, what and what to do."""


@dataclass(frozen=True)
class Options:
    """Which environment, overriding which regions, and how the run varies."""

    environment: str
    primary: str | None = None
    recovery: str | None = None
    _: KW_ONLY
    seed: int = 1
    faults: tuple[str, ...] = ()
    port: int = 0
    output: Path = Path("build/rehearsal")
    assembly: Path | None = None
    """Synthesised before from this very strategy: deployed as it is, without the command line."""
