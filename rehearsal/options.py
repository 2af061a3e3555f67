"""What a rehearsal is asked for, and what can be asked. The names stand here besides where each is built, which takes seconds to
import: a wrong one is refused before anything is begun.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

REGION_LOSS = "region-loss"
SCENARIOS = (
    "mysql-to-a-moment",
    "mysql-from-recovery-point",
    "dynamodb-to-a-moment",
    "dynamodb-to-a-moment-repair",
    "dynamodb-from-recovery-point",
    "drill",
    REGION_LOSS,
    "failback",
)
"""In an order in which they can follow one another in one world."""
SEVERAL = {"all-routes": tuple(name for name in SCENARIOS if name not in {"drill", "failback"})}
"""Names for several of them, one after another on one deployment."""
FAULTS = ("corrupt-row", "corrupt-copy", "half-copy", "operator-gone", "branch-fails", "replica-broken", "primary-returns")
"""What can be asked to go wrong on top of a region loss."""


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

    def check(self, scenario: str) -> tuple[str, ...]:
        """The scenarios that `scenario` names, one or several. Raises UsageError for a name that nobody knows, or of a fault."""
        _choose("scenario", scenario, [*SCENARIOS, *SEVERAL])
        names = SEVERAL.get(scenario, (scenario,))
        for fault in self.faults:
            _choose("fault", fault, FAULTS)
            if REGION_LOSS not in names:
                raise UsageError(f"fault {fault!r} belongs to {REGION_LOSS}, not to {scenario}")
        return names


def _choose(what: str, value: str, known: Collection[str]) -> None:
    if value not in known:
        raise UsageError(f"unknown {what} {value!r}: choose one of {', '.join(sorted(known))}")
