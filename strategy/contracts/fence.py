"""The fence of a region: each minute by a schedule, or asked to open by a recovery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from strategy.contracts.contract import Contract

FENCE = "fence-region"


class FenceAction(StrEnum):
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest(Contract):
    """Opens the region, so that its services can be tested before the cutover."""

    FUNCTION: ClassVar[str] = FENCE

    action: FenceAction
    plan_id: str


def fence_request(event: Mapping[str, Any]) -> OpenRequest | None:
    """None: the schedule's event, which says nothing."""
    return OpenRequest.from_json(event) if "action" in event else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceRegionAnswer(Contract):
    FUNCTION: ClassVar[str] = FENCE

    action: str
    because: str
    closed: bool
    left: tuple[str, ...]
    """What could not be closed or opened; it is tried again in a minute."""
