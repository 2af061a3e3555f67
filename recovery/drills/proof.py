"""Which routes a drill has proved, and which stores' data was checked, as the records in the evidence bucket say.

Proved until the next scheduled drill is over: a drill that passed since the last scheduled one was due, and none since that did
not pass. Anything else is *unproved*, with its reason: an absent record is never taken for a good one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from recovery.drills.record import PASSED
from recovery.moments import moment_of, moment_text
from strategy.catalogue import names
from strategy.contracts.drills import ProofsRequest
from strategy.model.cron import runs

GRACE = timedelta(days=2)
"""How long after its scheduled moment a drill may be without a verdict: its workflow's own limit."""
_BACK = timedelta(days=400)
_MOST = 60
"""Records of one folder that are read, newest first: some of each store, region and quarter."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Of one route of one store in one region; `route` is None for the check of a store's data."""

    store: str
    route: str | None
    proved: bool
    because: str
    """What is missing; empty where it is proved."""
    passed: datetime | None
    """When the newest one that passed ended."""
    key: str | None
    """Of the newest record, passed or not."""
    rpo_seconds: float | None = None
    rto_seconds: float | None = None
    """As the newest one that passed measured them."""

    @property
    def what(self) -> str:
        return f"{self.route} of {self.store}" if self.route else f"integrity of {self.store}"

    def as_json(self) -> dict[str, Any]:
        passed = moment_text(self.passed) if self.passed else None
        return {**asdict(self), "passed": passed}


def proofs(promised: ProofsRequest, s3: Any, *, now: datetime) -> tuple[Proof, ...]:
    """Of everything that is promised of a region : the routes first, then the stores."""
    found = [_routes(promised, s3, route, store, now) for route, store in promised.routes]
    return (*found, *(_store(promised, s3, store, now) for store in promised.stores))


def due(schedule: str, now: datetime) -> datetime:
    """The last scheduled moment whose drill must have ended by now; long ago where there was none."""
    latest = now - GRACE
    return max(runs(schedule, latest - _BACK, latest), default=latest - _BACK)


def _routes(promised: ProofsRequest, s3: Any, route: str, store: str, now: datetime) -> Proof:
    records = _records(s3, promised, f"{names.DRILLS}/{route}/", store=store)
    return _judged(records, store, route, due(promised.drills, now), "drilled")


def _store(promised: ProofsRequest, s3: Any, store: str, now: datetime) -> Proof:
    records = _records(s3, promised, f"{names.INTEGRITY}/{store}/", store=store)
    return _judged(records, store, None, due(promised.integrity, now), "checked")


def _judged(records: Iterator[tuple[str, dict[str, Any]]], store: str, route: str | None, since: datetime, how: str) -> Proof:
    newest = next(records, None)
    if newest is None:
        return Proof(store, route, proved=False, because=f"it was never {how} here", passed=None, key=None)
    key, record = newest
    good = record if record["outcome"] == PASSED else next((each for _, each in records if each["outcome"] == PASSED), None)
    because, started = "", moment_of(record["started"])
    if record["outcome"] != PASSED:
        because = f"the newest, of {_day(started)}, ended {record['outcome']}: {record['problem']}"
    elif started < since:
        because = f"it was last {how} on {_day(started)}; due since {_day(since)}"
    return Proof(
        store,
        route,
        proved=not because,
        because=because,
        passed=moment_of(good["at"]) if good else None,
        key=key,
        rpo_seconds=good["rpo_seconds"] if good else None,
        rto_seconds=good["rto_seconds"] if good else None,
    )


def _records(s3: Any, promised: ProofsRequest, prefix: str, *, store: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Of this store in this region, newest first; the other region's are replicated to the same folders."""
    for key in _keys(s3, promised.evidence, prefix)[:_MOST]:
        record = json.loads(s3.get_object(Bucket=promised.evidence, Key=key)["Body"].read())
        if (record.get("store"), record.get("region")) == (store, promised.region):
            yield key, record


def _keys(s3: Any, bucket: str, prefix: str) -> list[str]:
    """Newest first; none where there is no bucket yet."""
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return sorted((each["Key"] for page in pages for each in page.get("Contents", [])), reverse=True)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            return []
        raise


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d")
