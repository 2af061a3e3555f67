"""The shape of a strategy. Every value is frozen and checked on its own; `strategy.load` names the file when one is wrong.

Durations are written `"90m"`, `"12h"`, `"35d"` (seconds, minutes, hours, days); sizes `"20GB"` (decimal) or plain bytes.
Nothing that decides something important has a default: the file says it. What values must be *to each other* is the guards'
matter (`strategy.guards`), so that every broken promise can be shown at once and with its arithmetic.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from strategy.durations import Durations
from strategy.stores import DynamoDbStore, MySqlStore, Objective, Objectives, Scenario, Store, StoreKind
from strategy.values import (
    Bytes,
    Cidr,
    Count,
    CronExpression,
    Duration,
    Flag,
    Name,
    Part,
    Prefix,
    Region,
    Retention,
    Text,
    parse_duration,
    parse_size,
)

__all__ = [
    "AcceptedBreach",
    "Alerts",
    "Buckets",
    "Bytes",
    "Duration",
    "Durations",
    "DynamoDbStore",
    "Exclusion",
    "Lock",
    "MySqlStore",
    "Network",
    "Objective",
    "Objectives",
    "Part",
    "Prefix",
    "Region",
    "Regions",
    "RestoreTesting",
    "Retention",
    "Rule",
    "Scenario",
    "Service",
    "Store",
    "StoreKind",
    "Strategy",
    "Vault",
    "parse_duration",
    "parse_size",
]


class Regions(Part):
    """The two regions. Swapping them is what makes failback the same act as failover."""

    primary: Region
    recovery: Region
    failback: Flag
    """Coming back is promised: whatever goes to the recovery region must also be able to come home."""

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.primary == self.recovery:
            raise ValueError(f"primary and recovery are both {self.primary!r}; a copy must leave the region it protects")
        return self

    def other(self, region: str) -> str:
        return self.recovery if region == self.primary else self.primary


class Network(Part):
    """The network of one region."""

    cidr: Cidr
    zones: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d[a-z]$")], ...], Field(min_length=2)]
    """Availability zones by name: synthesis asks nobody."""


class Rule(Part):
    """One AWS Backup rule. Every rule copies: only the winning rule's copy action runs when rules overlap."""

    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9\-_.]{1,50}$")]
    schedule: CronExpression
    """AWS cron in UTC, six fields: `cron(0 2,14 * * ? *)`."""
    keep: Retention
    start_window: Duration
    """How long AWS may put off the start; past it the job expires."""
    completion_window: Duration
    """How long after its scheduled time a job may still run."""
    copy_keep: Retention
    """How long the copy in the other region is kept; every rule copies, since only the winner's copy runs when rules overlap."""
    cold_after: Retention | None = None
    """When recovery points move to cold storage; absent: never."""


class Lock(Part):
    """Vault lock. Governance can be lifted by who may; compliance by nobody, ever, once its grace is over."""

    mode: Literal["off", "governance", "compliance"]
    min_keep: Retention | None = None
    """Jobs that keep less than this fail."""
    max_keep: Retention | None = None
    """Jobs that keep more than this fail."""
    grace: Retention | None = None
    """Days in which a compliance lock can still be taken back; at least 3."""
    irreversible: Flag
    """The second switch of a compliance lock; the first is `production`."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.mode == "off") == (self.min_keep is not None) or (self.min_keep is None) != (self.max_keep is None):
            raise ValueError(
                "min_keep and max_keep are both given with mode 'governance' or 'compliance', and neither with 'off'"
            )
        if (self.mode == "compliance") != (self.grace is not None):
            raise ValueError("grace is given with mode 'compliance', and only then")
        return self


class Vault(Part):
    """How the vaults are protected."""

    key: Literal["aws-managed", "customer-managed"]
    """Key of a region's own backups. Copies are always under a customer-managed key: RDS copies allow no other."""
    break_glass: Annotated[str, Field(pattern=r"^arn:aws:iam::\d{12}:role/[\w+=,.@/-]+$")]
    """The one role that may delete recovery points and change the vault's policy."""
    lock: Lock


class RestoreTesting(Part):
    """The scheduled restore tests, in each region."""

    schedule: CronExpression
    start_window: Duration
    selection_window: Retention
    """How old a recovery point may be to be tested."""
    validation_window: Duration
    """How long a restored store is kept for its verification."""


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


class Buckets(Part):
    """Shared-data buckets: versioned, not backed up."""

    old_versions_keep: Retention


class Service(Part):
    """One Elastic Beanstalk service."""

    name: Name
    platform: Text
    instance_type: Text
    min_instances: Annotated[Count, Field(ge=1)]
    max_instances: Annotated[Count, Field(ge=1)]
    port: Annotated[Count, Field(ge=1, le=65535)]
    health_check: Annotated[str, Field(pattern=r"^/")]


class Alerts(Part):
    """Who is told, and when."""

    email: tuple[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")], ...]
    late_after: Duration
    """A backup this late is reported."""
    storage_above_percent: Annotated[Count, Field(ge=1, le=100)]
    """A vault fuller than this share of what is expected is reported."""


class Strategy(Part):
    """The whole strategy of one environment."""

    environment: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,15}$")]
    account: Annotated[str, Field(pattern=r"^\d{12}$")]
    prefix: Prefix
    production: Flag
    """Real customers' data: the first switch of what cannot be undone, and somebody must be told of failures."""
    tags: dict[str, str]
    regions: Regions
    networks: dict[Region, Network]
    """One for each region, by its name."""
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    vault: Vault
    stores: Annotated[tuple[Store, ...], Field(min_length=1)]
    buckets: Buckets
    restore_testing: RestoreTesting
    services: tuple[Service, ...]
    exclusions: tuple[Exclusion, ...]
    accepted_breaches: tuple[AcceptedBreach, ...] = ()
    alerts: Alerts
    durations: Durations

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        for key in ("rules", "stores", "services", "exclusions"):
            names = Counter(each.name for each in getattr(self, key))
            twice = [name for name, count in names.items() if count > 1]
            if twice:
                raise ValueError(f"{key}: the name {twice[0]!r} is used twice; each needs its own")
        return self

    @model_validator(mode="after")
    def _breaches_name_stores(self) -> Self:
        known = [store.name for store in self.stores]
        for breach in self.accepted_breaches:
            if breach.store not in known:
                raise ValueError(f"accepted_breaches: found store {breach.store!r}; allowed: {', '.join(known)}")
        return self

    def store(self, name: str) -> MySqlStore | DynamoDbStore:
        """The store of that name; KeyError names the known ones."""
        for each in self.stores:
            if each.name == name:
                return each
        raise KeyError(f"no store {name!r}; the strategy has {', '.join(each.name for each in self.stores)}")
