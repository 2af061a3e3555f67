"""Verifies a restored MySQL store against its manifest.

Event: `{"store", "host", "port", "bucket", "manifest_key"}`, and with a `moment` (see `verification`) the columns that date rows,
`"changes": {"database.table": {"created", "changed"}}`; environment: `DATABASE_USER`, `DATABASE_CA_BUNDLE`,
`INVARIANTS` (see `recovery.verify.invariants`). Answer:
`{"store", "verdict", "summary", "rows", "counted", "newest", "report_key", "levels"}`. A store that takes longer than the
function may run is *not checked*, and the report says what to do. DatabaseUnreachable is worth a retry; any other error is a
crash, and a crash is never a pass.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from recovery.functions.verification import Live, verify
from recovery.mysql import connect_several
from recovery.verify import invariants, mysql, replica
from recovery.verify.content import Content
from recovery.verify.gap import Gap
from recovery.verify.pace import Pace
from recovery.verify.result import Level


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    watch = Pace.of_function(context)

    def measure(expected: Content, gap: Gap | None) -> Live:
        host, port = event["host"], int(event["port"])
        like = mysql.Like(expected.chunk_counts(), gap, event.get("changes") or {}, expected.parts, expected.mode)
        with connect_several(host=host, port=port, user=os.environ["DATABASE_USER"]) as (connection, *beside):
            measured = mysql.measure(connection, like=like, beside=beside, watch=watch)
            meaning = invariants.check(connection, invariants.declared().get(event["store"], ()))
        return Live(measured.content, measured.dated, more=meaning)

    def look() -> tuple[replica.Replica, tuple[Level, ...]]:
        with connect_several(host=event["host"], port=int(event["port"]), user=os.environ["DATABASE_USER"]) as (connection, *_):
            found = replica.look_at_mysql(connection, event.get("changes") or {})
            return found, invariants.check(connection, invariants.declared().get(event["store"], ()))

    return verify(event, kind=mysql.KIND, measure=measure, look=look, unit="rows")
