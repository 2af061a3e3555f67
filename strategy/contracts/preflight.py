"""What a region must hold to take over tonight: the list of questions of the daily function, and of a person's command.

Where something is of the other region, its ARN has a `*` in that region's place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from strategy.contracts.contract import Contract

SCHEDULE = "cron(30 6 * * ? *)"
"""After the night's last backup and its copy; before the day's people come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota(Contract):
    """By Service Quotas' names: room for `needed` more."""

    service: str
    code: str
    what: str
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Contract):
    """Parameters that each release of a service writes in a region."""

    service: str
    version: str
    platform: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate(Contract):
    name: str
    arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine(Contract):
    """Of MySQL."""

    version: str
    instance_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeLimit(Contract):
    """How old the newest data may be; where more is accepted, until when, and what holds after."""

    limit_seconds: int
    until: str = ""
    later_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightStore(Contract):
    name: str
    kind: str
    physical: str
    elsewhere: str
    """ARN in the other region."""
    copies: AgeLimit
    replicated: AgeLimit | None = None
    """Of replicated automated backups, where there are any."""
    replica: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightRequest(Contract):
    FUNCTION: ClassVar[str] = "preflight"

    format: int
    environment: str
    prefix: str
    account: str
    region: str
    bootstrap: int
    quotas: tuple[Quota, ...]
    opted_in: tuple[str, ...]
    keys: tuple[str, ...]
    secrets: tuple[str, ...]
    home: bool
    """Whether the secrets themselves are here, and the other region has their replicas."""
    services: tuple[str, ...]
    releases: tuple[Release, ...]
    application: str
    certificates: tuple[Certificate, ...]
    switch: str
    subnet_group: str
    parameter_group: str
    engines: tuple[Engine, ...]
    vault: str
    evidence: str
    buckets: tuple[str, ...]
    workflow: str
    stores: tuple[PreflightStore, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightAnswer(Contract):
    """`red` and `not_checked` are counts; `record` is a key of the evidence bucket."""

    FUNCTION: ClassVar[str] = "preflight"

    ready: bool
    red: int
    not_checked: int
    record: str
