"""A throw-away MariaDB with TLS for tests of SQL: started once per session, emptied by whoever uses it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from aws_rehearsal.rds.certificates import Authority
from aws_rehearsal.rds.mariadb import HOST, Server, initialise

USER, PASSWORD = "tester", "tester"
SYSTEM = ("information_schema", "mysql", "performance_schema", "sys")


@dataclass(frozen=True, slots=True)
class Database:
    """A running server, and the certificate by which it can be verified."""

    server: Server
    authority: Path
    host: str = "localhost"

    @property
    def port(self) -> int:
        return self.server.port

    def kill(self) -> None:
        self.server.kill()

    def start(self) -> None:
        self.server.start()

    def connect(self, **options: Any) -> Connection[Cursor]:
        return pymysql.connect(host=HOST, port=self.port, user=USER, password=PASSWORD, ssl_disabled=True, **options)

    def run(self, *statements: str) -> None:
        with self.connect(autocommit=True) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def empty(self) -> None:
        """Drop every database and every user that a test made."""
        with self.connect(autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("SET foreign_key_checks = 0")  # a key may lead from one database into another
            cursor.execute("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN %s", (SYSTEM,))
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP DATABASE `{name}`")
            cursor.execute("DROP USER IF EXISTS verifier@'%', heartbeat@'%'")


@contextmanager
def database(directory: Path) -> Iterator[Database]:
    authority = Authority(directory / "authority.pem")
    server = Server(directory / "server", authority)
    initialise(server.data)
    try:
        server.start()
        server.execute(f"CREATE USER {USER}@'%%' IDENTIFIED BY %s", PASSWORD)
        server.execute(f"GRANT ALL PRIVILEGES ON *.* TO {USER}@'%%' WITH GRANT OPTION".replace("%%", "%"))
        yield Database(server, authority.path)
    finally:
        server.destroy()
