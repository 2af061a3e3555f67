"""What both verifying handlers do around their measurement: read the manifest, compare, keep the report, answer.

Of their events: `store`, `bucket` and `manifest_key`; and, for a copy that is not of the manifest's own moment, `moment` (ISO
with a zone: the moment restored to, or when the recovery point was created) and `tolerance_seconds` (how much later its data may
be; 1 when absent). Without `moment` the copy must equal the manifest, exactly. With `"replica": true` the store is a replica that
goes on as it is: it must have the schema of the manifest, and a write no older than `not_before`.

A store that is too large for the function's time is read in pieces (see `pieces`). The same event with `"deal": true` answers
`{"pieces"}`, none for a store that is read in one go; with one of them as `piece`, and `seconds` for it, that is measured; and
with all those answers as `measured` the verdict is of what they measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import boto3

from recovery.evidence import bucket
from recovery.handlers import pieces
from recovery.verify import replica
from recovery.verify.compare import compare
from recovery.verify.compare_to_moment import explain
from recovery.verify.content import Content
from recovery.verify.dynamodb import TIME_TO_LIVE
from recovery.verify.gap import CLOCKS, Dated, Gap
from recovery.verify.heartbeat import freshness
from recovery.verify.manifest import Manifest, ManifestError
from recovery.verify.observer import MeasurementError
from recovery.verify.pieces import Reading, Whole
from recovery.verify.replica import Replica
from recovery.verify.result import Level, Report, unchecked
from recovery.verify.signature import trusted
from recovery.verify.slices import Piece


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
    """A store of one kind, as the event names it. Whatever cannot be measured raises MeasurementError."""

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


def handle(event: Mapping[str, Any], store: Store) -> dict[str, Any]:
    """One call of a verifying function. What is not foreseen here leaves as an error: no verdict is stamped by a crash."""
    if event.get("deal"):
        return pieces.answer(event["store"], _cut(event, store))
    if piece := event.get("piece"):
        return _piece(event, piece, store)
    return verify(event, store)


def verify(event: Mapping[str, Any], store: Store) -> dict[str, Any]:
    """Compares a live store with its manifest and writes the report."""
    s3 = boto3.client("s3")

    def measure(expected: Content, gap: Gap | None) -> Live:
        if answers := event.get("measured"):
            return store.put_together(pieces.collect(s3, event["bucket"], event["store"], answers), expected)
        return store.measure(expected, gap)

    report = judge_replica(s3, event, store) if event.get("replica") else judge(s3, event, store.kind, measure)
    key = bucket.report_key(report.store, report.checked_at)
    bucket.write_report(s3, event["bucket"], key, report.as_json())
    return {
        "store": report.store,
        "verdict": str(report.verdict),
        "summary": report.summary,
        store.unit: report.counted,
        "counted": report.counted,
        "newest": report.newest.isoformat() if report.newest else "",
        "report_key": key,
        "lost_since": report.lost_since.isoformat() if report.lost_since else None,
        "levels": [level.as_json() for level in report.levels],
    }


def _cut(event: Mapping[str, Any], store: Store) -> tuple[Piece, ...]:
    """None, too, where there is nothing to compare with or nothing can be read: the verdict says so."""
    if event.get("replica") or not event["manifest_key"]:
        return ()
    try:
        return store.cut(_trusted(boto3.client("s3"), event, store.kind).content)
    except (ManifestError, MeasurementError):
        return ()


def _piece(event: Mapping[str, Any], piece: Mapping[str, Any], store: Store) -> dict[str, Any]:
    s3 = boto3.client("s3")

    def read(slices: Piece) -> Reading:
        try:
            expected = _trusted(s3, event, store.kind)
        except ManifestError as error:
            raise MeasurementError(str(error)) from error
        moment = _moment(event)
        return store.read(slices, expected.content, _gap(expected, moment, event) if moment else None)

    return pieces.measure(s3, event["bucket"], piece, read)


def _trusted(s3: Any, event: Mapping[str, Any], kind: str) -> Manifest:
    return trusted(s3, event["bucket"], event["manifest_key"], store=event["store"], kind=kind)


def judge(s3: Any, event: Mapping[str, Any], kind: str, measure: Measure) -> Report:
    """The comparison alone; writes nothing."""
    now, store, key, moment = datetime.now(UTC), event["store"], event["manifest_key"], _moment(event)
    if not key:
        near = f"at or before {moment.isoformat()}" if moment else "near the recovery point's moment"
        return unchecked(store, f"no manifest {near}", checked_at=now, manifest_key=None)
    try:
        expected = _trusted(s3, event, kind)
        gap = _gap(expected, moment, event) if moment else None
        live = measure(expected.content, gap)
    except (ManifestError, MeasurementError) as error:
        return unchecked(store, str(error), checked_at=now, manifest_key=key)
    was, is_now = (_without(content, live.apart) for content in (expected.content, live.content))
    levels = explain(was, is_now, live.dated, gap) if gap else compare(was, is_now)
    newest = max((each.newest for each in live.dated.values() if each.newest), default=None)
    fresh = freshness(was.heartbeat, is_now.heartbeat, gap)
    return Report(store, now, key, is_now.rows, (*levels, *fresh, *live.more), newest, is_now.heartbeat)


def judge_replica(s3: Any, event: Mapping[str, Any], live_store: Store) -> Report:
    """A replica that goes on as the store: held against the schema of the newest manifest and against `not_before`."""
    now, store, key = datetime.now(UTC), event["store"], event["manifest_key"]
    if not key:
        return unchecked(
            store, "no manifest, and so nothing that says which schema it must have", checked_at=now, manifest_key=None
        )
    try:
        expected = _trusted(s3, event, live_store.kind)
        live, more = live_store.look()
    except (ManifestError, MeasurementError) as error:
        return unchecked(store, str(error), checked_at=now, manifest_key=key)
    known = _without(expected.content, frozenset({TIME_TO_LIVE}))
    levels = replica.levels(known, live, not_before=datetime.fromisoformat(event["not_before"]))
    return Report(store, now, key, live.counted, (*levels, *more), live.newest, live.heartbeat)


def _without(content: Content, apart: frozenset[str]) -> Content:
    return replace(content, schema={name: each for name, each in content.schema.items() if name not in apart})


def _moment(event: Mapping[str, Any]) -> datetime | None:
    text = event.get("moment")
    moment = datetime.fromisoformat(text) if text else None
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"moment: found {text!r}; allowed: a moment with its zone, such as 2026-11-02T03:00:00Z")
    return moment


def _gap(expected: Manifest, moment: datetime, event: Mapping[str, Any]) -> Gap:
    seconds = event.get("tolerance_seconds")
    tolerance = CLOCKS if seconds is None else timedelta(seconds=float(seconds))
    return Gap(expected.taken, expected.until or expected.taken, moment, tolerance)
