"""The bank's services: one application server each, that behaves as the real one does when its database is moved.

At its start it reads, in its own region, where its stores are (the endpoint parameters) and its own password, and from then on
it knows nothing else: a pool that lost its connection tries the same address again, with the same password, until it is refused
for good; only a restart reads the endpoint anew. Every write is in the ledger as uncertain before it is sent and as committed
when it is acknowledged, with the virtual moment. So, whatever breaks, the ledger says what the bank was told it had.

Threads of this process stand in for the instances; `Application` is all of them.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pymysql
from botocore.exceptions import BotoCoreError, ClientError
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from rehearsal.bank.generator import CLIENT_COUNT, TRANSACTION_COUNT, Generator
from rehearsal.bank.ledger import Ledger
from rehearsal.bank.tables import ACCOUNTS, CLIENTS, TRANSACTIONS, USERS, Item, Row, Table, stored

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PAUSE_SECONDS = 0.02
"""Real time between rounds: busy, without starving the machine the rehearsal runs on."""
RETRIES = 3
RETRY_SECONDS = 0.1
GONE = (pymysql.err.MySQLError, BotoCoreError, ClientError, OSError)


@dataclass(frozen=True, slots=True)
class Sql:
    """A MySQL store as a service knows it since its start."""

    store: str
    """ARN."""
    host: str
    port: int
    user: str
    password: str
    authority: str

    def connect(self) -> Connection[Cursor]:
        return pymysql.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            ssl=ssl.create_default_context(cafile=self.authority),
            charset="utf8mb4",
            connect_timeout=10,
            program_name=self.user,
        )


@dataclass(frozen=True, slots=True)
class Items:
    """A DynamoDB store as a service knows it since its start."""

    store: str
    """ARN."""
    table: str
    client: DynamoDBClient

    def put(self, item: Item) -> None:
        self.client.put_item(TableName=self.table, Item=item)


class Connected:
    """What one start of a service gave it. Its pool has one connection."""

    def __init__(self, sql: Sql | None, items: Items | None) -> None:
        self.sql, self.items = sql, items
        self.connection = sql.connect() if sql else None

    def close(self) -> None:
        if self.connection is not None and self.connection.open:
            self.connection.close()


class Service:
    """One application server. `find` looks up its stores anew; `name` decides what its customers do."""

    def __init__(self, name: str, find: Callable[[], Connected], ledger: Ledger, *, seed: int) -> None:
        self.name = name
        self.ended_by: BaseException | None = None
        """What made it stop writing before it was told to; None after a restart."""
        self.rounds = 0
        """Rounds that were acknowledged as a whole, since the first start."""
        self.turn = threading.Lock()
        """Held during a round: who takes it holds the service still, with its connection open."""
        self._find = find
        self._attempts = 0  # numbers what is made: a round that failed may have been committed all the same
        self._ledger = ledger
        self._make = Generator(f"{name} service {seed}")
        self._work = {"user": self._user, "client": self._client, "transaction": self._transaction}.get(name, self._look)
        self._connected: Connected | None = None
        self._clients: list[str] = []
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    # ------------------------------------------------------------------ life
    def start(self) -> None:
        """Read endpoints and password, connect, and serve. What cannot connect ends at once, as `ended_by` tells."""
        self._stopping.clear()
        self.ended_by = None
        try:
            self._connected = self._find()
        except GONE as error:
            self.ended_by = error
            return
        self._thread = threading.Thread(target=self._serve, args=(self._connected,), name=f"{self.name}-service", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Returns when the last write is acknowledged or given up; raises what the service did not expect."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self.ended_by is not None and not isinstance(self.ended_by, GONE):
            raise self.ended_by

    def restart(self) -> None:
        self.stop()
        self.start()

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def uses(self) -> set[str]:
        """ARNs of the stores it was told of at its start."""
        known = (self._connected.sql, self._connected.items) if self._connected else ()
        return {each.store for each in known if each}

    # ------------------------------------------------------------------ machinery
    def _serve(self, connected: Connected) -> None:
        try:
            if connected.connection is not None:
                self._clients = _clients(connected.connection)
            while not self._stopping.is_set():
                with self.turn:
                    self._round(connected)
                self._stopping.wait(PAUSE_SECONDS)
        except BaseException as error:  # noqa: BLE001 - kept: `stop` raises what is not the end of a store
            self.ended_by = error
        finally:
            connected.close()

    def _round(self, connected: Connected) -> None:
        self._attempts += 1
        try:
            self._work(connected, self._attempts)
            self.rounds += 1
        except pymysql.err.MySQLError:
            if connected.sql is None or self._stopping.is_set():
                raise
            connected.close()
            connected.connection = self._again(connected.sql)

    def _again(self, sql: Sql) -> Connection[Cursor]:
        """A pool's reconnect: the address it knows, a few times. The last refusal is the end."""
        for _ in range(RETRIES - 1):
            try:
                return sql.connect()
            except pymysql.err.MySQLError:
                self._stopping.wait(RETRY_SECONDS)
        return sql.connect()

    # ------------------------------------------------------------------ what customers do
    def _user(self, connected: Connected, number: int) -> None:
        """Somebody of the bank signs in: a row is changed."""
        now = datetime.now(UTC)
        key, at = self._make.random.randrange(1, 41), USERS.columns.index("last_login_at")
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

    def _change(self, connected: Connected, table: Table, key: Any, change: Any) -> None:
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


class Application:
    """All services of one region."""

    def __init__(self, services: Mapping[str, Service]) -> None:
        self.services = services

    def start(self) -> None:
        for each in self.services.values():
            each.start()

    def stop(self) -> None:
        for each in self.services.values():
            each.stop()

    @property
    def rounds(self) -> int:
        return sum(each.rounds for each in self.services.values())

    @property
    def running(self) -> bool:
        return any(each.running for each in self.services.values())

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nothing is being written: every service is between two rounds, with its connection open."""
        taken: list[threading.Lock] = []
        try:
            for each in self.services.values():
                each.turn.acquire()
                taken.append(each.turn)
            yield
        finally:
            for turn in taken:
                turn.release()


def read_endpoint(ssm: Any, name: str) -> dict[str, Any]:
    """An endpoint parameter: `resource`, and for MySQL `host` and `port`."""
    value: dict[str, Any] = json.loads(ssm.get_parameter(Name=name)["Parameter"]["Value"])
    return value


def _clients(connection: Connection[Cursor]) -> list[str]:
    """The clients there are in the store that the service uses now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT client_id FROM crm_clients.clients ORDER BY client_id")
        found = [str(key) for (key,) in cursor.fetchall()]
    connection.rollback()
    return found


def _with(values: Mapping[int, Any], row: Row) -> Row:
    return tuple(values.get(index, value) for index, value in enumerate(row))
