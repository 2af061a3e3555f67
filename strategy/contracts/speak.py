"""The function that tells the people of an incident. Its events are AWS's own (`recovery.notify.aws_events`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from strategy.contracts.contract import Contract


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakAnswer(Contract):
    """The incident's id; null for what is no news."""

    FUNCTION: ClassVar[str] = "speak"

    told: str | None
