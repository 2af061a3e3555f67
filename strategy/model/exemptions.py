"""What is left out of the promises on purpose: each with a reason, somebody who answers for it, and a day on which it ends."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from strategy.model.field_types import Duration, Name, Part, Text
from strategy.model.stores import Scenario


class Exclusion(Part):
    """Something with state that is not backed up, on purpose."""

    name: Name
    types: Annotated[tuple[Annotated[str, Field(pattern=r"^AWS::\w+::\w+$")], ...], Field(min_length=1)]
    """CloudFormation types it covers."""
    paths: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Globs of the construct paths it covers; `*` is every resource of those types."""
    reason: Text
    owner: Text
    review: date
    """The reason holds until this day; then somebody looks again."""
    rpo: Duration | None = None
    """Where the strategy gives one."""
    rto: Duration | None = None
    """Where the strategy gives one."""


class AcceptedBreach(Part):
    """A promise that is knowingly not kept, by whom, why, how far and until when."""

    store: Name
    scenario: Scenario
    objective: Literal["rpo", "rto"]
    up_to: Duration
    """The worst case that is accepted; anything above is refused."""
    reason: Text
    owner: Text
    until: date
    """Last day on which it is accepted."""
