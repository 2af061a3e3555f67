"""A region's heartbeat: the parameter in which it says, each minute, whether it is closed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Beat:
    """A region's heartbeat: `at`, whether it is `closed` and since when that is so (`changed`), why, and when a recovery last
    opened it on purpose, before the switch is thrown (`opened`).
    """

    at: datetime
    closed: bool
    changed: datetime
    because: str = ""
    opened: datetime | None = None

    @classmethod
    def from_json(cls, text: str) -> Beat:
        found = json.loads(text)
        opened = found.get("opened")
        return cls(
            at=datetime.fromisoformat(found["at"]),
            closed=bool(found["closed"]),
            changed=datetime.fromisoformat(found["changed"]),
            because=str(found.get("because", "")),
            opened=datetime.fromisoformat(opened) if opened else None,
        )

    def to_json(self) -> str:
        return json.dumps(
            {
                "at": self.at.isoformat(),
                "closed": self.closed,
                "changed": self.changed.isoformat(),
                "because": self.because,
                "opened": self.opened and self.opened.isoformat(),
            }
        )
