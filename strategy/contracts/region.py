"""The steps of a region's recovery that are its own. `plan` is the region plan's JSON (`recovery.restore.region_plan`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from strategy.catalogue.region_steps import Approval
from strategy.contracts.contract import Contract, Document


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessRequest(Contract):
    FUNCTION: ClassVar[str] = "region-assess"

    plan: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSource(Contract):
    """What a store comes back from first, what that loses, and how many `others` there are."""

    store: str
    source: str
    lost_seconds: int
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessAnswer(Contract):
    FUNCTION: ClassVar[str] = "region-assess"

    last_sign: Mapping[str, str | None]
    """Of each store, the newest manifest that came here."""
    sources: tuple[StoreSource, ...]
    expected_seconds: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest(Contract):
    FUNCTION: ClassVar[str] = "region-approval"

    plan: Document
    what: Approval


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAnswer(Contract):
    FUNCTION: ClassVar[str] = "region-approval"

    done: bool
    waiting_for: str
    by: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRequest(Contract):
    """`since`: when the execution began."""

    FUNCTION: ClassVar[str] = "region-store"

    plan: Document
    store: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAnswer(Contract):
    """`plan`: the one that is used; `passed_over`: sources that proved to be no use, and why."""

    FUNCTION: ClassVar[str] = "region-store"

    done: bool
    recovered: bool
    waiting_for: str
    plan: Document
    source: str
    resource: str
    data_of: str
    lost_seconds: int
    lost: Document
    passed_over: tuple[Document, ...]
    problem: str
    verification: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadRequest(Contract):
    FUNCTION: ClassVar[str] = "region-workload"

    plan: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadAnswer(Contract):
    FUNCTION: ClassVar[str] = "region-workload"

    done: bool
    waiting_for: str
    because: str
    """Why there was nothing to do."""
    services: tuple[str, ...]
    """Those that are installed here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketsRequest(Contract):
    FUNCTION: ClassVar[str] = "region-buckets"

    plan: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenBucket(Contract):
    """`objects`: `1000+` for more; `problem` is empty when it is fine."""

    bucket: str
    versioning: str
    objects: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketsAnswer(Contract):
    FUNCTION: ClassVar[str] = "region-buckets"

    buckets: tuple[SeenBucket, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCheck(Contract):
    """What is asked of one service: two paths below its address, and the stores that the second must have read."""

    health: str
    read: str
    stores: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeTested(Contract):
    """`health` and `read`: passed, or what was found."""

    service: str
    address: str
    health: str
    read: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeRequest(Contract):
    """`services`: those that are installed here."""

    FUNCTION: ClassVar[str] = "region-smoke"

    plan: Document
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeAnswer(Contract):
    FUNCTION: ClassVar[str] = "region-smoke"

    done: bool
    waiting_for: str
    services: tuple[SmokeTested, ...]
    because: str
    """Why there was nothing to test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRequest(Contract):
    """`so_far`: the last answer, or empty."""

    FUNCTION: ClassVar[str] = "region-watch"

    plan: Document
    services: tuple[str, ...]
    so_far: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchAnswer(Contract):
    """What was seen so far: looks by service that found it `up` or `down`, each value of the claim that was published, troubles
    in words with their moments, and from when to when.
    """

    FUNCTION: ClassVar[str] = "region-watch"

    done: bool
    waiting_for: str
    looks: int
    good_in_a_row: int
    up: Mapping[str, int]
    down: Mapping[str, int]
    claims: tuple[int, ...]
    troubles: tuple[str, ...]
    from_: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectRequest(Contract):
    """`used`: the plans of the stores that are used."""

    FUNCTION: ClassVar[str] = "region-protect"

    plan: Document
    used: tuple[Document, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectAnswer(Contract):
    FUNCTION: ClassVar[str] = "region-protect"

    jobs: Mapping[str, str]
    """Of AWS Backup, by store."""
