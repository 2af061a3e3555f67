"""The database users of this project, as the README has an administrator make them: both by IAM, over TLS only.

The verifier may read the bank and the heartbeat, and who writes the heartbeat may write that and nothing else.
LOCK TABLES lets it keep writers out for a moment, while the snapshots of several connections begin.
"""

from __future__ import annotations

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from rehearsal.bank.tables import DATABASES
from strategy.catalogue.names import HEARTBEAT_DATABASE, HEARTBEAT_USER, VERIFIER


def create_verifier(connection: Connection[Cursor], *, token: str | None) -> None:
    """With `token`, as the rehearsal knows it: the run's token is its password. With None, as on RDS: by IAM."""
    with connection.cursor() as cursor:
        _create(cursor, VERIFIER, token)
        for database in DATABASES:
            cursor.execute(f"GRANT SELECT, SHOW VIEW, LOCK TABLES ON {database}.* TO %s@'%%'", (VERIFIER,))


def create_heartbeat(connection: Connection[Cursor], *, token: str | None) -> None:
    """The heartbeat's database, its user, and the verifier's right to read it; the verifier is there. `token` as above."""
    table = f"{HEARTBEAT_DATABASE}.heartbeats"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {HEARTBEAT_DATABASE}")
        cursor.execute(f"CREATE TABLE {table} (id TINYINT UNSIGNED NOT NULL PRIMARY KEY, beat_at DATETIME(3) NOT NULL)")
        _create(cursor, HEARTBEAT_USER, token)
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO %s@'%%'", (HEARTBEAT_USER,))
        cursor.execute(f"GRANT SELECT ON {table} TO %s@'%%'", (VERIFIER,))


def _create(cursor: Cursor, user: str, token: str | None) -> None:
    proof = "BY %s" if token is not None else "WITH AWSAuthenticationPlugin AS 'RDS'"
    cursor.execute(f"CREATE USER %s@'%%' IDENTIFIED {proof} REQUIRE SSL", (user,) if token is None else (user, token))
