"""Manifests and results: what is kept, what is refused, and that nothing passes by silence."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recovery.verify.compare import compare
from recovery.verify.content import Chunk, Content, Part
from recovery.verify.manifest import Manifest, ManifestError, dump, parse
from recovery.verify.result import Finding, Level, Report, Verdict, unchecked

MOMENT = datetime(2026, 11, 2, 2, 0, 1, tzinfo=UTC)
PARTS = {"shop.people": Part((Chunk(2, 2**65 + 1), Chunk(0, 0))), "shop.orders": Part((Chunk(5, 7),))}
CONTENT = Content("mysql", {"shop": {"tables": {"people": {"columns": {"id": {"type": "int"}}}}}}, PARTS)
MANIFEST = Manifest("mysql", MOMENT, "MySQL 8.0", CONTENT)


def read(data: bytes) -> Manifest:
    return parse(data, store="mysql", kind="mysql")


def forged(**changes: Any) -> bytes:
    """A manifest whose own hash is right."""
    body = json.loads(dump(MANIFEST))
    del body["sha256"]
    body = {name: value for name, value in (body | changes).items() if value is not None}
    digest = hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    return json.dumps(body | {"sha256": digest}).encode()


def test_a_manifest_comes_back_as_it_was_written() -> None:
    assert read(dump(MANIFEST)) == MANIFEST
    assert dump(read(dump(MANIFEST))) == dump(MANIFEST)


def test_a_manifest_keeps_when_its_measurement_ended() -> None:
    long = replace(MANIFEST, until=MOMENT + timedelta(minutes=3))
    assert read(dump(long)) == long


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "truncated"),
        (dump(MANIFEST)[:-40], "truncated"),
        (dump(MANIFEST).replace(b"[5,", b"[6,"), "altered"),
        (b"[]", "not a recovery-manifest"),
        (b'{"format":"recovery-manifest"}', "version None"),
        (forged(format="something"), "not a recovery-manifest"),
        (forged(version=1), "version 1"),
        (forged(store="other"), "of store 'other'"),
        (forged(store=None), "does not say of which store"),
        (forged(content={"kind": "mysql"}), "not of the expected shape"),
        (forged(content=None), "not of the expected shape"),
        (forged(content=CONTENT.as_json() | {"kind": "dynamodb"}), "describes a dynamodb store"),
        (forged(taken="2026-11-02T02:00:01"), "time zone"),
        (forged(until="2026-11-02T02:00:01"), "time zone"),
        (forged(taken="yesterday"), "not of the expected shape"),
    ],
)
def test_a_manifest_that_must_not_be_compared_with_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ManifestError, match=reason):
        read(data)


def test_equal_content_passes_and_says_over_what() -> None:
    levels = compare(CONTENT, CONTENT)
    assert [level.verdict for level in levels] == [Verdict.PASSED] * 3
    assert "7 rows" in levels[1].detail


def test_findings_name_the_place_and_both_sides() -> None:
    live = Content("mysql", {"shop": {"tables": {}}}, {"shop.people": Part((Chunk(2, 1), Chunk(0, 0)))})
    schema, counts, content = compare(CONTENT, live)
    assert [str(finding) for finding in schema.findings] == ["shop/tables/people: is missing"]
    assert [str(finding) for finding in counts.findings] == ["shop.orders: rows: 5 in the manifest, none here"]
    assert [str(finding) for finding in content.findings] == [
        "shop.orders: is missing",
        "shop.people: 1 of 2 chunks differ (0)",
    ]


def test_a_part_cut_another_way_is_not_equal() -> None:
    live = Content("mysql", CONTENT.schema, PARTS | {"shop.orders": Part((Chunk(5, 7), Chunk(0, 0)))})
    assert compare(CONTENT, live)[2].verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("verdicts", "over"),
    [
        ((), Verdict.NOT_CHECKED),
        ((Verdict.PASSED, Verdict.PASSED), Verdict.PASSED),
        ((Verdict.PASSED, Verdict.NOT_CHECKED), Verdict.NOT_CHECKED),
        ((Verdict.NOT_CHECKED, Verdict.FAILED), Verdict.FAILED),
    ],
)
def test_one_failure_fails_and_one_gap_leaves_unchecked(verdicts: tuple[Verdict, ...], over: Verdict) -> None:
    assert Verdict.over(verdicts) is over


def test_a_report_is_short_for_people_and_whole_for_the_record() -> None:
    findings = tuple(Finding(f"t{n}", "differs") for n in range(5))
    report = Report("mysql", MOMENT, "key", 7, (Level("content", Verdict.FAILED, "t0: differs", findings),))
    assert report.summary == "t0: differs; t1: differs; t2: differs; and 2 more"
    assert len(json.loads(json.dumps(report.as_json()))["levels"][0]["findings"]) == 5


@pytest.mark.proves("verification.not-checked")
def test_unchecked_says_why_at_every_level() -> None:
    report = unchecked("mysql", "no manifest", checked_at=MOMENT, manifest_key=None)
    assert (report.verdict, report.counted) == (Verdict.NOT_CHECKED, 0)
    assert {level.detail for level in report.levels} == {"no manifest"}
