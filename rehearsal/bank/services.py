"""The bank's services: one application server each, that behaves as the real one does when its database is moved.

At its start it reads, in its own region, where its stores are (the endpoint parameters) and its own password, and from then on
it knows nothing else: a pool that lost its connection tries the same address again, with the same password, until it is refused
for good; only a restart reads the endpoint anew. Every write is in the ledger as uncertain before it is sent and as committed
when it is acknowledged, with the virtual moment. So, whatever breaks, the ledger says what the bank was told it had.

Threads of this process stand in for the instances; `Application` is all of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pymysql
from botocore.exceptions import BotoCoreError, ClientError
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from rehearsal.bank.connections import Connected, Sql
from rehearsal.bank.customers import Customers
from rehearsal.bank.front import Front
from rehearsal.bank.ledger import Ledger

PAUSE_SECONDS = 0.1
"""Real time between rounds: busy, without starving the machine the rehearsal runs on."""
HANGS_SECONDS = 600.0
RETRIES = 3
RETRY_SECONDS = 0.1
GONE = (pymysql.err.MySQLError, BotoCoreError, ClientError, OSError)


class Service:
    """One application server. `find` looks up its stores anew; `name` decides what its customers do."""

    def __init__(self, name: str, find: Callable[[], Connected], ledger: Ledger, *, seed: int, first: int = 0) -> None:
        """`first`: where the numbers of its rounds begin, beyond those of whoever wrote before."""
        self.name = name
        self.ended_by: BaseException | None = None
        """What made it stop writing before it was told to; None after a restart."""
        self.rounds = 0
        """Rounds that were acknowledged as a whole, since the first start."""
        self.turn = threading.Lock()
        """Held during a round: who takes it holds the service still, with its connection open."""
        self._find = find
        self._attempts = first  # numbers what is made: a round that failed may have been committed all the same
        self._customers = Customers(name, ledger, seed=seed)
        self._connected: Connected | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._front: Front | None = None

    # ------------------------------------------------------------------ life
    def start(self) -> None:
        """Read endpoints and password, connect, and serve. What cannot connect ends at once, as `ended_by` tells.

        One that serves already goes on as it is.
        """
        if self.running:
            return
        self._stopping.clear()
        self.ended_by = None
        self._shut()
        try:
            self._connected = self._find()
        except GONE as error:
            self.ended_by = error
            return
        self._thread = threading.Thread(target=self._serve, args=(self._connected,), name=f"{self.name}-service", daemon=True)
        self._front = Front(self.path, self._read)
        self._thread.start()

    def end(self) -> None:
        """Returns when the last write is acknowledged or given up."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._shut()

    def stop(self) -> None:
        """`end`, and raise what the service did not expect."""
        self.end()
        if self.ended_by is not None and not isinstance(self.ended_by, GONE):
            raise self.ended_by

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def path(self) -> str:
        """The first part of the path of all that it answers, behind the region's load balancer."""
        return f"/{self.name}"

    @property
    def port(self) -> int:
        """Loopback port of its HTTP side; 0 while it does not run."""
        return self._front.port if self._front is not None and self.running else 0

    @property
    def key(self) -> str:
        """By which it knows its load balancer; "" while it does not run."""
        front = self._front
        return front.key if front is not None else ""

    @property
    def uses(self) -> set[str]:
        """ARNs of the stores it was told of at its start."""
        return {each.store for each in self._connected.stores} if self._connected else set()

    # ------------------------------------------------------------------ machinery
    def _read(self) -> dict[str, bool]:
        """Of each store that it was told of, whether it can be read from just now."""
        found = {}
        for each in self._connected.stores if self._connected else ():
            try:
                found[each.name] = each.readable()
            except GONE:
                found[each.name] = False
        return found

    def _shut(self) -> None:
        front, self._front = self._front, None
        if front is not None:
            front.close()

    def _serve(self, connected: Connected) -> None:
        try:
            self._customers.know(connected)
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
            self._customers.work(connected, self._attempts)
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


class Application:
    """All services of one region."""

    def __init__(self, services: Mapping[str, Service]) -> None:
        self.services = services

    def start(self) -> None:
        for each in self.services.values():
            each.start()

    def end(self) -> None:
        for each in self.services.values():
            each.end()

    def stop(self) -> None:
        for each in self.services.values():
            each.stop()

    def tried(self) -> None:
        """Returns when every service has given up or one has served, however long a loaded machine takes for it."""
        before, hangs = self.rounds, time.perf_counter() + HANGS_SECONDS
        while self.running and self.rounds == before and time.perf_counter() < hangs:
            time.sleep(PAUSE_SECONDS)

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
