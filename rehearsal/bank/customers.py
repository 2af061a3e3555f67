"""What the bank's customers do, and so what its services write: one round at a time, each write in the ledger before and after.

A service changes its own database and writes an audit item. It knows the clients that were in the store when it was started.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from rehearsal.bank.connections import Connected
from rehearsal.bank.generator import CLIENT_COUNT, TRANSACTION_COUNT, USER_COUNT, Generator
from rehearsal.bank.ledger import Ledger
from rehearsal.bank.tables import ACCOUNTS, CLIENTS, TRANSACTIONS, USERS, Row, Table, stored


class Customers:
    """Of one service. The same seed makes the same customers; rounds are numbered over restarts, so that no key comes twice."""

    def __init__(self, service: str, ledger: Ledger, *, seed: int) -> None:
        self._ledger = ledger
        self._make = Generator(f"{service} service {seed}")
        self._work = {"user": self._user, "client": self._client, "transaction": self._transaction}.get(service, self._look)
        self._clients: list[str] = []

    def know(self, connected: Connected) -> None:
        """The clients there are in the store that the service uses now."""
        self._clients = _clients(connected.connection) if connected.connection is not None else []

    def work(self, connected: Connected, number: int) -> None:
        """One round. Raises what the stores raise."""
        self._work(connected, number)

    def _user(self, connected: Connected, number: int) -> None:
        """Somebody of the bank signs in: a row is changed."""
        now = datetime.now(UTC)
        key, at = self._make.random.randrange(1, USER_COUNT + 1), USERS.columns.index("last_login_at")
        change = partial(_with, {at: stored(now), len(USERS.columns) - 1: stored(now)})
        self._change(connected, USERS, key, change)
        if number % 4 == 0:
            self._put(connected, now)

    def _client(self, connected: Connected, number: int) -> None:
        """Every third round a new client with an account; else one moves house, and the row is changed."""
        now = datetime.now(UTC)
        if number % 3 == 0:
            client = self._make.client(CLIENT_COUNT + number, now)
            self._insert(connected, (CLIENTS, client), (ACCOUNTS, self._make.account(client[0], now)))
            self._clients.append(client[0])
        else:
            moved = {CLIENTS.columns.index("address"): f"{number} Movers' End", len(CLIENTS.columns) - 1: stored(now)}
            self._change(connected, CLIENTS, self._make.random.choice(self._clients), partial(_with, moved))
        self._put(connected, now)

    def _transaction(self, connected: Connected, number: int) -> None:
        now = datetime.now(UTC)
        who = self._make.random.choice(self._clients)
        row, _ = self._make.transaction(TRANSACTION_COUNT + number, who, Decimal(0), now)
        self._insert(connected, (TRANSACTIONS, row))
        if number % 2 == 0:
            self._put(connected, now)

    def _look(self, connected: Connected, _number: int) -> None:
        """Reads only."""
        if connected.connection is not None:
            with connected.connection.cursor() as cursor:
                cursor.execute("SELECT COUNT(*) FROM crm_users.users")
            connected.connection.rollback()

    def _insert(self, connected: Connected, *rows: tuple[Table, Row]) -> None:
        if connected.sql is None or connected.connection is None:
            return
        self._ledger.begin(rows, store=connected.sql.store)
        with connected.connection.cursor() as cursor:
            for table, row in rows:
                cursor.execute(table.insert, row)
        connected.connection.commit()
        self._ledger.commit(rows, at=datetime.now(UTC), store=connected.sql.store)

    def _change(self, connected: Connected, table: Table, key: Any, change: Callable[[Row], Row]) -> None:
        """Read, change, write, in one transaction; nothing when the row is not there."""
        if connected.sql is None or connected.connection is None:
            return
        with connected.connection.cursor() as cursor:
            cursor.execute(f"{table.select} WHERE `{table.columns[0]}` = %s FOR UPDATE", (key,))
            row = cursor.fetchone()
            if row is None:
                connected.connection.rollback()
                return
            rows = [(table, change(row))]
            self._ledger.begin(rows, store=connected.sql.store)
            cursor.execute(table.update, (*rows[0][1][1:], key))
        connected.connection.commit()
        self._ledger.commit(rows, at=datetime.now(UTC), store=connected.sql.store)

    def _put(self, connected: Connected, now: datetime) -> None:
        """The audit item of what was done."""
        if connected.items is None or not self._clients:
            return
        item = self._make.item(self._make.random.choice(self._clients), now)
        self._ledger.begin(items=(item,), store=connected.items.store)
        try:
            connected.items.put(item)
        except ClientError as error:
            if error.response["Error"]["Code"] == "AccessDeniedException":
                self._ledger.refused(items=(item,), store=connected.items.store)
            raise
        self._ledger.commit(items=(item,), at=datetime.now(UTC), store=connected.items.store)


def _clients(connection: Connection[Cursor]) -> list[str]:
    """The clients there are in the store that the service uses now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT client_id FROM crm_clients.clients ORDER BY client_id")
        found = [str(key) for (key,) in cursor.fetchall()]
    connection.rollback()
    return found


def _with(values: Mapping[int, Any], row: Row) -> Row:
    return tuple(values.get(index, value) for index, value in enumerate(row))
