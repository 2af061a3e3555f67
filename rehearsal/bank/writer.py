"""Customers at work: a thread that keeps committing until it is stopped, or the ground falls away under it.

Every write is in the ledger as uncertain before it is sent and as committed when it is acknowledged, with the virtual moment.
So, whenever the region dies, the ledger says exactly what the bank was told it had.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pymysql
from botocore.exceptions import BotoCoreError, ClientError
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from rehearsal.bank.generator import CLIENT_COUNT, TRANSACTION_COUNT, Generator
from rehearsal.bank.ledger import Ledger
from rehearsal.bank.tables import ACCOUNTS, CLIENTS, TRANSACTIONS, Row, Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PAUSE_SECONDS = 0.005
"""Real time between rounds: busy, without starving the machine the rehearsal runs on."""
GONE = (pymysql.err.MySQLError, BotoCoreError, ClientError, OSError)


class Writer:
    """Each round: a transaction; every fourth round a client with an account; every second round an audit item.

    Owns `connection` and closes it. `with Writer(…) as writer:` starts and stops it; a writer stops once.
    """

    def __init__(
        self,
        connection: Connection[Cursor],
        dynamodb: DynamoDBClient,
        table_name: str,
        ledger: Ledger,
        *,
        seed: int,
    ) -> None:
        self.ledger = ledger
        self.ended_by: BaseException | None = None
        """What made the writer stop before it was told to."""
        self._connection = connection
        self._dynamodb = dynamodb
        self._table_name = table_name
        self._make = Generator(f"writer {seed}")
        self._clients = [str(key) for key in ledger.rows[CLIENTS].entries]
        self._rounds = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bank-writer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Returns when the last write is acknowledged or given up; raises what the writer did not expect."""
        self._stopping.set()
        self._thread.join()
        if self.ended_by is not None and not isinstance(self.ended_by, GONE):
            raise self.ended_by

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def rounds(self) -> int:
        """Rounds that were acknowledged as a whole."""
        return self._rounds

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._round()
                self._rounds += 1
                self._stopping.wait(PAUSE_SECONDS)
        except BaseException as error:  # noqa: BLE001 - kept: `stop` raises what is not the death of a server
            self.ended_by = error
        finally:
            if self._connection.open:
                self._connection.close()

    def _round(self) -> None:
        number = self._rounds + 1
        now = datetime.now(UTC)
        if number % 4 == 0:
            client = self._make.client(CLIENT_COUNT + number, now)
            self._commit_rows((CLIENTS, client), (ACCOUNTS, self._make.account(client[0], now)))
            self._clients.append(client[0])
        who = self._make.random.choice(self._clients)
        row, _ = self._make.transaction(TRANSACTION_COUNT + number, who, Decimal(0), now)
        self._commit_rows((TRANSACTIONS, row))
        if number % 2 == 0:
            self._put_item(self._make.item(who, now))

    def _commit_rows(self, *rows: tuple[Table, Row]) -> None:
        self.ledger.begin(rows)
        with self._connection.cursor() as cursor:
            for table, row in rows:
                cursor.execute(table.insert, row)
        self._connection.commit()
        self.ledger.commit(rows, at=datetime.now(UTC))

    def _put_item(self, item: Any) -> None:
        self.ledger.begin(items=(item,))
        self._dynamodb.put_item(TableName=self._table_name, Item=item)
        self.ledger.commit(items=(item,), at=datetime.now(UTC))
