"""The chain of evidence: started by a schedule, which says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from strategy.contracts.contract import Contract


@dataclass(frozen=True, slots=True, kw_only=True)
class SealAnswer(Contract):
    """Keys of the links that it wrote."""

    FUNCTION: ClassVar[str] = "seal-evidence"

    sealed: tuple[str, ...]
