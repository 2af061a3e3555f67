"""What AWS was found to hold, as plain values. Whether it is good enough is `judgement`'s matter.

An answer that was refused stands in the place of a value as `NotChecked`; what is not there at all, as `Missing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from recovery.aws import NotChecked


@dataclass(frozen=True, slots=True)
class Missing:
    """There is nothing to restore from: why, and what was looked at in vain."""

    why: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """Any second from `earliest` to `latest` can be restored."""

    earliest: datetime
    latest: datetime
    keeps: timedelta
    """How far back the store is set to reach."""
    since: datetime | None
    """When the store was made: its window cannot reach further back."""


@dataclass(frozen=True, slots=True)
class Point:
    """The newest usable recovery point of a vault, and what it takes to use and to verify it."""

    arn: str
    created: datetime
    expires: datetime | None
    passed_over: tuple[str, ...]
    """Newer points that cannot be restored, each with its reason."""
    manifest: str | NotChecked | None
    """Key in the evidence bucket; None: there is none near enough."""
    key: NotChecked | None
    """The question whether its key can decrypt, where it was refused."""


@dataclass(frozen=True, slots=True)
class Live:
    """A running copy of the store in this region."""

    state: str
    """AWS's own word."""
    ready: bool


Fact = Window | Point | Live | Missing | NotChecked


@dataclass(frozen=True, slots=True)
class Premise:
    """Something a restore stands on besides the data."""

    what: str
    problem: str | NotChecked | None
    """What would stop a restore tonight; None: nothing."""
    note: str = ""
