"""AWS Backup's restore tests: what was restored is found, and whether every store was tested is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from strategy.contracts.contract import Contract, Document, or_null
from strategy.contracts.dates import Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreUnderTest(Contract):
    """`physical` is the name that it has in AWS, whatever plan restored it; a copy from another region has the same."""

    name: str
    kind: str
    physical: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseUnderTest(StoreUnderTest):
    changes: Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class TableUnderTest(StoreUnderTest):
    written_at: str | None = or_null()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoresUnderTest(Contract):
    """What the answer to a restore test needs to know of a region's stores."""

    region: str
    bucket: str
    plan: str
    """The restore testing plan's name."""
    stores: tuple[DatabaseUnderTest | TableUnderTest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRequest(Contract):
    FUNCTION: ClassVar[str] = "find-restore-test"

    restore_job_id: str
    wanted: StoresUnderTest


@dataclass(frozen=True, slots=True, kw_only=True)
class FindAnswer(Contract):
    """`job` is for the record; of a known store its name and kind are told, and when it is ready how it is verified."""

    FUNCTION: ClassVar[str] = "find-restore-test"

    store: str
    kind: str
    job: Document
    data_of: str | None = None
    verify: Document | None = None
    """Part of the request of the verifying function."""
    state: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRequest(Contract):
    FUNCTION: ClassVar[str] = "watch-restore-tests"

    wanted: StoresUnderTest
    since: str
    """When the tests were due: ISO, with its zone."""
    last: bool
    """Nothing is waited for any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchAnswer(Contract):
    FUNCTION: ClassVar[str] = "watch-restore-tests"

    settled: bool
    waiting_for: str
    answered: tuple[str, ...]
    problems: tuple[str, ...]
