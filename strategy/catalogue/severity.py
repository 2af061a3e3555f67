"""How soon somebody must look. Safe to import in a Lambda function."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    PAGE = "page now"
    LOOK = "look today"
    NOTE = "note"

    @property
    def begins(self) -> str:
        """What an alarm's description, and the subject of a message, begins with."""
        return f"{self.upper()}: "
