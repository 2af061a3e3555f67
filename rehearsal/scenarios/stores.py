"""The bank's two stores as their owner reaches them: the master user over TLS, and the table's own client."""

from __future__ import annotations

import json
import ssl
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from rehearsal.cloud import Cloud
from rehearsal.cloud.rds import authority_path
from strategy import Strategy, naming
from strategy.model import DynamoDbStore, MySqlStore


class Stores:
    """Endpoints and credentials are read from the region asked for, never remembered from another."""

    def __init__(self, cloud: Cloud, strategy: Strategy) -> None:
        self._cloud = cloud
        self._mysql = next(store for store in strategy.stores if isinstance(store, MySqlStore))
        table = next(store for store in strategy.stores if isinstance(store, DynamoDbStore))
        self._prefix = strategy.prefix
        self.table_name = naming.store(strategy.prefix, table.name)
        self.function_of_mysql_verification = naming.function(strategy.prefix, "verify-mysql")

    def dynamodb(self, region: str) -> Any:
        return self._cloud.client("dynamodb", region)

    def mysql(self, region: str) -> Connection[Cursor]:
        """A new connection as the master user, with the password in the region's secret."""
        secrets, rds = self._cloud.client("secretsmanager", region), self._cloud.client("rds", region)
        name = naming.database_secret(self._prefix, self._mysql.name)
        login = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
        instance = naming.store(self._prefix, self._mysql.name)
        endpoint = rds.describe_db_instances(DBInstanceIdentifier=instance)["DBInstances"][0]["Endpoint"]
        return pymysql.connect(
            host=endpoint["Address"],
            port=endpoint["Port"],
            user=login["username"],
            password=login["password"],
            ssl=ssl.create_default_context(cafile=str(authority_path(self._cloud.directory))),
            charset="utf8mb4",
            connect_timeout=10,
        )
