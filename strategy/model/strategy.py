"""The shape of a strategy. Every value is frozen and checked on its own; `strategy.model.loader` names the file when one is
wrong.

Durations are written `"90m"`, `"12h"`, `"35d"` (seconds, minutes, hours, days); sizes `"20GB"` (decimal) or plain bytes.
Nothing that decides something important has a default: the file says it. What values must be *to each other* is the guards'
matter (`strategy.checks.guards`), so that every broken promise can be shown at once and with its arithmetic.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from strategy.model.backup_plan import Audit, Drills, Lock, RestoreTesting, Rule, Vault
from strategy.model.durations import Durations
from strategy.model.exemptions import AcceptedBreach, Exclusion
from strategy.model.field_types import (
    Bytes,
    Cidr,
    Count,
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
from strategy.model.stores import Changes, DynamoDbStore, MySqlStore, Objective, Objectives, Scenario, Store, StoreKind

__all__ = [
    "AcceptedBreach",
    "Alerts",
    "Audit",
    "Buckets",
    "Bytes",
    "Changes",
    "Dns",
    "Drills",
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
    "Standby",
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
    """An AWS region, such as `ap-southeast-1`."""
    recovery: Region
    """Another AWS region, which receives the copies."""
    failback: Flag
    """Failback is promised: whatever goes to the recovery region must also be able to return."""

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


class Buckets(Part):
    """Shared-data buckets: versioned, not backed up."""

    old_versions_keep: Retention


class Service(Part):
    """One Elastic Beanstalk service."""

    name: Name
    uses: tuple[Name, ...]
    """Stores it reads or writes: it is restarted when one of them moves, and has a user of its own in each MySQL store."""
    platform: Text
    instance_type: Text
    min_instances: Annotated[Count, Field(ge=1)]
    max_instances: Annotated[Count, Field(ge=1)]
    port: Annotated[Count, Field(ge=1, le=65535)]
    health_check: Annotated[str, Field(pattern=r"^/")]
    """Answers 200 and `{"status": "UP"}` while the service can serve."""
    read_check: Annotated[str, Field(pattern=r"^/")]
    """Answers 200 when it has read a row or an item of each store that the service uses, and names them:
    `{"status": "UP", "components": {"mysql": {"status": "UP"}}}`. A smoke test asks it before traffic is moved.
    """


class Standby(StrEnum):
    """What of the workload runs in a region before it is activated. Everything else costs nothing until then."""

    BACKUP_AND_RESTORE = "backup-and-restore"
    """The written strategy's: the network and one load balancer, which the failover record points at."""
    PILOT_LIGHT = "pilot-light"
    """The ways out and the cache too; data replicas are the stores' own settings."""
    WARM = "warm"
    """All of it, with one instance of each service: recovery is promotion."""


class Dns(Part):
    """The name under which customers reach the services: failover records in a zone of this account."""

    zone: Annotated[str, Field(pattern=r"^[a-z0-9.-]+\.[a-z]+$")]
    """Name of a hosted zone of this account; no other zone of it may have the same name."""
    name: Annotated[str, Field(pattern=r"^[a-z0-9.-]+\.[a-z]+$")]
    """The one name that customers use."""
    certificates: dict[Region, Annotated[str, Field(pattern=r"^arn:aws:acm:")]]
    """ACM certificate of `name` and of what lies under it, by region. Without one the load balancer speaks HTTP only."""

    @model_validator(mode="after")
    def _in_the_zone(self) -> Self:
        if not self.name.endswith(f".{self.zone}"):
            raise ValueError(f"dns.name: found {self.name!r}; it must end in .{self.zone}")
        return self

    def regional(self, region: str) -> str:
        """The name of one region's load balancer, whoever serves."""
        return f"{region}.{self.name}"


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
    """The account's 12 digits."""
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
    drills: Drills
    audit: Audit
    services: tuple[Service, ...]
    standby: Standby
    dns: Dns | None = None
    """Without it, traffic is moved by whoever owns the names; the switch and the fence work all the same."""
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

    def services_of(self, store: str) -> tuple[Service, ...]:
        """The services that use a store."""
        return tuple(each for each in self.services if store in each.uses)

    @property
    def replicates_backups(self) -> bool:
        """Whether this app replicates automated backups: only an instance that it makes itself is its to set."""
        return any(
            isinstance(store, MySqlStore) and store.source == "managed" and store.replicated_backups for store in self.stores
        )

    def store(self, name: str) -> MySqlStore | DynamoDbStore:
        """The store of that name; KeyError names the known ones."""
        for each in self.stores:
            if each.name == name:
                return each
        raise KeyError(f"no store {name!r}; the strategy has {', '.join(each.name for each in self.stores)}")
