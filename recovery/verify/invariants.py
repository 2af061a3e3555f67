"""The bank's own truths, asked of the data itself: a restore can equal its manifest and still be of no use.

An invariant is a query of the strategy that lists the keys of what offends it (`InvariantQuery`). It holds when
there is nothing to list. What cannot be asked is *not checked*: silence of a query that did not run proves nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from recovery.mysql import snapshots
from recovery.verify.result import Finding, Level, Verdict
from strategy.contracts.verify import InvariantQuery, Invariants

LEVEL = "meaning"
MOST_COUNTED = 1_000
"""Offending rows are counted so far: beyond, the number changes nothing."""
MOST_SHOWN = 5


def check(connection: Connection[Cursor], invariants: Sequence[InvariantQuery]) -> tuple[Level, ...]:
    """One level over all of them, from one snapshot; none where the strategy asks for none.

    The keys of what offends go into the findings' `keys`, which only the report in the evidence bucket carries.
    """
    if not invariants:
        return ()
    findings, unasked = list[Finding](), list[str]()
    try:
        with snapshots(connection, (), lambda _: ()) as (cursor,):
            for each in invariants:
                try:
                    findings += _offences(cursor, each)
                except pymysql.err.MySQLError as error:
                    unasked.append(f"{each.name}: {_said(error)}")
                    if not connection.open:
                        raise
    except (pymysql.err.MySQLError, OSError) as error:
        unasked.append(_said(error))
    return (_level(len(invariants), tuple(findings), unasked),)


def _level(asked: int, findings: tuple[Finding, ...], unasked: Sequence[str]) -> Level:
    if findings:
        return Level(LEVEL, Verdict.FAILED, f"{len(findings)} of {asked} invariants do not hold", findings)
    if unasked:
        return Level(LEVEL, Verdict.NOT_CHECKED, f"could not be asked: {'; '.join(unasked)}")
    return Level(LEVEL, Verdict.PASSED, f"{asked} invariants hold")


def _offences(cursor: Cursor, invariant: InvariantQuery) -> list[Finding]:
    """In a derived table, which only a query can be; on a line of its own, so that a comment at its end hides nothing."""
    cursor.execute(f"SELECT * FROM (\n{invariant.offending}\n) AS offending LIMIT {MOST_COUNTED + 1}")  # noqa: S608
    rows = cursor.fetchall()
    if not rows:
        return []
    count = f"more than {MOST_COUNTED:,} rows" if len(rows) > MOST_COUNTED else f"{len(rows):,} row{'s' * (len(rows) > 1)}"
    keys = tuple(" ".join(map(str, row)) for row in rows[:MOST_SHOWN])
    return [Finding(f"invariant {invariant.name}", f"does not hold for {count}: {invariant.meaning}", keys)]


def _said(error: Exception) -> str:
    """The number and the kind, not the server's text, which may quote values."""
    number = error.args[0] if error.args else ""
    return f"{type(error).__name__} {number}".strip()


def declared(environment: Mapping[str, str] | None = None) -> Invariants:
    """By store, as the stack wrote them into the function's environment (`INVARIANTS`, JSON); none where it wrote none."""
    found = json.loads((environment or os.environ).get("INVARIANTS", "{}"))
    return {store: tuple(InvariantQuery.from_json(each) for each in queries) for store, queries in found.items()}
