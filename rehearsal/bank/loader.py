"""Filling the databases with a bank, in as few statements as the servers take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from rehearsal.bank.generator import Bank
from rehearsal.bank.ledger import Ledger
from rehearsal.bank.tables import Item, create_databases

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ITEMS_PER_CALL = 25
"""What DynamoDB takes in one BatchWriteItem."""

Progress = Callable[[int, int], None]
"""(rows and items done, of how many)."""


def load(
    connection: Connection[Cursor],
    dynamodb: DynamoDBClient,
    table_name: str,
    *,
    bank: Bank,
    stores: tuple[str, str],
    progress: Progress = lambda _done, _total: None,
) -> Ledger:
    """Create the databases and fill them and the table, which must exist. Returns what they hold now.

    `stores` are the ARNs under which the ledger knows the two.
    """
    mysql, items = stores
    ledger = Ledger()
    done, total = 0, sum(map(len, bank.rows.values())) + len(bank.items)
    create_databases(connection)
    for table, rows in bank.rows.items():
        with connection.cursor() as cursor:
            cursor.executemany(table.insert, rows)
        connection.commit()
        ledger.commit(((table, row) for row in rows), at=datetime.now(UTC), store=mysql)
        done += len(rows)
        progress(done, total)
    remaining = iter(bank.items)
    while batch := list(islice(remaining, ITEMS_PER_CALL)):
        _put(dynamodb, table_name, batch)
        ledger.commit(items=batch, at=datetime.now(UTC), store=items)
        done += len(batch)
        progress(done, total)
    return ledger


def _put(dynamodb: DynamoDBClient, table_name: str, items: list[Item]) -> None:
    """Until DynamoDB has taken all of them."""
    pending: Any = {table_name: [{"PutRequest": {"Item": item}} for item in items]}
    while pending:
        pending = dynamodb.batch_write_item(RequestItems=pending)["UnprocessedItems"]
