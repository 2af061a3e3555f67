"""What the bank knows it committed, where, and when; and so what any store must hold, at any moment.

The ledger is filled by the loader and the bank's services from what the databases acknowledged: every version of every row and
item, with the virtual moment and the store that took it. A store that was restored has an origin: the store and the moment its
data is of. So what it must hold is known without asking any manifest: the origin's rows of that moment, and what it took itself.

A write that was sent but never acknowledged may or may not exist: it counts as neither. Damage is not in the ledger.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from rehearsal.bank.tables import TABLES, Item, Row, Table, item_key

Written = Row | Item


@dataclass(frozen=True, slots=True)
class Entry:
    """One version. `committed` is the virtual moment of the acknowledgement, `store` the ARN of the store that gave it."""

    value: Written
    committed: datetime
    store: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What a restored store was made of."""

    store: str
    moment: datetime


@dataclass(slots=True)
class Account:
    """The versions of one table's rows, or of the items, by key and oldest first; and writes that were never acknowledged."""

    versions: dict[Hashable, list[Entry]] = field(default_factory=dict)
    uncertain: dict[tuple[str, Hashable], Written] = field(default_factory=dict)
    """By store and key: the value that was sent."""


class Ledger:
    """Everything acknowledged so far. Written by many threads; judged when they have stopped, or are quiet."""

    def __init__(self) -> None:
        self.rows: dict[Table, Account] = {table: Account() for table in TABLES}
        self.items = Account()
        self._origins: dict[str, Origin] = {}
        self._lock = threading.Lock()

    def begin(self, rows: Iterable[tuple[Table, Row]] = (), items: Iterable[Item] = (), *, store: str) -> None:
        """About to be sent: until `commit`, it counts as neither present nor lost."""
        with self._lock:
            for table, row in rows:
                self.rows[table].uncertain[store, row[0]] = row
            for item in items:
                self.items.uncertain[store, item_key(item)] = item

    def commit(self, rows: Iterable[tuple[Table, Row]] = (), items: Iterable[Item] = (), *, at: datetime, store: str) -> None:
        """Acknowledged."""
        with self._lock:
            for table, row in rows:
                _add(self.rows[table], row[0], Entry(row, at, store))
            for item in items:
                _add(self.items, item_key(item), Entry(item, at, store))

    def refused(self, rows: Iterable[tuple[Table, Row]] = (), items: Iterable[Item] = (), *, store: str) -> None:
        """Answered with a refusal: it is certain not to exist."""
        with self._lock:
            for table, row in rows:
                self.rows[table].uncertain.pop((store, row[0]), None)
            for item in items:
                self.items.uncertain.pop((store, item_key(item)), None)

    def restored(self, store: str, *, of: str, moment: datetime) -> None:
        """`store` was made from what `of` held at `moment`."""
        with self._lock:
            self._origins[store] = Origin(of, moment)

    def origin(self, store: str) -> Origin | None:
        return self._origins.get(store)

    def content(self, account: Account, store: str, moment: datetime | None = None) -> dict[Hashable, Entry]:
        """What a store must hold, or have held at `moment`: what it was made of, overlaid with what it took since."""
        origin = self._origins.get(store)
        held = self.content(account, origin.store, origin.moment) if origin else {}
        with self._lock:
            for key, versions in account.versions.items():
                for entry in versions:
                    if entry.store == store and (moment is None or entry.committed <= moment):
                        held[key] = entry
        return held

    def unsure(self, account: Account, store: str) -> dict[Hashable, Written]:
        """What was sent to a store and never acknowledged: it may be there or not. Services at work go on sending."""
        with self._lock:
            return {key: value for (where, key), value in account.uncertain.items() if where == store}

    def since(self, account: Account, store: str, moment: datetime) -> dict[Hashable, Entry]:
        """The newest version of what a store took after `moment`."""
        with self._lock:
            return {
                key: entry
                for key, versions in account.versions.items()
                for entry in versions
                if entry.store == store and entry.committed > moment
            }


def _add(account: Account, key: Hashable, entry: Entry) -> None:
    account.versions.setdefault(key, []).append(entry)
    account.uncertain.pop((entry.store, key), None)
