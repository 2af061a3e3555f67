"""One piece of a store, as its reader leaves it for whoever adds all pieces up: canonical JSON in the evidence bucket.

The reader answers with the SHA-256 of what it wrote, and the answers travel through the workflow: whoever may only write to the
bucket cannot put another measurement in its place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from recovery.verify.measurement import Measured, as_json, from_json
from recovery.verify.observer import SCHEMA_ALTERED, MeasurementError
from recovery.verify.slices import Slice, together

FORMAT = "recovery-measurement-1"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of some slices. `schema` is the digest of the schema they were read with."""

    began: datetime
    ended: datetime
    schema: str
    slices: tuple[tuple[Slice, Measured], ...]
    heartbeat: datetime | None = None

    def dump(self, store: str) -> bytes:
        beat = self.heartbeat and self.heartbeat.astimezone(UTC).isoformat()
        value = {
            "format": FORMAT,
            "store": store,
            "began": self.began.astimezone(UTC).isoformat(),
            "ended": self.ended.astimezone(UTC).isoformat(),
            "schema": self.schema,
            "heartbeat": beat,
            "slices": [{"slice": one.as_json(), **as_json(measured)} for one, measured in self.slices],
        }
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def parse(cls, body: bytes, *, store: str, sha256: str) -> Self:
        """Raises MeasurementError for anything but what `dump` made and this digest belongs to."""
        if hashlib.sha256(body).hexdigest() != sha256:
            raise MeasurementError(f"a measurement of {store} is not what its reader wrote")
        try:
            value = json.loads(body)
            if value["format"] != FORMAT or value["store"] != store:
                raise MeasurementError(f"a measurement of {store} is of {value.get('store')!r}, format {value.get('format')!r}")
            slices = tuple((Slice(*held["slice"]), from_json(held)) for held in value["slices"])
            began, ended = (datetime.fromisoformat(value[name]) for name in ("began", "ended"))
            beat = value["heartbeat"] and datetime.fromisoformat(value["heartbeat"])
            return cls(began, ended, str(value["schema"]), slices, beat)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise MeasurementError(f"a measurement of {store} is not of the expected shape: {error!r}") from error


@dataclass(frozen=True, slots=True)
class Whole:
    """All pieces, added up."""

    began: datetime
    ended: datetime
    schema: str
    parts: dict[str, Measured]
    heartbeat: datetime | None


def add_up(readings: Sequence[Reading]) -> Whole:
    """Raises MeasurementError unless all slices are there, once, and were read with one schema."""
    if not readings:
        raise MeasurementError("no piece was measured")
    schemas = {reading.schema for reading in readings}
    if len(schemas) != 1:
        raise MeasurementError(SCHEMA_ALTERED)
    return Whole(
        min(reading.began for reading in readings),
        max(reading.ended for reading in readings),
        schemas.pop(),
        together(each for reading in readings for each in reading.slices),
        max((reading.heartbeat for reading in readings if reading.heartbeat), default=None),
    )
