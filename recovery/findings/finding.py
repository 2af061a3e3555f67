"""Records → findings: which are open, whose they are, until when. Asks nobody."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from recovery.evidence.records import Record, State, mentioned
from strategy.catalogue import names as naming

FORMAT = 1
ID = r"f[0-9a-f]{8}"
_NO_FINDING = frozenset({naming.PREFLIGHTS, naming.FINDINGS})
"""A red pre-flight is a state of one day, and the next one's; what people wrote about a finding is none."""
FOLDERS = tuple(each for each in naming.SEALED if each != naming.PREFLIGHTS)
"""Where findings and what people wrote about them lie: a pre-flight a day, for years, need not be read for them."""
CHANGE = re.compile(r"https://\S+|[0-9a-f]{7,40}")
"""What fixes a finding: the address of a change, or a commit."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`record` is what failed; owner and due are the last that were given, `change` is what fixed it."""

    id: str
    record: Record
    owner: str = ""
    due: date | None = None
    change: str = ""
    closed: datetime | None = None

    @property
    def open(self) -> bool:
        return self.closed is None

    def overdue(self, today: date) -> bool:
        """Nobody's finding is overdue at once: somebody has to take it."""
        return self.open and (self.due is None or today > self.due)

    @property
    def what(self) -> str:
        """One line: what failed, and the record's own word on why."""
        names = [self.record.text(name) for name in ("route", "store", "duty")]
        return f"{self.record.folder}: {' '.join(filter(None, names)) or self.record.key}: {self.record.why or 'it failed'}"

    def as_json(self, today: date) -> dict[str, Any]:
        return {
            "id": self.id,
            "what": self.what,
            "record": self.record.key,
            "at": self.record.at.isoformat(),
            "owner": self.owner,
            "due": self.due.isoformat() if self.due else None,
            "open": self.open,
            "overdue": self.overdue(today),
            "change": self.change,
            "closed": self.closed.isoformat() if self.closed else None,
        }


def identity(key: str) -> str:
    """Of the record that failed: short enough to be typed."""
    return f"f{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def findings(records: Iterable[Record]) -> list[Finding]:
    """Oldest first. A failure that another failed record rests on is that one's: a drill and its verification are one finding."""
    every = list(records)
    failed = [each for each in every if each.state is State.FAILED and each.folder not in _NO_FINDING]
    texts = {each.key: set(mentioned(each.body)) for each in failed}
    inner = {each.key for each in failed if any(each.key in found for key, found in texts.items() if key != each.key)}
    acts = sorted((each for each in every if each.folder == naming.FINDINGS), key=lambda each: (each.at, each.key))
    opened = {identity(each.key): Finding(identity(each.key), each) for each in failed if each.key not in inner}
    for act in acts:
        known = opened.get(act.text("finding"))
        if known is not None:
            opened[known.id] = _after(known, act)
    return sorted(opened.values(), key=lambda each: (each.record.at, each.id))


def _after(finding: Finding, act: Record) -> Finding:
    match act.text("kind"):
        case "finding-owned":
            return Finding(finding.id, finding.record, act.text("owner"), _day(act.text("due")), finding.change, finding.closed)
        case "finding-closed" if CHANGE.fullmatch(act.text("change")):
            return Finding(finding.id, finding.record, finding.owner, finding.due, act.text("change"), act.at)
    return finding


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
