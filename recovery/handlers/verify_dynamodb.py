"""Verifies a restored DynamoDB table against its manifest. Environment: `PIECE_ROWS` (see
`recovery.verify.sliced_verification`).
"""

from __future__ import annotations

from typing import Any

from recovery.lambda_runtime import handles
from recovery.verify.pace import Pace
from recovery.verify.restored_dynamodb import RestoredTable
from recovery.verify.verification import answer
from strategy.contracts.verify import MeasuredPiece, Pieces, Verdict, VerifyDynamoDbRequest


@handles(VerifyDynamoDbRequest.from_json)
def handler(request: VerifyDynamoDbRequest, context: Any) -> Verdict | Pieces | MeasuredPiece:
    return answer(request, RestoredTable(request, Pace.of_function(context, seconds=request.seconds)))
