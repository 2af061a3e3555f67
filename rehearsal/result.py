"""What a rehearsal found, as values: the shape of `build/rehearsal/result.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from rehearsal.progress import Step


@dataclass(frozen=True)
class Outcome:
    """One scenario's result. Counts are exact; `rpo_seconds` is virtual time, `wall_seconds` real time."""

    name: str
    outcome: Literal["recovered", "failed"]
    verified: bool
    rows: int
    items: int
    lost_rows: int
    lost_items: int
    rpo_seconds: float
    wall_seconds: float


@dataclass(frozen=True)
class Event:
    """Something that happened in the recovery workflow, at a virtual moment (ISO 8601, UTC)."""

    state: str
    started: str
    ended: str


@dataclass
class Result:
    """Everything the report shows."""

    seed: int
    fault: str | None
    lost_region: str
    recovery_region: str
    scenarios: list[Outcome] = field(default_factory=list)
    calls_to_lost_region_after_outage: int = 0
    resources: dict[str, int] = field(default_factory=dict)
    wall_seconds: float = 0.0
    findings: list[str] = field(default_factory=list)
    """Why something is not verified: the verifier's and the judge's own words."""
    moments: dict[str, str] = field(default_factory=dict)
    """Virtual moments worth knowing, in order: what happened → when (ISO 8601, UTC)."""
    timeline: list[Event] = field(default_factory=list)
    recorded_types: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def verified(self) -> bool:
        """True only when there is something to judge, and all of it was recovered and verified."""
        return bool(self.scenarios) and all(each.verified and each.outcome == "recovered" for each in self.scenarios)

    def document(self) -> dict[str, Any]:
        return asdict(self)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps(self.document(), indent=2) + "\n", encoding="utf-8")
        unfinished.replace(path)
