"""A DynamoDB table that is too large to be read in one go: how it is cut, one piece of it read, and all of it held together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from recovery.verify.content import Content
from recovery.verify.dynamodb import ITEMS, KIND, Leave, Page, measure, measure_dated, table_settings
from recovery.verify.gap import Dated, Gap
from recovery.verify.measurement import Measured
from recovery.verify.observer import MeasurementError
from recovery.verify.pieces import Reading, Whole, add_up
from recovery.verify.resume_file import Journal
from recovery.verify.schema import digest
from recovery.verify.slices import Piece, Sizes, Slice

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SIZES = Sizes(rows=2_500_000, most=40)
"""What one function hashes in about three minutes of the fifteen that it has; and as many as a table that was just made, or
restored, lets read at once."""


def cut(items: int, sizes: Sizes = SIZES) -> tuple[Piece, ...]:
    """The pieces of a table of about so many items; none when it is read whole."""
    number = sizes.pieces(items)
    return tuple((Slice(ITEMS, n, number),) for n in range(number)) if number > 1 else ()


def read(
    client: DynamoDBClient,
    table: str,
    piece: Piece,
    *,
    segments: int | None,
    gap: Gap | None = None,
    written_at: str | None = None,
    page: Page,
    leave: Leave = None,
) -> Reading:
    """One piece; its items told apart by their dates, where there is a gap and an attribute that dates them."""
    began, settings = datetime.now(UTC), table_settings(client, table, leave)
    found, beats = list[tuple[Slice, Measured]](), list[datetime]()
    for one in piece:
        if gap and written_at:
            content, dated = measure_dated(
                client, table, segments=segments, gap=gap, written_at=written_at, page=page, one=one, leave=leave
            )
            found.append((one, (content.parts[ITEMS], dated[ITEMS])))
        else:
            _, content = measure(client, table, segments=segments, page=page, one=one, leave=leave)
            found.append((one, (content.parts[ITEMS], None)))
        beats.extend([content.heartbeat] if content.heartbeat else [])
    return Reading(began, datetime.now(UTC), digest(settings), tuple(found), max(beats, default=None))


def measure_in_slices(
    client: DynamoDBClient,
    table: str,
    slices: Sequence[Slice],
    *,
    segments: int | None,
    gap: Gap | None,
    written_at: str | None,
    page: Page,
    at_once: int = 1,
    journal: Journal | None = None,
    leave: Leave = None,
) -> tuple[Content, Mapping[str, Dated]]:
    """The whole table by one reader, several slices at the same time. What a `journal` holds is not read again."""
    settings = table_settings(client, table, leave)
    if journal is not None:
        journal.begin(settings)

    def one_of(one: Slice) -> Reading:
        known = journal.known(one) if journal else None
        if journal and known:
            now = datetime.now(UTC)
            return Reading(now, now, digest(settings), ((one, known),), journal.heartbeat)
        found = read(client, table, (one,), segments=segments, gap=gap, written_at=written_at, page=page, leave=leave)
        if journal:
            journal.add(one, found.slices[0][1], found.heartbeat)
        return found

    with ThreadPoolExecutor(at_once) as pool:
        whole = add_up(list(pool.map(one_of, slices)))
    return content(client, table, whole, leave), {name: dates for name, (_, dates) in whole.parts.items() if dates}


def content(client: DynamoDBClient, table: str, whole: Whole, leave: Leave = None) -> Content:
    """The table that the pieces are of; its settings as they are now. Raises MeasurementError."""
    settings = table_settings(client, table, leave)
    if digest(settings) != whole.schema:
        raise MeasurementError("the table's settings were altered while it was being measured")
    if whole.parts.keys() != {ITEMS}:
        raise MeasurementError(f"not the items, but {', '.join(sorted(whole.parts)) or 'nothing'} was measured")
    return Content(KIND, settings, {ITEMS: whole.parts[ITEMS][0]}, heartbeat=whole.heartbeat)
