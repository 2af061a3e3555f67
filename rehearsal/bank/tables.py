"""The bank's tables: their names, the columns that are written, and how their rows and items are made.

Generated columns are left to the server; the manifest covers them. A row is a tuple in the order of its table's columns, with the
Python values that PyMySQL reads back: naive datetimes, which mean UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from typing import Any

from pymysql.connections import Connection
from pymysql.cursors import Cursor

Row = tuple[Any, ...]
Item = dict[str, dict[str, str]]
"""An audit item as the DynamoDB client takes it: `{"client_id": {"S": "CLT-…"}, …}`."""


@dataclass(frozen=True, slots=True)
class Table:
    """The key is the first column."""

    database: str
    name: str
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.database}.{self.name}"

    @property
    def insert(self) -> str:
        values = ", ".join(["%s"] * len(self.columns))
        return f"INSERT INTO {self} ({self._quoted}) VALUES ({values})"  # noqa: S608 - names are ours

    @property
    def update(self) -> str:
        """All columns but the key, of one row by its key."""
        values = ", ".join(f"`{column}` = %s" for column in self.columns[1:])
        return f"UPDATE {self} SET {values} WHERE `{self.columns[0]}` = %s"  # noqa: S608 - names are ours

    @property
    def select(self) -> str:
        return f"SELECT {self._quoted} FROM {self}"  # noqa: S608 - names are ours

    @property
    def _quoted(self) -> str:
        return ", ".join(f"`{column}`" for column in self.columns)


USERS = Table("crm_users", "users", ("id", "email", "first_name", "last_name", "role", "status", "last_login_at",
                                     "created_at", "updated_at"))  # fmt: skip
CLIENTS = Table("crm_clients", "clients", ("client_id", "agent_id", "first_name", "last_name", "date_of_birth", "gender", "email",
                                           "phone_number", "address", "city", "state", "country", "postal_code", "verified",
                                           "deleted", "created_at", "updated_at"))  # fmt: skip
ACCOUNTS = Table("crm_clients", "accounts", ("account_id", "client_id", "account_type", "account_status", "opening_date",
                                             "initial_deposit", "balance", "currency", "branch_id", "created_at",
                                             "updated_at"))  # fmt: skip
TRANSACTIONS = Table("crm_transactions", "transactions", ("id", "client_id", "transaction", "amount", "date", "status"))
TABLES = (USERS, CLIENTS, ACCOUNTS, TRANSACTIONS)
"""In an order in which foreign keys can be filled."""
OPERATIONS = ("CREATE", "READ", "UPDATE", "DELETE")
"""What an audit item may say was done."""
DATABASES = ("crm_users", "crm_clients", "crm_transactions")


def create_databases(connection: Connection[Cursor]) -> None:
    """Run the SQL files. They fail on a server that already holds the bank: nothing is overwritten."""
    with connection.cursor() as cursor:
        for database in DATABASES:
            script = resources.files("rehearsal.bank").joinpath("schema", f"{database}.sql").read_text()
            for statement in filter(str.strip, script.split(";\n")):
                cursor.execute(statement)


def stored(moment: datetime) -> datetime:
    """A moment as a DATETIME(6) holds it."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def item_key(item: Item) -> tuple[str, str]:
    return item["client_id"]["S"], item["timestamp"]["S"]
