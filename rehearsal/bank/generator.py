"""The bank's data from a seed: the same seed, the same rows and items, on every machine and every day.

Money adds up: an account's balance is its first deposit and its client's completed transactions, and never below zero.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from rehearsal.bank.tables import ACCOUNTS, CLIENTS, OPERATIONS, TRANSACTIONS, USERS, Item, Row, Table, stored

USER_COUNT = 40
CLIENT_COUNT = 2_000
TRANSACTION_COUNT = 20_000
ITEM_COUNT = 2_000
HISTORY_END = datetime(2026, 11, 1, tzinfo=UTC)
HISTORY = timedelta(days=365)
AUDIT_KEPT = timedelta(days=7 * 365)

_FIRST = ("Avel", "Brinn", "Çedra", "Døri", "Elún", "Fenno", "Gïsa", "Hollin", "Ivara", "Jorrel", "Kæla", "Lumo")
_LAST = ("Tarrow", "Quillfen", "Marsk", "Öndvey", "Pellane", "Rusk", "Sorrelby", "Thand", "Umber-Lys", "Vex", "O'Wynd", "Zarne")
_STREETS = ("Lantern Row", "Kestrel Lane 🪁", "Old Mill Way", "Harbour Steps", "Façade Street")
_CITIES = (("Northhaven", None), ("Port Ambrel", "Ambrel"), ("Sélune", "Highmark"), ("Westmere", ""))
_ATTRIBUTES = ("address", "email", "phone_number", "last_name", "verified")


@dataclass(frozen=True, slots=True)
class Bank:
    """Everything there is at the start."""

    rows: dict[Table, list[Row]]
    items: list[Item]

    def branch(self, rows: int, items: int) -> Bank:
        """The first so many of each table's rows, of those clients alone, and of the items: where size is not the point."""
        clients = {row[0] for row in self.rows[CLIENTS][:rows]}
        theirs = [row for row in self.rows[TRANSACTIONS] if row[TRANSACTIONS.columns.index("client_id")] in clients]
        return Bank({table: each[:rows] for table, each in (self.rows | {TRANSACTIONS: theirs}).items()}, self.items[:items])


