"""Measures every store and keeps a manifest of each in the evidence bucket.

Environment: `DATABASE_HOST`, `DATABASE_PORT`, `DATABASE_USER`, `DATABASE_CA_BUNDLE`, `TABLE_NAME`, `STORES` (`MeasuredStore`s, as
JSON), `EVIDENCE_BUCKET`, `PIECE_ROWS` (see `recovery.verify.sliced_verification`). What it answers that it wrote is for another
function that signs: KMS cannot be reached from here. It ends in an answer without pieces.
"""

from __future__ import annotations

import json
import os
from typing import Any

from recovery.lambda_runtime import handles
from recovery.manifest.writer import measure_piece, put_together, write
from recovery.verify.pace import Pace
from strategy.contracts.manifest import ManifestRequest, MeasuredStore, Written
from strategy.contracts.verify import MeasuredPiece


@handles(ManifestRequest.from_json)
def handler(request: ManifestRequest, context: Any) -> Written | MeasuredPiece:
    bucket = os.environ["EVIDENCE_BUCKET"]
    if request.piece is not None:
        return measure_piece(request.piece, bucket, Pace.of_function(context, seconds=request.seconds))
    if request.written is not None and request.measured is not None:
        return put_together(request.written, request.measured, bucket)
    return write([MeasuredStore.from_json(each) for each in json.loads(os.environ["STORES"])], bucket)
