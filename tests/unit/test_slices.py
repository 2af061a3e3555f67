"""A store dealt out in pieces: everything once, about equal, and nothing added up that is not whole."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.verify.content import Chunk, Part
from recovery.verify.gap import Age, Dated, Tally
from recovery.verify.measurement import Measured, as_json, from_json, total
from recovery.verify.observer import MeasurementError
from recovery.verify.pieces import Reading, add_up
from recovery.verify.slices import Sizes, Slice, deal, together

NOW = datetime(2026, 11, 2, 3, tzinfo=UTC)
PARTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 10**9), min_size=1)


@given(PARTS, st.sets(st.sampled_from("abcdefgh")), st.integers(1, 12))
def test_every_part_is_dealt_whole_and_once(rows: dict[str, int], divisible: set[str], pieces: int) -> None:
    dealt = deal(rows, divisible, pieces)
    slices = [one for piece in dealt for one in piece]
    assert 0 < len(dealt) <= pieces
    assert all(dealt)
    for part in rows:
        own = [one for one in slices if one.part == part]
        assert sorted(own) == [Slice(part, n, own[0].of) for n in range(own[0].of)]
        assert part in divisible or own[0].of == 1
    assert len(slices) == sum(own.of for own in {(one.part, one.of): one for one in slices}.values())
    assert deal(rows, divisible, pieces) == dealt


@given(PARTS.filter(lambda rows: sum(rows.values()) > 0), st.integers(1, 12))
def test_pieces_are_about_equal(rows: dict[str, int], pieces: int) -> None:
    held = [sum(rows[one.part] / one.of for one in piece) for piece in deal(rows, rows, pieces)]
    assert max(held) <= 2 * sum(rows.values()) / pieces + 1


@pytest.mark.parametrize(
    ("rows", "size_bytes", "pieces"),
    [(0, 0, 1), (200, 0, 1), (201, 0, 3), (10_000, 0, 10), (1, 2_000, 1), (1, 2_001, 3), (1, 0, 1)],
)
def test_only_what_is_large_is_cut(rows: int, size_bytes: int, pieces: int) -> None:
    assert Sizes(rows=100, size_bytes=1_000, most=10).pieces(rows, size_bytes) == pieces


def measured(rows: int, *, dated: bool = False, chunks: int = 2) -> Measured:
    tally = Tally().holding(Chunk(rows, rows * 7)).plus(Age.LATER, Chunk(1, 5), certain=1, possible=0)
    part = Part((tally.whole,) * chunks)
    return part, Dated((tally,) * chunks, late=1, newest=NOW + timedelta(seconds=rows)) if dated else None


@pytest.mark.parametrize("dated", [False, True])
def test_what_was_measured_survives_its_json_and_adds_up(dated: bool) -> None:
    one, other = measured(3, dated=dated), measured(9, dated=dated)
    assert from_json(json.loads(json.dumps(as_json(one)))) == one
    part, dates = total([one, other])
    assert part.chunks == (Chunk(14, 94), Chunk(14, 94))
    assert (dates is not None) == dated
    if dates:
        assert (dates.late, dates.newest) == (2, NOW + timedelta(seconds=9))
        assert dates.tallies[0].by_age == (Chunk(12, 84), Chunk(0, 0), Chunk(0, 0), Chunk(2, 10))
        assert (dates.tallies[0].certain, dates.tallies[0].possible) == (2, 0)


@pytest.mark.parametrize(
    ("slices", "problem"),
    [
        ([(Slice("t", 0, 2), measured(1))], "slice 2 of 2 was not measured"),
        ([(Slice("t", 0, 2), measured(1)), (Slice("t", 1, 3), measured(1))], "was not measured with the others"),
        ([(Slice("t"), measured(1)), (Slice("t"), measured(1))], "slice 1 of 1 was measured twice"),
        ([(Slice("t", 0, 2), measured(1)), (Slice("t", 1, 2), measured(1, dated=True))], "in different ways"),
        ([(Slice("t", 0, 2), measured(1)), (Slice("t", 1, 2), measured(1, chunks=3))], "in different ways"),
    ],
)
def test_nothing_is_added_up_that_is_not_whole(slices: list[tuple[Slice, Measured]], problem: str) -> None:
    with pytest.raises(MeasurementError, match=problem):
        together(slices)


def reading(number: int, *, schema: str = "s", beat: datetime | None = None) -> Reading:
    return Reading(NOW, NOW + timedelta(seconds=number), schema, ((Slice("t", number, 2), measured(4)),), beat)


def test_pieces_are_one_measurement() -> None:
    whole = add_up([reading(1, beat=NOW), reading(0, beat=NOW + timedelta(seconds=3))])
    assert (whole.began, whole.ended, whole.heartbeat) == (NOW, NOW + timedelta(seconds=1), NOW + timedelta(seconds=3))
    assert whole.parts["t"] == total([measured(4), measured(4)])


def test_pieces_of_two_schemas_or_of_nothing_are_none() -> None:
    with pytest.raises(MeasurementError, match="schema was altered"):
        add_up([reading(0), reading(1, schema="other")])
    with pytest.raises(MeasurementError, match="no piece"):
        add_up([])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda body: body.replace(b'"store":"bank"', b'"store":"bunk"'), "not what its reader wrote"),
        (lambda body: body[:-3], "not what its reader wrote"),
        (lambda _: b"", "not what its reader wrote"),
    ],
)
def test_a_piece_that_was_changed_is_refused(change: object, problem: str) -> None:
    body = reading(0).dump("bank")
    digest = hashlib.sha256(body).hexdigest()
    assert Reading.parse(body, store="bank", sha256=digest) == reading(0)
    assert callable(change)
    with pytest.raises(MeasurementError, match=problem):
        Reading.parse(change(body), store="bank", sha256=digest)


WRONG = [b"[]", b"{}", b"no", b'{"format":"recovery-measurement-1","store":"bank"}', b'{"format":"x","store":"bank"}']


@pytest.mark.parametrize("body", WRONG)
def test_what_is_no_piece_is_refused_in_one_line(body: bytes) -> None:
    digest = hashlib.sha256(body).hexdigest()
    with pytest.raises(MeasurementError, match="a measurement of bank"):
        Reading.parse(body, store="bank", sha256=digest)


def test_a_piece_of_another_store_is_refused() -> None:
    body = reading(0).dump("other")
    digest = hashlib.sha256(body).hexdigest()
    with pytest.raises(MeasurementError, match="is of 'other'"):
        Reading.parse(body, store="bank", sha256=digest)
