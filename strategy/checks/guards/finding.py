"""What a guard found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    """Stops synthesis."""
    WARNING = "warning"
    """Stands in every report."""


@dataclass(frozen=True)
class Finding:
    """One broken (or knowingly bent) promise."""

    severity: Severity
    guard: str
    """Name of the guard, for machines."""
    key: str
    """Where in the file: `rules[weekly-backup-rule].schedule`."""
    message: str
    """What is wrong, the arithmetic, what to do."""

    def __str__(self) -> str:
        return f"{self.severity}: {self.key}: {self.message}"


def error(guard: str, key: str, message: str) -> Finding:
    return Finding(Severity.ERROR, guard, key, message)


def warning(guard: str, key: str, message: str) -> Finding:
    return Finding(Severity.WARNING, guard, key, message)
