"""What a verification has finished, slice by slice, so that one that was killed goes on where it was.

A journal is of one instance or table, one manifest and one moment, and of the schema that the first run saw: whatever differs, it
is refused. Slices that it holds were read when it says so, and not again; so it is for a store that nobody writes to, as a
restored copy is. One JSON document in each line; a line that was cut while it was written counts for nothing.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from recovery.verify.measurement import Measured, as_json, from_json
from recovery.verify.observer import MeasurementError
from recovery.verify.schema import digest
from recovery.verify.slices import Slice

FORMAT = "recovery-verification-journal-2"


class OtherJournal(Exception):
    """The file is no journal, or one of something else; the message says of what."""


class Journal:
    """`of` says what is verified against what. Raises OtherJournal, and OSError for a file that cannot be read or written."""

    def __init__(self, path: Path, of: Mapping[str, str | None]) -> None:
        self._path, self._of = path, {"format": FORMAT, **of}
        self._schema: str | None = None
        self._slices: dict[Slice, Measured] = {}
        self._one = threading.Lock()
        self.heartbeat: datetime | None = None
        """The newest that was found in what it holds."""
        if path.exists() and path.stat().st_size:
            self._read()
        else:
            self._append(self._of)

    @property
    def finished(self) -> int:
        """How many tables, or slices of them, it holds."""
        return len(self._slices)

    def begin(self, schema: Mapping[str, Any]) -> None:
        """Raises MeasurementError when the schema is not the one that the first run saw."""
        seen = digest(schema)
        if self._schema is None:
            self._schema = seen
            self._append({"schema": seen})
        elif self._schema != seen:
            raise MeasurementError(f"the schema was altered since the verification began that {self._path} continues")

    def known(self, one: Slice) -> Measured | None:
        """What an earlier run measured of it."""
        return self._slices.get(one)

    def add(self, one: Slice, measured: Measured, heartbeat: datetime | None = None) -> None:
        """On disk before the next one begins. Safe to share between threads."""
        with self._one:
            self._keep(one, measured, heartbeat)
            beat = heartbeat and heartbeat.isoformat()
            self._append({"slice": one.as_json(), "heartbeat": beat, **as_json(measured)})

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
                beat = line["heartbeat"] and datetime.fromisoformat(line["heartbeat"])
                self._keep(Slice(*line["slice"]), from_json(line), beat)
        whole = b"\n".join(lines) + b"\n"
        if self._path.stat().st_size != len(whole):
            self._path.write_bytes(whole)

    def _keep(self, one: Slice, measured: Measured, heartbeat: datetime | None) -> None:
        self._slices[one] = measured
        self.heartbeat = max(filter(None, (self.heartbeat, heartbeat)), default=None)

    def _append(self, line: Mapping[str, Any]) -> None:
        with self._path.open("ab") as file:
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
