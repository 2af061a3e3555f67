"""Verifies a restored MySQL store against its manifest.

Event: `{"store", "host", "port", "bucket", "manifest_key"}`; environment: `DATABASE_USER`, `DATABASE_CA_BUNDLE`. Answer:
`{"store", "verdict", "summary", "rows", "report_key", "levels"}`. DatabaseUnreachable is worth a retry; any other error is a
crash, and a crash is never a pass.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from recovery.functions.verification import verify
from recovery.mysql import connect
from recovery.verify import mysql
from recovery.verify.content import Content


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    def measure(expected: Content) -> Content:
        host, port = event["host"], int(event["port"])
        with connect(host=host, port=port, user=os.environ["DATABASE_USER"]) as connection:
            return mysql.measure(connection, chunks=expected.chunk_counts()).content

    return verify(
        store=event["store"],
        kind=mysql.KIND,
        bucket=event["bucket"],
        manifest_key=event["manifest_key"],
        measure=measure,
        unit="rows",
    )
