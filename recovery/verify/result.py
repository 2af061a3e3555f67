"""What a verification says: a verdict per level, each with its findings, and one verdict over all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

FINDINGS_IN_SUMMARY = 3


class Verdict(StrEnum):
    """`NOT_CHECKED` is not a lesser pass: whoever waits for `PASSED` must not accept it."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"

    @classmethod
    def over(cls, verdicts: Iterable[Verdict]) -> Verdict:
        """One failure fails all; then one gap leaves all unchecked; nothing at all is unchecked too."""
        given = set(verdicts)
        if cls.FAILED in given:
            return cls.FAILED
        return cls.PASSED if given == {cls.PASSED} else cls.NOT_CHECKED


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be. `where` and `what` never hold a key or a value of a customer."""

    where: str
    what: str
    keys: tuple[str, ...] = ()
    """Some of the keys that the strategy's own query names: in the report only, never in a summary, a record or a message."""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"

    def as_json(self) -> dict[str, Any]:
        return {"where": self.where, "what": self.what} | ({"keys": list(self.keys)} if self.keys else {})


@dataclass(frozen=True, slots=True)
class Level:
    """One level of verification. `detail` is one line for a person."""

    name: str
    verdict: Verdict
    detail: str
    findings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, str]:
        return {"level": self.name, "verdict": self.verdict, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome for one store. `counted` is how many rows or items were really read."""

    store: str
    checked_at: datetime
    manifest_key: str | None
    counted: int
    levels: tuple[Level, ...]
    newest: datetime | None = None
    """The newest write that came back, by the columns that date rows; None where none was looked for, or none was found."""
    lost_since: datetime | None = None
    """The newest heartbeat that came back: the measured recovery point. None where none is written."""

    @property
    def verdict(self) -> Verdict:
        return Verdict.over(level.verdict for level in self.levels)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for level in self.levels for finding in level.findings)

    @property
    def summary(self) -> str:
        """One line: the first findings when there are any, otherwise what the levels say; once, where all say the same."""
        if not self.findings and len(said := {level.detail for level in self.levels}) == 1:
            return said.pop()
        if not self.findings:
            return "; ".join(f"{level.name}: {level.detail}" for level in self.levels)
        more = len(self.findings) - FINDINGS_IN_SUMMARY
        shown = "; ".join(map(str, self.findings[:FINDINGS_IN_SUMMARY]))
        return f"{shown}; and {more} more" if more > 0 else shown

    def as_json(self) -> dict[str, Any]:
        """The whole report, for the evidence bucket."""
        return {
            "store": self.store,
            "verdict": self.verdict,
            "summary": self.summary,
            "checked_at": self.checked_at.isoformat(),
            "manifest_key": self.manifest_key,
            "counted": self.counted,
            "newest": self.newest and self.newest.isoformat(),
            "lost_since": self.lost_since.isoformat() if self.lost_since else None,
            "levels": [
                level.as_json() | {"findings": [finding.as_json() for finding in level.findings]} for level in self.levels
            ],
        }


def unchecked(store: str, reason: str, *, checked_at: datetime, manifest_key: str | None) -> Report:
    """A report that nothing could be compared, and why."""
    levels = tuple(Level(name, Verdict.NOT_CHECKED, reason) for name in ("schema", "counts", "content"))
    return Report(store, checked_at, manifest_key, counted=0, levels=levels)
