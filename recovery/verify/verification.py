"""Verifying a restored store, of either kind: read the manifest, measure, compare, keep the report, answer.

What it is asked is `VerifyRequest`. A store that is too large for one call's time is read in pieces
(`recovery.verify.sliced_verification`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import boto3

from recovery.evidence import bucket
from recovery.verify import replica, sliced_verification
from recovery.verify.compare import compare
from recovery.verify.compare_to_moment import explain
from recovery.verify.content import Content
from recovery.verify.dynamodb import EXPIRING, TIME_TO_LIVE
from recovery.verify.gap import CLOCKS, Dated, Gap
from recovery.verify.heartbeat import freshness
from recovery.verify.manifest import Manifest, ManifestError
from recovery.verify.observer import MeasurementError
from recovery.verify.pieces import Reading, Whole
from recovery.verify.replica import Replica
from recovery.verify.result import Level, Report, unchecked
from recovery.verify.signature import trusted
from recovery.verify.slices import Piece
from strategy.contracts import verify as contracts
from strategy.contracts.verify import MeasuredPiece, Pieces, Verdict, VerifyRequest


@dataclass(frozen=True, slots=True)
class Live:
    """The live store as measured; `dated` are the parts whose rows were told apart by their dates."""

    content: Content
    dated: Mapping[str, Dated] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()
    """What of the schema is put back and checked elsewhere, after this verification."""
    more: tuple[Level, ...] = ()
    """Levels that no manifest is needed for."""


Measure = Callable[[Content, Gap | None], Live]
"""Measures the live store, cut into chunks as the given content is."""


class Store(Protocol):
    """A store of one kind, as the request names it. Whatever cannot be measured raises MeasurementError."""

    kind: str
    unit: str
    """What its manifest counts: rows or items."""

    def measure(self, expected: Content, gap: Gap | None) -> Live:
        """All of it, cut into chunks as the expected content is."""

    def look(self) -> tuple[Replica, tuple[Level, ...]]:
        """A replica; and levels that no manifest is needed for."""

    def cut(self, expected: Content) -> tuple[Piece, ...]:
        """The pieces to read it in; none when it is read in one go."""

    def read(self, piece: Piece, expected: Content, gap: Gap | None) -> Reading:
        """One piece."""

    def put_together(self, whole: Whole, expected: Content, /) -> Live:
        """What all pieces are of."""


def answer(request: VerifyRequest, store: Store) -> Verdict | Pieces | MeasuredPiece:
    """One call of a verifying function. What is not foreseen here leaves as an error: no verdict is stamped by a crash."""
    if request.deal:
        return sliced_verification.dealt(request.store, _cut(request, store))
    if request.piece is not None:
        return _piece(request, request.piece, store)
    return verify(request, store)


def verify(request: VerifyRequest, store: Store) -> Verdict:
    """Compares a live store with its manifest and writes the report."""
    s3 = boto3.client("s3")

    def measure(expected: Content, gap: Gap | None) -> Live:
        if request.measured:
            return store.put_together(sliced_verification.collect(s3, request.bucket, request.store, request.measured), expected)
        return store.measure(expected, gap)

    report = judge_replica(s3, request, store) if request.replica else judge(s3, request, store.kind, measure)
    key = bucket.report_key(report.store, report.checked_at)
    bucket.write_report(s3, request.bucket, key, report.as_json())
    return Verdict(
        store=report.store,
        verdict=str(report.verdict),
        summary=report.summary,
        rows=report.counted if store.unit == "rows" else None,
        items=report.counted if store.unit == "items" else None,
        counted=report.counted,
        newest=report.newest.isoformat() if report.newest else "",
        report_key=key,
        lost_since=report.lost_since.isoformat() if report.lost_since else None,
        levels=tuple(level.as_json() for level in report.levels),
    )


def _cut(request: VerifyRequest, store: Store) -> tuple[Piece, ...]:
    """None, too, where there is nothing to compare with or nothing can be read: the verdict says so."""
    if request.replica or not request.manifest_key:
        return ()
    try:
        return store.cut(_trusted(boto3.client("s3"), request, request.manifest_key, store.kind).content)
    except (ManifestError, MeasurementError):
        return ()


def _piece(request: VerifyRequest, piece: contracts.Piece, store: Store) -> MeasuredPiece:
    s3 = boto3.client("s3")

    def read(slices: Piece) -> Reading:
        try:
            expected = _trusted(s3, request, str(request.manifest_key), store.kind)
        except ManifestError as error:
            raise MeasurementError(str(error)) from error
        return store.read(slices, expected.content, _gap(expected, request))

    return sliced_verification.measure(s3, request.bucket, piece, read)


def _trusted(s3: Any, request: VerifyRequest, key: str, kind: str) -> Manifest:
    return trusted(s3, request.bucket, key, store=request.store, kind=kind)


def judge(s3: Any, request: VerifyRequest, kind: str, measure: Measure) -> Report:
    """The comparison alone; writes nothing."""
    now, store, key, moment = datetime.now(UTC), request.store, request.manifest_key, request.moment
    if not key:
        near = f"at or before {moment.isoformat()}" if moment else "near the recovery point's moment"
        return unchecked(store, f"no manifest {near}", checked_at=now, manifest_key=None)
    try:
        expected = _trusted(s3, request, key, kind)
        gap = _gap(expected, request)
        live = measure(expected.content, gap)
    except (ManifestError, MeasurementError) as error:
        return unchecked(store, str(error), checked_at=now, manifest_key=key)
    was, is_now = (_without(content, live.apart) for content in (expected.content, live.content))
    levels = explain(was, is_now, live.dated, gap) if gap else compare(was, is_now)
    newest = max((each.newest for each in live.dated.values() if each.newest), default=None)
    fresh = freshness(was.heartbeat, is_now.heartbeat, gap)
    return Report(store, now, key, is_now.rows, (*levels, *fresh, *live.more), newest, is_now.heartbeat)


def judge_replica(s3: Any, request: VerifyRequest, live_store: Store) -> Report:
    """A replica that goes on as the store: compared with the schema of the newest manifest and with `not_before`."""
    now, store, key = datetime.now(UTC), request.store, request.manifest_key
    if not key:
        return unchecked(
            store, "no manifest, and so nothing that says which schema it must have", checked_at=now, manifest_key=None
        )
    try:
        expected = _trusted(s3, request, key, live_store.kind)
        live, more = live_store.look()
    except (ManifestError, MeasurementError) as error:
        return unchecked(store, str(error), checked_at=now, manifest_key=key)
    known = _without(expected.content, frozenset({EXPIRING, TIME_TO_LIVE}))
    levels = replica.levels(known, live, not_before=datetime.fromisoformat(request.not_before))
    return Report(store, now, key, live.counted, (*levels, *more), live.newest, live.heartbeat)


def _without(content: Content, apart: frozenset[str]) -> Content:
    return replace(content, schema={name: each for name, each in content.schema.items() if name not in apart})


def _gap(expected: Manifest, request: VerifyRequest) -> Gap | None:
    """None: the copy is of the manifest's own moment."""
    if request.moment is None:
        return None
    seconds = request.tolerance_seconds
    tolerance = CLOCKS if seconds is None else timedelta(seconds=seconds)
    return Gap(expected.taken, expected.until or expected.taken, request.moment, tolerance)
