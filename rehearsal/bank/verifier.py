"""The database user that verification reads with: it may read the bank and nothing else, over TLS only.

LOCK TABLES lets it keep writers out for a moment, while the snapshots of several connections begin.
"""

from __future__ import annotations

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from rehearsal.bank.tables import DATABASES
from strategy.naming import VERIFIER


def create_verifier(connection: Connection[Cursor], *, token: str | None) -> None:
    """With `token`, as the rehearsal knows it: the fixed token is its password. With None, as on RDS: by IAM."""
    proof = "BY %s" if token is not None else "WITH AWSAuthenticationPlugin AS 'RDS'"
    values = (VERIFIER,) if token is None else (VERIFIER, token)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE USER %s@'%%' IDENTIFIED {proof} REQUIRE SSL", values)
        for database in DATABASES:
            cursor.execute(f"GRANT SELECT, SHOW VIEW, LOCK TABLES ON {database}.* TO %s@'%%'", (VERIFIER,))