class Generator:
    """Makes the rows and items of one bank, in order; the writer goes on with one of its own."""

    def __init__(self, seed: int | str) -> None:
        self.random = random.Random(seed)
        self._numbered = 0

    def user(self, number: int) -> Row:
        created = stored(HISTORY_END - self._ago())
        login = None if self.random.random() < 0.2 else stored(HISTORY_END - timedelta(seconds=self.random.randrange(86_400)))
        role, status = ("ADMIN" if number <= 4 else "AGENT"), ("DISABLED" if self.random.random() < 0.1 else "ACTIVE")
        names = self.random.choice(_FIRST), self.random.choice(_LAST)
        return (number, f"user{number}@banking-buddy.example", *names, role, status, login, created, created)

    def client(self, number: int, moment: datetime) -> Row:
        pick = self.random.choice
        city, state = pick(_CITIES)
        born = datetime(1940, 1, 1, tzinfo=UTC).date() + timedelta(days=self.random.randrange(24_000))
        address = f"{self.random.randrange(1, 400)} {pick(_STREETS)}"
        names = (pick(_FIRST), pick(_LAST), born, pick(("FEMALE", "MALE", "NON_BINARY", "NOT_SAID")))
        reach = (
            f"client{number}@clients.example",
            f"+65 0{number:07d}",
            address,
            city,
            state,
            "Singapore",
            f"{number % 10**6:06d}",
        )
        flags = (int(self.random.random() < 0.8), int(self.random.random() < 0.05))
        return (
            self.identity("CLT"),
            self.random.randrange(5, USER_COUNT + 1),
            *names,
            *reach,
            *flags,
            stored(moment),
            stored(moment),
        )

    def account(self, client_id: str, moment: datetime) -> Row:
        deposit = self._money(100_000)
        kind = self.random.choice(("SAVINGS", "CHECKING", "BUSINESS"))
        status, branch = self.random.choice(("ACTIVE", "ACTIVE", "INACTIVE")), f"BR-{self.random.randrange(1, 30):03d}"
        opened = (moment.date(), deposit, deposit, "SGD", branch, stored(moment), stored(moment))
        return (self.identity("ACC"), client_id, kind, status, *opened)

    def transaction(self, number: int, client_id: str, balance: Decimal, moment: datetime) -> tuple[Row, Decimal]:
        """The row, and the balance after it."""
        status = self.random.choices(("COMPLETED", "PENDING", "FAILED"), (90, 7, 3))[0]
        withdrawal = balance >= 1 and self.random.random() < 0.45
        amount = self._money(min(500_000, int(balance * 100))) if withdrawal else self._money(500_000)
        change = -amount if withdrawal else amount
        row = (number, client_id, "WITHDRAWAL" if withdrawal else "DEPOSIT", amount, stored(moment), status)
        return row, balance + change if status == "COMPLETED" else balance

    def item(self, client_id: str, moment: datetime) -> Item:
        """An audit item; its sort key carries microseconds and a number, so that no two of a client collide."""
        self._numbered += 1
        attribute, operation = self.random.choice(_ATTRIBUTES), self.random.choice(OPERATIONS)
        text = {
            "client_id": client_id,
            "timestamp": f"{stored(moment).isoformat(timespec='microseconds')}Z#{self._numbered:06d}",
            "log_id": self.identity("LOG"),
            "agent_id": str(self.random.randrange(5, USER_COUNT + 1)),
            "crud_operation": operation,
            "attribute_name": attribute,
            "before_value": "" if operation == "CREATE" else f"{attribute} before {self._numbered}",
            "after_value": "" if operation == "DELETE" else f"{attribute} after {self._numbered}",
            "source_service": self.random.choice(("client-service", "transaction-service", "user-service")),
        }
        expires = {"ttl": {"N": str(int((moment + AUDIT_KEPT).timestamp()))}}
        return {name: {"S": value} for name, value in text.items()} | expires

    def identity(self, prefix: str) -> str:
        return f"{prefix}-{uuid.UUID(int=self.random.getrandbits(128), version=4)}"

    def _money(self, most_cents: int) -> Decimal:
        return Decimal(self.random.randint(1, most_cents)) / 100

    def _ago(self) -> timedelta:
        return timedelta(microseconds=self.random.randrange(1, int(HISTORY.total_seconds()) * 10**6))


def generate(seed: int) -> Bank:
    """The bank of a seed: 40 users, 2,000 clients with an account each, 20,000 transactions, 2,000 audit items."""
    make = Generator(seed)
    beginning = HISTORY_END - HISTORY
    users = [make.user(number) for number in range(1, USER_COUNT + 1)]
    clients = [make.client(number, beginning + timedelta(seconds=number)) for number in range(1, CLIENT_COUNT + 1)]
    accounts = [make.account(row[0], beginning + timedelta(days=1, seconds=n)) for n, row in enumerate(clients)]
    balances = [row[ACCOUNTS.columns.index("balance")] for row in accounts]
    first = beginning + timedelta(days=2)
    step = (HISTORY_END - first) / TRANSACTION_COUNT
    transactions = []
    for number in range(1, TRANSACTION_COUNT + 1):
        who = make.random.randrange(CLIENT_COUNT)
        row, balances[who] = make.transaction(number, clients[who][0], balances[who], first + step * number)
        transactions.append(row)
    at = ACCOUNTS.columns.index("balance")
    accounts = [(*row[:at], balance, *row[at + 1 :]) for row, balance in zip(accounts, balances, strict=True)]
    step = (HISTORY_END - first) / ITEM_COUNT
    items = [make.item(make.random.choice(clients)[0], first + step * number) for number in range(ITEM_COUNT)]
    return Bank({USERS: users, CLIENTS: clients, ACCOUNTS: accounts, TRANSACTIONS: transactions}, items)
