"""What the bank knows it committed, and an independent judge of what came back.

The ledger is filled by the loader and the writer from what the databases acknowledged. The judge reads the restored rows and
items themselves and compares values; it knows nothing of manifests or checksums, so that it can convict the verifier too. A
write that was sent but never acknowledged may or may not exist: it counts as neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import ER
from pymysql.cursors import Cursor

from rehearsal.bank.tables import TABLES, Item, Row, Table, item_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Entry:
    """`committed` is the virtual moment of the acknowledgement."""

    value: Row | Item
    committed: datetime


@dataclass(slots=True)
class Account:
    """The entries of one table, or of the items, by key; and the keys of writes that were never acknowledged."""

    entries: dict[Hashable, Entry] = field(default_factory=dict)
    uncertain: set[Hashable] = field(default_factory=set)


class Ledger:
    """Everything acknowledged so far. Written by one thread at a time; judged when that thread has stopped."""

    def __init__(self) -> None:
        self.rows: dict[Table, Account] = {table: Account() for table in TABLES}
        self.items = Account()

    def begin(self, rows: Iterable[tuple[Table, Row]] = (), items: Iterable[Item] = ()) -> None:
        """About to be sent: until `commit`, it counts as neither present nor lost."""
        for table, row in rows:
            self.rows[table].uncertain.add(row[0])
        self.items.uncertain.update(map(item_key, items))

    def commit(self, rows: Iterable[tuple[Table, Row]] = (), items: Iterable[Item] = (), *, at: datetime) -> None:
        """Acknowledged."""
        for table, row in rows:
            self.rows[table].entries[row[0]] = Entry(row, at)
            self.rows[table].uncertain.discard(row[0])
        for item in items:
            self.items.entries[item_key(item)] = Entry(item, at)
            self.items.uncertain.discard(item_key(item))


@dataclass(frozen=True, slots=True)
class Counts:
    """Exact numbers. `unexpected` were never written by the bank, or came back twice."""

    present: int = 0
    lost: int = 0
    altered: int = 0
    unexpected: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.present + other.present,
            self.lost + other.lost,
            self.altered + other.altered,
            self.unexpected + other.unexpected,
        )

    @property
    def sound(self) -> bool:
        """What came back is what was written; something may still be lost."""
        return not self.altered and not self.unexpected


@dataclass(frozen=True, slots=True)
class Judgement:
    """`newest_present` and `oldest_lost` are commit moments: between them lies the moment that was recovered to."""

    tables: Mapping[str, Counts]
    items: Counts
    newest_present: datetime | None
    oldest_lost: datetime | None

    @property
    def rows(self) -> Counts:
        return sum(self.tables.values(), Counts())


def judge(connection: Connection[Cursor], dynamodb: DynamoDBClient, table_name: str, ledger: Ledger) -> Judgement:
    """Read everything that came back and hold it against the ledger."""
    tables, moments = {}, list[tuple[datetime, bool]]()
    for table, account in ledger.rows.items():
        found = ((row[0], row) for row in _read(connection, table))
        tables[str(table)] = _judge(account, found, moments)
    pages = dynamodb.get_paginator("scan").paginate(TableName=table_name, ConsistentRead=True)
    scanned: list[Any] = [item for page in pages for item in page["Items"]]
    items = _judge(ledger.items, ((item_key(item), item) for item in scanned), moments)
    present = [moment for moment, here in moments if here]
    lost = [moment for moment, here in moments if not here]
    return Judgement(tables, items, max(present, default=None), min(lost, default=None))


def _judge(account: Account, found: Iterable[tuple[Hashable, Any]], moments: list[tuple[datetime, bool]]) -> Counts:
    outcome = Counter[str]()
    seen = set[Hashable]()
    for key, value in found:
        entry = account.entries.get(key)
        if key in seen or (entry is None and key not in account.uncertain):
            outcome["unexpected"] += 1
        elif entry is not None:
            outcome["present" if entry.value == value else "altered"] += 1
        seen.add(key)
    moments.extend((entry.committed, key in seen) for key, entry in account.entries.items())
    lost = len(account.entries.keys() - seen)
    return Counts(outcome["present"], lost, outcome["altered"], outcome["unexpected"])


def _read(connection: Connection[Cursor], table: Table) -> Iterable[Row]:
    """All rows; none when the table or its database is gone, for then they are all lost."""
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
