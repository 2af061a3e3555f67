"""What a region still took after the moment that came back in the other one: counted there, by a function in the VPC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from strategy.contracts.contract import Contract

LATE_WRITES = "late-writes"


@dataclass(frozen=True, slots=True, kw_only=True)
class OldStore(Contract):
    """Of MySQL with its address; `since`: the moment that came back, ISO."""

    store: str
    since: str
    resource: str
    host: str = ""
    port: int | str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateWritesRequest(Contract):
    FUNCTION: ClassVar[str] = LATE_WRITES

    plan_id: str
    by: str
    stores: tuple[OldStore, ...]
