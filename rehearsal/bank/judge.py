"""An independent judge of what a store holds: it reads the rows and items themselves and compares them with the ledger.

It knows nothing of manifests or checksums, so that it can convict the verifier too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import ER
from pymysql.cursors import Cursor

from rehearsal.bank.ledger import Account, Ledger, Written
from rehearsal.bank.tables import Item, Row, Table, item_key
from strategy.catalogue.names import HEARTBEAT_ATTRIBUTE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Counts:
    """Exact numbers of rows or items.

    `present` are there with the value they must have. `lost` were acknowledged by the store before, and are gone; of `present`,
    `reverted` had a newer value there. Both may be what a restore to an earlier moment must lose. What it must not: `missing`
    should have come back and did not, `altered` have a value they must not have, `unexpected` should not be there, or are twice.
    """

    present: int = 0
    lost: int = 0
    reverted: int = 0
    missing: int = 0
    altered: int = 0
    unexpected: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.present + other.present,
            self.lost + other.lost,
            self.reverted + other.reverted,
            self.missing + other.missing,
            self.altered + other.altered,
            self.unexpected + other.unexpected,
        )

    @property
    def sound(self) -> bool:
        """Exactly what must be there is there."""
        return not self.missing and not self.altered and not self.unexpected


def judge_rows(connection: Connection[Cursor], ledger: Ledger, store: str, *, before: str | None = None) -> dict[str, Counts]:
    """Every table of a MySQL store, by its name. `before` is the store that the bank used before; its origin when absent."""
    return {
        str(table): _judge(ledger, account, store, before, ((row[0], row) for row in read_table(connection, table)))
        for table, account in ledger.rows.items()
    }


def judge_items(dynamodb: DynamoDBClient, table_name: str, ledger: Ledger, store: str, *, before: str | None = None) -> Counts:
    """Every item of a DynamoDB store."""
    found = ((item_key(item), item) for item in read_items(dynamodb, table_name))
    return _judge(ledger, ledger.items, store, before, found)


def total(tables: Mapping[str, Counts]) -> Counts:
    return sum(tables.values(), Counts())


def read_table(connection: Connection[Cursor], table: Table) -> Iterable[Row]:
    """All rows; none when the table or its database is gone."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(table.select)
        except pymysql.err.MySQLError as error:
            if error.args[0] not in {ER.NO_SUCH_TABLE, ER.BAD_DB_ERROR}:
                raise
            return ()
        rows = cursor.fetchall()
        connection.rollback()
        return rows


def read_items(dynamodb: DynamoDBClient, table_name: str) -> list[Item]:
    """The bank's: the heartbeat's item is none of them."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table_name, ConsistentRead=True)
    scanned: list[Any] = [item for page in pages for item in page["Items"]]
    return [item for item in scanned if HEARTBEAT_ATTRIBUTE not in item]


def _judge(ledger: Ledger, account: Account, store: str, before: str | None, found: Iterable[tuple[Hashable, Written]]) -> Counts:
    """`had` is what the bank was told it has, to the end; `given` what of it a restore to the origin's moment brings back."""
    expected, origin = ledger.content(account, store), ledger.origin(store)
    given = ledger.content(account, origin.store, origin.moment) if origin else expected
    before = before or (origin.store if origin else store)
    had = ledger.content(account, before)
    maybe = ledger.unsure(account, store)
    outcome, seen = Counter[str](), set[Hashable]()
    for key, value in found:
        entry = expected.get(key)
        if key in seen or (entry is None and key not in maybe):
            outcome["unexpected"] += 1
        elif entry is not None and entry.value == value:
            outcome["present"] += 1
            outcome["reverted"] += key in had and key in given and had[key] is not given[key]
        elif maybe.get(key) != value:
            outcome["altered"] += 1
        seen.add(key)
    return Counts(
        outcome["present"],
        len(had.keys() - seen),
        outcome["reverted"],
        len(expected.keys() - seen),
        outcome["altered"],
        outcome["unexpected"],
    )
