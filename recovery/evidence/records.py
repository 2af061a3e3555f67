"""Records of evidence as they lie in a bucket, whoever wrote them, in one shape: which, when, and how it ended.

Every kind of record says how it ended in words of its own; here they become three: passed, failed, not checked. What says nothing
that is known is not checked, never passed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_AT_ONCE = 16
_MOMENTS = ("at", "finished", "ended", "checked_at", "now")
"""Where a record says its own moment, by kind."""


class State(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


_STATES = {
    "passed": State.PASSED,
    "recovered": State.PASSED,
    "failed": State.FAILED,
    "verification-failed": State.FAILED,
    "not-checked": State.NOT_CHECKED,
    "not_checked": State.NOT_CHECKED,
}


@dataclass(frozen=True, slots=True)
class Seal:
    """A link that seals a record: number `number` of the chain of `region`."""

    region: str
    number: int

    def __str__(self) -> str:
        return f"{self.region} #{self.number}"


@dataclass(frozen=True, slots=True)
class Record:
    key: str
    at: datetime
    """By the record's own word; S3's where it has none."""
    state: State
    body: Mapping[str, Any] = field(repr=False)
    seals: tuple[Seal, ...] = ()

    @property
    def folder(self) -> str:
        return self.key.partition("/")[0]

    @property
    def seal(self) -> str:
        """For people: the links, or that there is none."""
        return ", ".join(map(str, self.seals)) or "not sealed"

    @property
    def why(self) -> str:
        """Why it did not pass, in the record's own words."""
        return str(self.body.get("problem") or self.body.get("summary") or "") or "; ".join(self._red())

    def _red(self) -> Iterator[str]:
        """Of a pre-flight: its red lines."""
        lines = self.body.get("lines")
        for each in lines if isinstance(lines, list) else ():
            if isinstance(each, dict) and each.get("state") == "red":
                yield f"{each.get('check')}: {each.get('what')}: {each.get('seen')}"

    def text(self, name: str) -> str:
        found = self.body.get(name)
        return found if isinstance(found, str) else ""


def parse(key: str, body: bytes, taken: datetime) -> Record | None:
    """None for what is no record, such as a table or a key. One that cannot be read is a record that was not checked."""
    if not key.endswith(".json"):
        return None
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return Record(key, taken.astimezone(UTC), State.NOT_CHECKED, {"problem": "it cannot be read as a record"})
    return Record(key, _moment_or_taken(found, taken), _state(found), found)


def read(s3: S3Client, bucket: str, folders: Iterable[str]) -> list[Record]:
    """The newest version of every record of those folders, by key. Raises what boto3 raises."""
    pages = (
        page
        for folder in folders
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{folder.rstrip('/')}/")
    )
    listed = [(each["Key"], each["LastModified"]) for page in pages for each in page.get("Contents", [])]

    def one(found: tuple[str, datetime]) -> Record | None:
        return parse(found[0], s3.get_object(Bucket=bucket, Key=found[0])["Body"].read(), found[1])

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return sorted(filter(None, threads.map(one, listed)), key=lambda each: each.key)


def together(*regions: Iterable[Record]) -> list[Record]:
    """Of several buckets, each record once, by moment: a replica is the same record, sealed by another chain."""
    found: dict[str, Record] = {}
    for each in (record for records in regions for record in records):
        known = found.get(each.key)
        seals = (*known.seals, *(seal for seal in each.seals if seal not in known.seals)) if known else each.seals
        found[each.key] = replace(known or each, seals=seals)
    return sorted(found.values(), key=lambda each: (each.at, each.key))


def mentioned(body: Any) -> Iterator[str]:
    """Every text in a record: among them the keys of the records that it rests on."""
    match body:
        case str():
            yield body
        case Mapping():
            for value in body.values():
                yield from mentioned(value)
        case list() | tuple():
            for value in body:
                yield from mentioned(value)


def _moment_or_taken(body: Mapping[str, Any], taken: datetime) -> datetime:
    for name in _MOMENTS:
        try:
            found = datetime.fromisoformat(body[name])
        except (KeyError, TypeError, ValueError):
            continue
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    return taken.astimezone(UTC)


def _state(body: Mapping[str, Any]) -> State:
    if isinstance(body.get("ready"), bool):  # a pre-flight
        return State.PASSED if body["ready"] else State.FAILED if body.get("red") else State.NOT_CHECKED
    word = body.get("outcome", body.get("verdict"))
    return _STATES.get(word, State.NOT_CHECKED) if isinstance(word, str) else State.NOT_CHECKED
