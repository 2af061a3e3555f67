"""One call, as the rules see it: the action it is judged by, its members, and where it happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aws_rehearsal.iam.lookup import Lookup

PARTITION = "aws"


@dataclass(frozen=True)
class Call:
    """`prefix` and `action` are what policies name (`dynamodb`, `PutItem`); `operation` is the API's (`TransactWriteItems`)."""

    prefix: str
    action: str
    operation: str
    parameters: Mapping[str, Any]
    region: str
    account: str
    lookup: Lookup
    source: str = ""

    def acting(self, action: str, parameters: Mapping[str, Any] | None = None, *, source: str = "") -> Call:
        """The same call judged by another action of its service, and by its members or others."""
        return replace(self, action=action, parameters=self.parameters if parameters is None else parameters, source=source)

    def get(self, path: str) -> Any:
        """A member by its path (`ReplicationConfiguration.Role`); None where it is absent or not one value."""
        found = self.all(path)
        return found[0] if found else None

    def all(self, path: str) -> list[Any]:
        """Every value at a path; lists on the way, and at its end, are gone through."""
        if "." not in path:
            value = self.parameters.get(path)
            if value is None or value == "":
                return []
            if not isinstance(value, list):
                return [value]
        return list(_walk(self.parameters, path.split(".")))

    def text(self, path: str) -> str:
        value = self.get(path)
        return "" if value is None else text(value)

    def arn(self, resource: str, *, prefix: str = "", region: str | None = None, account: str | None = None) -> str:
        """An ARN of this call's account and region, or of others."""
        where = self.region if region is None else region
        return f"arn:{PARTITION}:{prefix or self.prefix}:{where}:{self.account if account is None else account}:{resource}"


def text(value: Any) -> str:
    """A value as condition keys have it: booleans in lower case, times in ISO 8601."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)


def texts(values: Any) -> tuple[str, ...]:
    return tuple(text(value) for value in (values if isinstance(values, list | tuple | set) else [values]) if value is not None)


def _walk(value: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _walk(each, path)
    elif not path:
        if value is not None and value != "":
            yield value
    elif isinstance(value, Mapping):
        yield from _walk(value.get(path[0]), path[1:])


def region_of(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[3] if len(parts) > 3 else ""


def account_of(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) > 4 else ""


def last_of(arn: str) -> str:
    """`table/name` → `name`; `key/id` → `id`; what is no ARN stays."""
    return arn.rsplit(":", 1)[-1].rsplit("/", 1)[-1] if arn.startswith("arn:") else arn
