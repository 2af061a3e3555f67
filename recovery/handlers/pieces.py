"""What both verifying handlers and the manifest's do with a store that is too large for one function's time.

The same function is called three times over by the workflow: it says in which pieces the store is to be read; it is called for
each piece, by a Distributed Map, and keeps what it measured in the evidence bucket; and it adds up what the pieces' answers name.
A piece that could not be measured says why, and then nothing is added up: there is no half measurement.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from recovery.evidence import bucket as evidence
from recovery.verify.observer import MeasurementError
from recovery.verify.pieces import Reading, Whole, add_up
from recovery.verify.slices import Piece, Sizes, Slice

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def sizes(usual: Sizes) -> Sizes:
    """As the environment's PIECE_ROWS has it, where somebody set it: smaller pieces for a slower server."""
    rows = os.environ.get("PIECE_ROWS")
    return replace(usual, rows=int(rows)) if rows else usual


def answer(store: str, pieces: Sequence[Piece]) -> dict[str, Any]:
    """What the workflow's Map takes up; `run` tells one measurement of a store from all others."""
    run = uuid.uuid4().hex
    return {
        "pieces": [
            {"store": store, "run": run, "number": number, "slices": [one.as_json() for one in piece]}
            for number, piece in enumerate(pieces)
        ],
    }


def measure(s3: S3Client, bucket: str, event: Mapping[str, Any], read: Callable[[Piece], Reading]) -> dict[str, Any]:
    """One piece of `answer`, read and kept. Any error but MeasurementError leaves as an error: it may be worth another try."""
    store, run, number = event["store"], event["run"], int(event["number"])
    named = {"store": store, "run": run, "number": number}
    try:
        body = read(tuple(Slice(*each) for each in event["slices"])).dump(store)
    except MeasurementError as error:
        return named | {"problem": str(error)}
    evidence.write_measurement(s3, bucket, evidence.measurement_key(store, run, number), body)
    return named | {"sha256": hashlib.sha256(body).hexdigest()}


def collect(s3: S3Client, bucket: str, store: str, answers: Sequence[Mapping[str, Any] | None]) -> Whole:
    """What the pieces' answers name, added up. Raises MeasurementError for a piece without a measurement."""
    readings = []
    for number, named in enumerate(answers):
        if not named or "sha256" not in named:
            problem = named.get("problem") if named else None
            raise MeasurementError(problem or f"piece {number + 1} of {len(answers)} was not measured")
        key = evidence.measurement_key(store, named["run"], int(named["number"]))
        readings.append(Reading.parse(evidence.read(s3, bucket, key), store=store, sha256=named["sha256"]))
    return add_up(readings)
