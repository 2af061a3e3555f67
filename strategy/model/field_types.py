"""The small values a strategy is made of: durations, sizes, regions, windows. Each refuses what it cannot be."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import IPv4Network
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict

from strategy.formatting import duration_text as duration_text  # noqa: PLC0414  most of its readers find it here
from strategy.model.cron import parse
from strategy.model.windows import DailyWindow, WeeklyWindow

_DURATION = re.compile(r"^(\d+)([smhd])$")
_DURATION_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SIZE = re.compile(r"^(\d+(?:\.\d+)?) ?(MB|GB|TB)$")
_SIZE_UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12}


def parse_duration(value: Any) -> Any:
    """`"12h"` → timedelta. A timedelta passes, so that code can build a strategy too."""
    match = _DURATION.match(value) if isinstance(value, str) else None
    if match:
        return timedelta(**{_DURATION_UNITS[match[2]]: int(match[1])})
    if isinstance(value, timedelta):
        return value
    raise ValueError("a duration is a whole number and a unit: '30s', '90m', '12h' or '35d'")


def parse_size(value: Any) -> Any:
    """`"20GB"` → bytes (decimal units, as AWS bills storage in GB)."""
    match = _SIZE.match(value) if isinstance(value, str) else None
    if match:
        return int(float(match[1]) * _SIZE_UNITS[match[2]])
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("a size is a number and a unit: '500MB', '20GB' or '1TB'")


def size_text(value: int) -> str:
    """A size in decimal GB, as AWS bills it."""
    return f"{value / 10**9:g} GB"


def _whole_days(value: timedelta) -> timedelta:
    if value % timedelta(days=1) or value < timedelta(days=1):
        raise ValueError("a retention is a whole number of days, at least '1d'")
    return value


def _cron(value: str) -> str:
    parse(value)
    return value


def _network(value: str) -> str:
    try:
        length = IPv4Network(value).prefixlen
    except ValueError as error:
        raise ValueError("allowed: a range such as 10.10.0.0/16, with no bit set past its length") from error
    if not 16 <= length <= 28:
        raise ValueError("a VPC's range is between /16 and /28")
    return value


def _daily(value: str) -> str:
    DailyWindow.parse(value)
    return value


def _weekly(value: str) -> str:
    WeeklyWindow.parse(value)
    return value


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Retention = Annotated[timedelta, BeforeValidator(parse_duration), AfterValidator(_whole_days)]
Bytes = Annotated[int, BeforeValidator(parse_size), Field(ge=0)]
Flag = Annotated[bool, Strict()]
Count = Annotated[int, Strict()]
Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
Prefix = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,28}[a-z0-9]$")]
CronExpression = Annotated[str, AfterValidator(_cron)]
Cidr = Annotated[str, AfterValidator(_network)]
DailyWindowText = Annotated[str, AfterValidator(_daily)]
WeeklyWindowText = Annotated[str, AfterValidator(_weekly)]


class Part(BaseModel):
    """Base of every part of a strategy: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
