"""What a service of the bank knows of its stores, from its start to its end: addresses, its own password, open connections."""

from __future__ import annotations

import contextlib
import json
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pymysql
from botocore.exceptions import ClientError
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from rehearsal.bank.tables import OPERATIONS, Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


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
    name: str = "mysql"
    """In the strategy."""

    def connect(self) -> Connection[Cursor]:
        return pymysql.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            ssl=ssl.create_default_context(cafile=self.authority),
            charset="utf8mb4",
            connect_timeout=120,
            program_name=self.user,
        )

    def readable(self) -> bool:
        """Whether a row can be read now, with a new connection."""
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT client_id FROM crm_clients.clients LIMIT 1")
            return cursor.fetchone() is not None


@dataclass(frozen=True, slots=True)
class Items:
    """A DynamoDB store as a service knows it since its start."""

    store: str
    """ARN."""
    table: str
    client: DynamoDBClient
    name: str = "audit-logs"
    """In the strategy."""

    def put(self, item: Item) -> None:
        self.client.put_item(TableName=self.table, Item=item)

    def readable(self) -> bool:
        """Whether an item can be read now, as the service's role allows it: by a key of an index, never by a scan.

        Tried thrice, as an SDK does: a read that meets a write fails in moto now and then.
        """
        for _ in range(2):
            with contextlib.suppress(ClientError):
                return self._finds_an_item()
        return self._finds_an_item()

    def _finds_an_item(self) -> bool:
        return any(
            self.client.query(
                TableName=self.table,
                IndexName="OperationIndex",
                KeyConditionExpression="crud_operation = :operation",
                ExpressionAttributeValues={":operation": {"S": each}},
                Limit=1,
            )["Count"]
            for each in OPERATIONS
        )


class Connected:
    """What one start of a service gave it. Its pool has one connection."""

    def __init__(self, sql: Sql | None, items: Items | None) -> None:
        self.sql, self.items = sql, items
        self.connection = sql.connect() if sql else None

    @property
    def stores(self) -> tuple[Sql | Items, ...]:
        return tuple(each for each in (self.sql, self.items) if each)

    def close(self) -> None:
        if self.connection is not None and self.connection.open:
            self.connection.close()


def read_endpoint(ssm: Any, name: str) -> dict[str, Any]:
    """An endpoint parameter: `resource`, and for MySQL `host` and `port`."""
    value: dict[str, Any] = json.loads(ssm.get_parameter(Name=name)["Parameter"]["Value"])
    return value
