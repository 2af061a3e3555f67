"""What was proved, done and paid, as the newest records in the region's evidence bucket say, and what is overdue.

What never took place counts once it had its time since the region was set up: a quarter's drill is not overdue on the first day.
Both regions hold both regions' records; each judges its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from recovery.calendar.due_dates import standings
from recovery.drills.proof import Proof, due, proofs
from recovery.evidence import bucket as evidence
from recovery.evidence.records import Record, State, parse
from recovery.monitor.snapshot import Look, Number
from strategy.catalogue import metrics, names
from strategy.catalogue.calendar import DUTIES, STORAGE_AND_COST
from strategy.contracts.drills import ProofsRequest
from strategy.model.cron import runs

NEWEST = 8
"""Records of a folder that are read: of both regions, and prepared and signed ones."""
PREFLIGHT_TAKES = timedelta(hours=2)
FIRST_PREFLIGHT = timedelta(days=1)
"""After a region was set up, until a red pre-flight is news: the other region is deployed later, and its first copies come."""
_DAY = timedelta(days=1)


def proved(look: Look) -> Iterator[Number]:
    """`RoutesUnproved`, `IntegrityUnproved`, and `RtoPercent` of what was measured."""
    asked, of = look.wanted, look.wanted.proofs
    promised = ProofsRequest(
        environment=asked.environment,
        prefix=asked.prefix,
        region=asked.region,
        evidence=asked.evidence,
        drills=of.drills,
        integrity=of.integrity,
        routes=of.routes,
        stores=of.stores,
    )
    found = proofs(promised, look.client("s3"), now=look.now)
    routes = _unproved(look, promised.drills, (each for each in found if each.route))
    yield look.number(metrics.ROUTES_UNPROVED, len(routes), "; ".join(routes))
    if look.wanted.primary:
        stores = _unproved(look, promised.integrity, (each for each in found if not each.route))
        yield look.number(metrics.INTEGRITY_UNPROVED, len(stores), "; ".join(stores))
    shares = {
        f"{each.what}: {each.rto_seconds:.0f} s": 100 * each.rto_seconds / look.wanted.rto_seconds[f"{each.route} {each.store}"]
        for each in found
        if each.route and each.rto_seconds is not None
    }
    longest = max(shares, key=lambda each: shares[each], default="")
    yield look.number(metrics.RTO_PERCENT, shares.get(longest, 0), longest if shares.get(longest, 0) > 100 else "")


def _unproved(look: Look, schedule: str, found: Iterable[Proof]) -> list[str]:
    """A drill that failed is told at once; one that never was, from when it should have been."""
    awaited = due(schedule, look.now) <= look.since
    return [f"{each.what}: {each.because}" for each in found if not each.proved and not (awaited and each.key is None)]


def tests(look: Look) -> Iterator[Number]:
    """`RestoreTestsFailed`: the newest answer of each store."""
    failed = []
    for store in look.wanted.stores:
        records = _newest(look, f"{names.RESTORE_TESTS}/{store.name}/")
        mine = [each for each in records if each.text("region") == look.wanted.region]
        if mine and mine[0].state is not State.PASSED:
            failed.append(f"{store.name}: {mine[0].why or mine[0].state}")
    yield look.number(metrics.TESTS_FAILED, len(failed), "; ".join(failed))


def duties(look: Look) -> Iterator[Number]:
    """`DutiesOverdue`, as the calendar counts them."""
    folders = sorted({folder for each in DUTIES for folder in each.folders})
    records = [record for folder in folders for sub in _folders(look, f"{folder}/") for record in _newest(look, sub)]
    found = [
        each.duty.title
        for each in standings(records, look.now)
        if each.overdue and (each.last or look.now > look.since + each.duty.limit)
    ]
    yield look.number(metrics.DUTIES_OVERDUE, len(found), ", ".join(found))


def bill(look: Look) -> Iterator[Number]:
    """`BillPercent` of the last review; none, where no bill was ever read here."""
    for each in _newest(look, f"{names.DUTIES}/{STORAGE_AND_COST}/"):
        billed = each.body.get("billed")
        if each.text("region") == look.wanted.region and isinstance(billed, dict):
            percent = 100 * float(billed["usd"]) / look.wanted.computed_usd
            yield look.number(metrics.BILL_PERCENT, percent, f"{billed['usd']} USD in {billed['month']}" if percent > 100 else "")
            return
    yield look.number(metrics.BILL_PERCENT, 0)


def preflight(look: Look) -> Iterator[Number]:
    """`PreflightRed` and `PreflightOverdue`, of the newest one."""
    listed = _newest(look, f"{names.PREFLIGHTS}/", after=look.now - 3 * _DAY)
    newest = next((each for each in listed if each.text("region") == look.wanted.region), None)
    red = int(newest.body.get("red", 0)) if newest and newest.at > look.since + FIRST_PREFLIGHT else 0
    yield look.number(metrics.PREFLIGHT_RED, red, newest.why if newest and red else "")
    latest = look.now - PREFLIGHT_TAKES
    scheduled = max(runs(look.wanted.preflight, latest - 2 * _DAY, latest), default=look.since)
    missed = scheduled > look.since and (newest is None or newest.at < scheduled)
    yield look.number(metrics.PREFLIGHT_OVERDUE, int(missed), f"none since {scheduled.isoformat()}" if missed else "")


def _folders(look: Look, prefix: str) -> list[str]:
    """The folders below, or itself where records lie in it."""
    pages = look.client("s3").get_paginator("list_objects_v2").paginate(Bucket=look.wanted.evidence, Prefix=prefix, Delimiter="/")
    return sorted({each["Prefix"] for page in pages for each in page.get("CommonPrefixes", [])} | {prefix})


def _newest(look: Look, prefix: str, after: datetime | None = None) -> list[Record]:
    """The newest records directly in that folder, newest first: their names begin with their moment."""
    s3, bucket = look.client("s3"), look.wanted.evidence
    asked: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix, "Delimiter": "/"}
    if after is not None:
        asked["StartAfter"] = evidence.preflight_key(after)
    pages = s3.get_paginator("list_objects_v2").paginate(**asked)
    listed = {each["Key"]: each["LastModified"] for page in pages for each in page.get("Contents", [])}
    found = [
        parse(key, s3.get_object(Bucket=bucket, Key=key)["Body"].read(), listed[key])
        for key in sorted(listed, reverse=True)[:NEWEST]
    ]
    return [each for each in found if each is not None]
