"""What a rehearsal found, as values: the shape of `build/rehearsal/result.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from rehearsal.progress import Step


@dataclass(frozen=True)
class Event:
    """Something that happened in a workflow, at a virtual moment (ISO 8601, UTC)."""

    state: str
    started: str
    ended: str


@dataclass(frozen=True)
class Outcome:
    """One scenario's result. Counts are exact; `rpo_seconds` is virtual time, `wall_seconds` real time."""

    name: str
    title: str
    """What happened and what was done, as one clause of a sentence."""
    outcome: Literal["recovered", "failed"]
    verified: bool
    rows: int
    items: int
    lost_rows: int
    lost_items: int
    rpo_seconds: float
    """How old the data that came back was when it was lost or damaged."""
    wall_seconds: float
    heartbeat_seconds: float | None = None
    """The newest heartbeat that came back was so old when its store was lost or damaged; None where none came back."""
    reverted_rows: int = 0
    """Rows that are there as they were before a change that is lost."""
    damaged: int = 0
    """Rows or items that were deleted or altered, and are right again."""
    findings: list[str] = field(default_factory=list)
    """Why it is not verified: the verifier's and the judge's own words."""
    moments: dict[str, str] = field(default_factory=dict)
    """Virtual moments worth knowing, in order: what happened → when (ISO 8601, UTC)."""
    timeline: list[Event] = field(default_factory=list)


@dataclass(frozen=True)
class Denial:
    """One kind of decision that refused something."""

    who: str
    """The role or user by its name, or a service of AWS."""
    action: str
    resource: str
    missing: str
    """The statement that is not there, or the one that denies."""
    times: int

    def __str__(self) -> str:
        return f"{self.who} may not {self.action} on {self.resource}: {self.missing}"


@dataclass
class Result:
    """Everything the report shows."""

    seed: int
    fault: str | None
    lost_region: str
    recovery_region: str
    scenarios: list[Outcome] = field(default_factory=list)
    calls_to_lost_region_after_outage: int = 0
    decisions: int = 0
    """Judged by policies: actions on resources that callers needed, those of one call apart."""
    denied: list[str] = field(default_factory=list)
    """Who may not do what on which resource, and the statement that is missing or that denies: `denials` in words."""
    denials: list[Denial] = field(default_factory=list)
    resources: dict[str, int] = field(default_factory=dict)
    wall_seconds: float = 0.0
    findings: list[str] = field(default_factory=list)
    """Why the run is not verified, in all scenarios and around them."""
    recorded_types: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def add(self, outcome: Outcome, *, of: int = 1) -> None:
        """A scenario's end; `of` how many the run has, to say which one found what."""
        self.scenarios.append(outcome)
        self.findings += [f"{outcome.name}: {each}" if of > 1 else each for each in outcome.findings]

    @property
    def verified(self) -> bool:
        """True only when there is something to judge, and all of it was recovered and verified."""
        judged = bool(self.scenarios) and all(each.verified and each.outcome == "recovered" for each in self.scenarios)
        return judged and not self.findings

    @property
    def headline(self) -> str:
        """One sentence for all that was run: of one scenario its title, of several how many."""
        verdict = "recovered and verified" if self.verified else "not verified"
        match self.scenarios:
            case []:
                return f"Nothing was judged: {verdict}."
            case [only]:
                first = only.title.split(" ", 1)[0]
                title = only.title[:1].upper() + only.title[1:] if first.isalpha() else only.title  # a region keeps its name
                return f"{title}: {verdict}."
        good = sum(each.verified and each.outcome == "recovered" for each in self.scenarios)
        if self.verified:
            return f"All {len(self.scenarios)} scenarios recovered and verified."
        return f"{good} of {len(self.scenarios)} scenarios recovered and verified: the night as a whole is {verdict}."

    def document(self) -> dict[str, Any]:
        return asdict(self)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps(self.document(), indent=2) + "\n", encoding="utf-8")
        unfinished.replace(path)
