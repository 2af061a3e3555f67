"""What a verification has finished, table by table, so that one that was killed goes on where it was.

A journal is of one instance, one manifest and one moment, and of the schema that the first run saw: whatever differs, it is
refused. Tables that it holds were read when it says so, and not again; so it is for a store that nobody writes to, as a restored
copy is. One JSON document in each line; a line that was cut while it was written counts for nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from recovery.verify.content import Chunk, Part
from recovery.verify.gap import Dated, Tally
from recovery.verify.table import MeasurementError

FORMAT = "recovery-verification-journal-1"

Measured = tuple[Part, Dated | None]


class OtherJournal(Exception):
    """The file is no journal, or one of something else; the message says of what."""


class Journal:
    """`of` says what is verified against what. Raises OtherJournal, and OSError for a file that cannot be read or written."""

    def __init__(self, path: Path, of: Mapping[str, str | None]) -> None:
        self._path, self._of = path, {"format": FORMAT, **of}
        self._schema: str | None = None
        self._tables: dict[str, Measured] = {}
        if path.exists() and path.stat().st_size:
            self._read()
        else:
            self._append(self._of)

    @property
    def finished(self) -> int:
        """How many tables it holds."""
        return len(self._tables)

    def begin(self, schema: Mapping[str, Any]) -> None:
        """Raises MeasurementError when the schema is not the one that the first run saw."""
        digest = hashlib.sha256(json.dumps(schema, sort_keys=True, default=str).encode()).hexdigest()
        if self._schema is None:
            self._schema = digest
            self._append({"schema": digest})
        elif self._schema != digest:
            raise MeasurementError(f"the schema was altered since the verification began that {self._path} continues")

    def known(self, table: str) -> Measured | None:
        """What an earlier run measured of it."""
        return self._tables.get(table)

    def add(self, table: str, measured: Measured) -> None:
        """On disk before the next table begins."""
        self._tables[table] = measured
        self._append({"table": table, **_as_json(measured)})

    def over(self) -> None:
        """There is a verdict: nothing is left to go on with."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> None:
        lines = self._path.read_bytes().split(b"\n")[:-1]  # what has no end was cut
        try:
            first, *rest = map(json.loads, lines)
        except ValueError as error:
            raise OtherJournal(f"{self._path} is no journal of a verification") from error
        if not isinstance(first, dict) or first.get("format") != FORMAT:
            raise OtherJournal(f"{self._path} is no journal of a verification")
        if different := [
            f"{name} {first.get(name)}, not {wanted}" for name, wanted in self._of.items() if first.get(name) != wanted
        ]:
            raise OtherJournal(f"{self._path} is of another verification: {'; '.join(different)}")
        for line in rest:
            if "schema" in line:
                self._schema = line["schema"]
            else:
                self._tables[line["table"]] = _from_json(line)
        whole = b"\n".join(lines) + b"\n"
        if self._path.stat().st_size != len(whole):
            self._path.write_bytes(whole)

    def _append(self, line: Mapping[str, Any]) -> None:
        with self._path.open("ab") as file:
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _as_json(measured: Measured) -> dict[str, Any]:
    part, dated = measured
    held: dict[str, Any] = {"chunks": list(map(_chunk, part.chunks))}
    if dated is not None:
        held["dated"] = {
            "late": dated.late,
            "newest": dated.newest and dated.newest.isoformat(),
            "tallies": [[*map(_chunk, tally.by_age), tally.certain, tally.possible] for tally in dated.tallies],
        }
    return held


def _from_json(held: Mapping[str, Any]) -> Measured:
    dated = held.get("dated")
    part = Part(tuple(Chunk(rows, int(checksum, 16)) for rows, checksum in held["chunks"]))
    if dated is None:
        return part, None
    tallies = tuple(
        Tally(tuple(Chunk(rows, int(checksum, 16)) for rows, checksum in by_age), certain, possible)
        for *by_age, certain, possible in dated["tallies"]
    )
    return part, Dated(tallies, dated["late"], dated["newest"] and datetime.fromisoformat(dated["newest"]))


def _chunk(chunk: Chunk) -> list[Any]:
    return [chunk.rows, f"{chunk.checksum:x}"]
