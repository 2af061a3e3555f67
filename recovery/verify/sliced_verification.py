"""A store that is too large for one call's time, as it is verified, or measured for its manifest.

The same function is called three times over by the workflow: it says in which pieces the store is to be read; it is called for
each piece, by a Distributed Map, and keeps what it measured in the evidence bucket; and it adds up what the pieces' answers name.
A piece that could not be measured says why, and then nothing is added up: there is no half measurement.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from recovery.evidence import bucket as evidence
from recovery.verify.observer import MeasurementError
from recovery.verify.pieces import Reading, Whole, add_up
from recovery.verify.slices import Piece, Sizes, Slice
from strategy.contracts import verify as contracts
from strategy.contracts.verify import MeasuredPiece

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def sizes(usual: Sizes) -> Sizes:
    """As the environment's PIECE_ROWS has it, where somebody set it: smaller pieces for a slower server."""
    rows = os.environ.get("PIECE_ROWS")
    return replace(usual, rows=int(rows)) if rows else usual


def dealt(store: str, pieces: Sequence[Piece]) -> contracts.Pieces:
    """What the workflow's Map takes up; `run` tells one measurement of a store from all others."""
    run = uuid.uuid4().hex
    return contracts.Pieces(
        pieces=tuple(
            contracts.Piece(store=store, run=run, number=number, slices=tuple((one.part, one.number, one.of) for one in piece))
            for number, piece in enumerate(pieces)
        )
    )


def measure(s3: S3Client, bucket: str, asked: contracts.Piece, read: Callable[[Piece], Reading]) -> MeasuredPiece:
    """One piece of `dealt`, read and kept. Any error but MeasurementError leaves as an error: it may be worth another try."""
    named = MeasuredPiece(store=asked.store, run=asked.run, number=asked.number)
    try:
        body = read(tuple(Slice(*each) for each in asked.slices)).dump(asked.store)
    except MeasurementError as error:
        return replace(named, problem=str(error))
    evidence.write_measurement(s3, bucket, evidence.measurement_key(asked.store, asked.run, asked.number), body)
    return replace(named, sha256=hashlib.sha256(body).hexdigest())


def collect(s3: S3Client, bucket: str, store: str, answers: Sequence[MeasuredPiece | None]) -> Whole:
    """What the pieces' answers name, added up. Raises MeasurementError for a piece without a measurement."""
    readings = []
    for number, named in enumerate(answers):
        if named is None or named.sha256 is None:
            problem = named.problem if named else None
            raise MeasurementError(problem or f"piece {number + 1} of {len(answers)} was not measured")
        key = evidence.measurement_key(store, named.run, named.number)
        readings.append(Reading.parse(evidence.read(s3, bucket, key), store=store, sha256=named.sha256))
    return add_up(readings)
