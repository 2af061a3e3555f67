"""The switch of a region: written by one function, published each minute by another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from strategy.contracts.contract import Contract, Document


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrowRequest(Contract):
    FUNCTION: ClassVar[str] = "throw-switch"

    serving: str
    """One of the two regions."""
    plan_id: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrowAnswer(Contract):
    """The switch's records (`recovery.cutover.switch`); `before` null where it was never written here."""

    FUNCTION: ClassVar[str] = "throw-switch"

    before: Document | None
    now: Document
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishAnswer(Contract):
    FUNCTION: ClassVar[str] = "publish-switch"

    claimed: bool
    serving: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationProperties(Contract):
    """Of the custom resource that guards a region's workload. Truth values are texts, as CloudFormation has them."""

    FUNCTION: ClassVar[str] = "activation-guard"

    Activated: str
    Switch: str
    """The region's parameter."""
    Home: str
    """`true` where traffic is while nobody has ever cut over."""
