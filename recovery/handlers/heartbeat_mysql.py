"""Writes the heartbeat's row into a MySQL server; in the VPC, signed in by an IAM token that is signed here, over TLS.

Event: `{"host", "port", "moment"}`, the moment ISO with its zone. Environment: `DATABASE_USER`, `DATABASE_CA_BUNDLE`. Answer:
`{}`. Fails with DatabaseUnreachable, or with what the server says: database, table and user are its administrator's to make.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from recovery.mysql import connect
from recovery.verify.heartbeat import WRITE


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    moment = datetime.fromisoformat(event["moment"]).astimezone(UTC).replace(tzinfo=None)
    with connect(host=event["host"], port=int(event["port"]), user=os.environ["DATABASE_USER"]) as connection:
        with connection.cursor() as cursor:
            cursor.execute(WRITE, (moment, moment))
        connection.commit()
    return {}
