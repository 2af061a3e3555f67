"""The database users of the bank's services: each changes its own database, reads the others, and nothing else, over TLS only."""

from __future__ import annotations

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from rehearsal.bank.tables import DATABASES

OWN = {"user": "crm_users", "client": "crm_clients", "transaction": "crm_transactions"}
"""Database that a service changes, by the service's name."""


def create_service_user(connection: Connection[Cursor], service: str, *, user: str, password: str) -> None:
    """As the application team's migration does, with the password of the service's secret."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE USER %s@'%%' IDENTIFIED BY %s REQUIRE SSL", (user, password))
        for database in DATABASES:
            rights = "SELECT, INSERT, UPDATE" if OWN.get(service) == database else "SELECT"
            cursor.execute(f"GRANT {rights} ON {database}.* TO %s@'%%'", (user,))
