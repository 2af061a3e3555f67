"""Writes the heartbeat's row into a MySQL server; in the VPC, signed in by an IAM token that is signed here, over TLS.

Environment: `DATABASE_USER`, `DATABASE_CA_BUNDLE`. Fails with DatabaseUnreachable, or with what the server says: database, table
and user are its administrator's to make.
"""

from __future__ import annotations

import os
from datetime import UTC

from recovery.lambda_runtime import handles
from recovery.mysql import connect
from recovery.verify.heartbeat import WRITE
from strategy.contracts.heartbeat import HeartbeatRowRequest, Nothing


@handles(HeartbeatRowRequest.from_json)
def handler(request: HeartbeatRowRequest, _context: object) -> Nothing:
    moment = request.moment.astimezone(UTC).replace(tzinfo=None)
    with connect(host=request.host, port=int(request.port), user=os.environ["DATABASE_USER"]) as connection:
        with connection.cursor() as cursor:
            cursor.execute(WRITE, (moment, moment))
        connection.commit()
    return Nothing()
