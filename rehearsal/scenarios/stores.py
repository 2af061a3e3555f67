"""The bank's two stores as their owner reaches them: the master user over TLS, and the table's own client."""

from __future__ import annotations

import json
import ssl
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from aws_rehearsal import Cloud, authority_path
from rehearsal.bank.connections import read_endpoint
from strategy import Strategy
from strategy.catalogue import names
from strategy.model.strategy import DynamoDbStore, MySqlStore


class Stores:
    """Endpoints and credentials are read from the region asked for, never remembered from another."""

    def __init__(self, cloud: Cloud, strategy: Strategy) -> None:
        self._cloud = cloud
        self._strategy = strategy
        self.mysql_store = next(store for store in strategy.stores if isinstance(store, MySqlStore))
        self.table_store = next(store for store in strategy.stores if isinstance(store, DynamoDbStore))
        self.instance_name = names.store(strategy.prefix, self.mysql_store.name)
        """Of the first one, and of what a region workflow makes."""
        self.table_name = names.store(strategy.prefix, self.table_store.name)
        self.function_of_mysql_verification = names.function(strategy.prefix, "verify-mysql")

    def arn(self, kind: str, region: str, name: str) -> str:
        """By which the ledger knows a store."""
        return names.store_arn(kind, region, self._strategy.account, name)

    def used(self, kind: str, region: str) -> str:
        """Name of the store that the application uses now, as the services read it."""
        store = self.mysql_store if kind == "mysql" else self.table_store
        name = names.endpoint(self._strategy.prefix, store.name)
        return str(read_endpoint(self._cloud.client("ssm", region), name)["resource"])

    def client(self, service: str, region: str) -> Any:
        return self._cloud.client(service, region)

    def dynamodb(self, region: str) -> Any:
        return self._cloud.client("dynamodb", region)

    def mysql(self, region: str, instance: str = "") -> Connection[Cursor]:
        """A new connection as the master user, with the password in the region's secret."""
        secrets, rds = self._cloud.client("secretsmanager", region), self._cloud.client("rds", region)
        name = names.database_secret(self._strategy.prefix, self.mysql_store.name)
        login = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
        described = rds.describe_db_instances(DBInstanceIdentifier=instance or self.instance_name)
        endpoint = described["DBInstances"][0]["Endpoint"]
        return pymysql.connect(
            host=endpoint["Address"],
            port=endpoint["Port"],
            user=login["username"],
            password=login["password"],
            ssl=ssl.create_default_context(cafile=str(authority_path(self._cloud.directory))),
            charset="utf8mb4",
            connect_timeout=120,
        )
