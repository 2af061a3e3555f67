"""The shape of a strategy. Every value is frozen and checked on its own; `strategy.load` names the file when one is wrong.

Durations are written `"90m"`, `"12h"`, `"35d"` (minutes, hours, days); sizes `"20GB"` (decimal) or plain bytes. Nothing
that decides something important has a default: the file says it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_DURATION = re.compile(r"^(\d+)([mhd])$")
_DURATION_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_SIZE = re.compile(r"^(\d+(?:\.\d+)?) ?(MB|GB|TB)$")
_SIZE_UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12}


def parse_duration(value: Any) -> Any:
    """`"12h"` → timedelta; anything else is left to pydantic's message."""
    match = _DURATION.match(value) if isinstance(value, str) else None
    if match:
        return timedelta(**{_DURATION_UNITS[match[2]]: int(match[1])})
    if isinstance(value, timedelta):
        return value
    raise ValueError("a duration is a whole number and a unit: '90m', '12h' or '35d'")


def parse_size(value: Any) -> Any:
    """`"20GB"` → bytes (decimal units, as AWS bills storage in GB)."""
    match = _SIZE.match(value) if isinstance(value, str) else None
    if match:
        return int(float(match[1]) * _SIZE_UNITS[match[2]])
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("a size is a number and a unit: '500MB', '20GB' or '1TB'")


def _whole_days(value: timedelta) -> timedelta:
    if value % timedelta(days=1) or value < timedelta(days=1):
        raise ValueError("a retention is a whole number of days, at least '1d'")
    return value


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Retention = Annotated[timedelta, BeforeValidator(parse_duration), AfterValidator(_whole_days)]
Bytes = Annotated[int, BeforeValidator(parse_size), Field(ge=0)]
Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
Prefix = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,28}[a-z0-9]$")]


class Part(BaseModel):
    """Base of every part of a strategy: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Regions(Part):
    """The two regions. Swapping them is what makes failback the same act as failover."""

    primary: Region
    recovery: Region

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.primary == self.recovery:
            raise ValueError(f"primary and recovery are both {self.primary!r}; a copy must leave the region it protects")
        return self

    def other(self, region: str) -> str:
        return self.recovery if region == self.primary else self.primary


class Rule(Part):
    """One AWS Backup rule. Every rule copies: only the winning rule's copy action runs when rules overlap."""

    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9\-_.]{1,50}$")]
    schedule: str
    """AWS cron in UTC, six fields: `cron(0 2,14 * * ? *)`."""
    keep: Retention
    start_window: Duration
    completion_window: Duration
    copy_keep: Retention
    """How long the copy in the other region is kept."""


class StoreKind(StrEnum):
    MYSQL = "mysql"
    DYNAMODB = "dynamodb"


class MySqlStore(Part):
    """An RDS MySQL instance and the databases on it."""

    kind: Literal[StoreKind.MYSQL]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    """Short name in this strategy; the physical name is `{prefix}-{name}`."""
    source: Literal["managed", "existing"]
    databases: Annotated[tuple[str, ...], Field(min_length=1)]
    engine_version: str
    instance_class: str
    multi_az: bool
    point_in_time: Retention
    """Native point-in-time recovery window (RDS automated backups)."""
    size: Bytes
    allocated_storage_gb: Annotated[int, Field(ge=20)]


class DynamoDbStore(Part):
    """A DynamoDB table."""

    kind: Literal[StoreKind.DYNAMODB]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    source: Literal["managed", "existing"]
    point_in_time: Retention
    size: Bytes


Store = Annotated[MySqlStore | DynamoDbStore, Field(discriminator="kind")]


class Alerts(Part):
    """Who is told."""

    email: tuple[str, ...]


class Strategy(Part):
    """The whole strategy of one environment."""

    environment: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,15}$")]
    account: Annotated[str, Field(pattern=r"^\d{12}$")]
    prefix: Prefix
    tags: dict[str, str]
    regions: Regions
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    stores: Annotated[tuple[Store, ...], Field(min_length=1)]
    alerts: Alerts
