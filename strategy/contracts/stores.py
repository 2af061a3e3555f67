"""Custom resources of the stores' stack: endpoint parameters, and the region's settings of AWS Backup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from strategy.contracts.contract import Contract


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointProperties(Contract):
    """Where a store is (`recovery.endpoint`): written where there is no parameter yet."""

    FUNCTION: ClassVar[str] = "endpoint-parameter"

    Name: str
    Value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionSettingsProperties(Contract):
    FUNCTION: ClassVar[str] = "region-settings"

    ManagedResourceTypes: tuple[str, ...]
    """As AWS Backup names them, to opt in and to manage with advanced features."""
    ServiceRoles: tuple[str, ...]
    """Services whose own role must exist."""
