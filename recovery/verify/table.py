"""Hashing one table inside the server, by ranges of its key, over several connections at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from pymysql.cursors import Cursor

from recovery.verify.content import Chunk, Part
from recovery.verify.dates import by_dates, newest, usable
from recovery.verify.gap import Age, Dated, Gap, Tally
from recovery.verify.measurement import Measured
from recovery.verify.mode import Mode
from recovery.verify.observer import SCHEMA_ALTERED, MeasurementError, Watch
from recovery.verify.ranges import Ranges
from recovery.verify.rows import chunk_number, row_hash, spread, walkable_key
from recovery.verify.slice_bounds import ALL, Within, within
from recovery.verify.slices import Slice
from strategy.contracts.dates import Columns

ROWS_PER_CHUNK = 16
"""Small: in a chunk with a row that was changed since its manifest, the other rows are counted and no longer compared."""
MOST_CHUNKS = 4_096
_UNDATED = ("0", "0, 0, 0, NULL", ())
"""Every row is old, and none is late."""


@dataclass(frozen=True, slots=True)
class _Question:
    """A statement without its table and range; `counted` is the place of the number of rows in each answer."""

    selected: str
    counted: int
    grouped: str = ""
    values: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """`part` is its name for people, `source` its name in SQL, `described` what `schema` says of it."""

    part: str
    source: str
    described: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, ...]:
        return walkable_key(self.described)

    def within(self, cursor: Cursor, one: Slice) -> Within:
        """The bounds of a slice. Raises MeasurementError where the table cannot be cut as it was."""
        among = spread(self.described, self.key)
        if one.of == 1:
            return ALL
        if among is None:
            raise MeasurementError(SCHEMA_ALTERED)
        return within(cursor, self.source, self.key[0], among, one)

    def whole(self, cursors: Sequence[Cursor], rows: int, mode: Mode, watch: Watch) -> Chunk:
        """All rows as one chunk; `rows` is about how many there are."""
        columns = self.described["columns"]
        found = self._each(cursors, _Question(f"COUNT(*), SUM({row_hash(columns, mode)})", counted=0), rows, watch)
        counted = sum(int(count) for count, _ in found)
        return Chunk(counted, sum(self._sum(count, checksum) for count, checksum in found))

    def cut(
        self,
        cursors: Sequence[Cursor],
        chunks: int | None,
        mode: Mode,
        watch: Watch,
        *,
        gap: Gap | None = None,
        changes: Columns | None = None,
        bounds: Within = ALL,
    ) -> Measured:
        """Its rows dealt out to chunks, and where `changes` names the columns that date them, told apart by their dates.

        Of a table that is cut into slices, those within the `bounds` of one.
        """
        condition, bound = bounds.condition
        cursors[0].execute(f"SELECT COUNT(*) FROM {self.source} WHERE {condition}", bound)  # noqa: S608 - names are quoted
        (rows,) = cursors[0].fetchone() or (0,)
        columns, key = self.described["columns"], self.key
        number = chunks or _chunks_for(rows)
        dating = gap is not None and usable(self.described, key, changes)
        age, measures, moments = by_dates(changes, gap) if dating and changes and gap else _UNDATED
        selected = f"{chunk_number(columns, key, number)}, {age}, COUNT(*), SUM({row_hash(columns, mode)}), {measures}"
        tallies, late, latest = [Tally()] * number, 0, None
        question = _Question(selected, counted=2, grouped=" GROUP BY 1, 2", values=moments)
        found = self._each(cursors, question, rows, watch, bounds)
        for chunk, aged, count, checksum, certain, possible, after, date in found:
            rows_here = Chunk(int(count), self._sum(count, checksum))
            tallies[int(chunk)] = tallies[int(chunk)].plus(Age(aged), rows_here, certain=int(certain), possible=int(possible))
            late, latest = late + int(after), max(filter(None, (latest, newest(date))), default=None)
        whole = Part(tuple(tally.whole for tally in tallies))
        if whole.rows != rows:
            raise MeasurementError(f"{self.part}: {rows} rows counted, but {whole.rows} hashed")
        return whole, Dated(tuple(tallies), late, latest) if dating else None

    def _sum(self, count: int, checksum: object) -> int:
        """A chunk's checksum as the server says it; one of rows that it could not hash is none."""
        if checksum is None and count:
            raise MeasurementError(f"{self.part}: the server could not hash a row")
        return int(str(checksum or 0))

    def _each(
        self, cursors: Sequence[Cursor], asked: _Question, rows: int, watch: Watch, bounds: Within = ALL
    ) -> list[tuple[Any, ...]]:
        """What a statement answers for every range, in no order."""
        ranges = Ranges(cursors[0], self.source, self.described, self.key, rows=rows, within=bounds)

        def work(cursor: Cursor, go_on: Callable[[], bool]) -> list[tuple[Any, ...]]:
            answers = list[tuple[Any, ...]]()
            while go_on() and (taken := ranges.take(cursor)):
                condition, bounds = taken
                watch.before(cursor)
                began = time.monotonic()
                cursor.execute(
                    f"SELECT {asked.selected} FROM {self.source} WHERE {condition}{asked.grouped}",  # noqa: S608
                    [*asked.values, *bounds],
                )
                answered = cursor.fetchall()
                ranges.took(time.monotonic() - began)
                watch.read(self.part, sum(int(answer[asked.counted]) for answer in answered))
                answers.extend(answered)
            return answers

        return _together(cursors, work)


def _together(
    cursors: Sequence[Cursor], work: Callable[[Cursor, Callable[[], bool]], list[tuple[Any, ...]]]
) -> list[tuple[Any, ...]]:
    """The answers of all; the first trouble ends the others' work at their next range, and is raised."""
    if len(cursors) == 1:
        return work(cursors[0], lambda: True)
    stopped = threading.Event()

    def watched(cursor: Cursor) -> list[tuple[Any, ...]]:
        try:
            return work(cursor, lambda: not stopped.is_set())
        except BaseException:
            stopped.set()
            raise

    with ThreadPoolExecutor(len(cursors)) as pool:
        return [answer for answers in pool.map(watched, cursors) for answer in answers]


def _chunks_for(rows: int) -> int:
    """A power of two that keeps chunks near ROWS_PER_CHUNK."""
    return min(MOST_CHUNKS, 1 << max(0, (rows // ROWS_PER_CHUNK).bit_length()))
