"""What a statement is: a sentence, and either what keeps and proves it or what will."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Later(StrEnum):
    """Work to come, by its subject."""

    STRATEGY = "The strategy as data, kept or refused at synth"
    ROUTES = "Every restore route, to the point where the application uses it"
    REGION = "The region is gone: recover in another, cut over, and come back"
    VERIFICATION = "Verification that can fail: prove the data, prove the prover"
    MONITORING = "Monitoring that notices silence"
    EVIDENCE = "Evidence, cost, and a front door"


@dataclass(frozen=True)
class Kept:
    """Kept today."""

    by: tuple[str, ...]
    """Files, from the root of the repository."""
    proven: tuple[str, ...]
    """Tests: `tests/unit/test_guards.py::test_refuses`."""


@dataclass(frozen=True)
class NotKeptYet:
    """Named, and nothing more: no file and no test can be claimed for it."""

    by: Later


@dataclass(frozen=True)
class Statement:
    """`text` holds no number of its own: `{stores[mysql].point_in_time}` is filled in from the strategy (`values.fill`)."""

    text: str
    status: Kept | NotKeptYet


@dataclass(frozen=True)
class Chapter:
    title: str
    statements: tuple[Statement, ...]


def kept(text: str, *, by: str, proven: str) -> Statement:
    """`by` and `proven` are lists separated by spaces; a test without its file is in the file of the one before."""
    tests: list[str] = []
    for name in proven.split():
        tests.append(name if "::" in name else f"{tests[-1].partition('::')[0]}::{name}")
    return Statement(text, Kept(tuple(by.split()), tuple(tests)))


def later(work: Later, *texts: str) -> tuple[Statement, ...]:
    return tuple(Statement(text, NotKeptYet(work)) for text in texts)
