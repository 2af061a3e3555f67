"""The heartbeat of each store, each minute: by one function that asks AWS, and for MySQL by one that stands where it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from strategy.contracts.contract import Contract

ROW = "heartbeat-mysql"
"""Purpose of the function that writes the row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatStore(Contract):
    name: str
    kind: str
    existing: str = ""
    """Where a store of somebody else's code stands in the primary region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatsRequest(Contract):
    FUNCTION: ClassVar[str] = "write-heartbeats"

    prefix: str
    region: str
    stores: tuple[HeartbeatStore, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatRowRequest(Contract):
    FUNCTION: ClassVar[str] = ROW

    host: str
    port: int | str
    """A text where CloudFormation filled it in."""
    moment: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing(Contract):
    """There is nothing to answer."""
