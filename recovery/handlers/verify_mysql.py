"""Verifies a restored MySQL store against its manifest.

Environment: `DATABASE_USER`, `DATABASE_CA_BUNDLE`, `INVARIANTS` (see `recovery.verify.invariants`), `PIECE_ROWS` (see
`recovery.verify.sliced_verification`). A store that takes longer than the function may run is *not checked*, and the report says
what to do. DatabaseUnreachable is worth a retry; any other error is a crash, and a crash is never a pass.
"""

from __future__ import annotations

from typing import Any

from recovery.lambda_runtime import handles
from recovery.verify.pace import Pace
from recovery.verify.restored_mysql import RestoredServer
from recovery.verify.verification import answer
from strategy.contracts.verify import MeasuredPiece, Pieces, Verdict, VerifyMySqlRequest


@handles(VerifyMySqlRequest.from_json)
def handler(request: VerifyMySqlRequest, context: Any) -> Verdict | Pieces | MeasuredPiece:
    return answer(request, RestoredServer(request, Pace.of_function(context, seconds=request.seconds)))
