"""The accounts of a real server: passwords set, writers stopped and let in again, and no password told to anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pymysql
import pytest

from aws_support.mariadb import PASSWORD, USER, Database
from recovery.handlers.database import handler
from recovery.mysql import DatabaseUnreachable, LoginRefused
from recovery.restore.database import DatabaseRefused

SERVICE, OLD, NEW = "user_service", "of the data's moment", "o'ur \\secret%s"


@pytest.fixture
def accounts(server: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """One service's user, as the restored data has it."""
    monkeypatch.setenv("DATABASE_CA_BUNDLE", str(server.authority))
    server.run(
        "CREATE DATABASE crm", "CREATE TABLE crm.t (id INT)", f"CREATE USER {SERVICE}@'%' IDENTIFIED BY \"{OLD}\" REQUIRE SSL"
    )
    server.run(f"GRANT ALL ON crm.* TO {SERVICE}@'%'")
    yield server
    server.run(f"DROP USER {SERVICE}@'%'")
    server.empty()


def ask(server: Database, action: str, **values: Any) -> dict[str, Any]:
    place = {"host": server.host, "port": server.port, "user": USER, "password": PASSWORD}
    return handler({**place, "action": action, **values}, None)


def connect(server: Database, password: str) -> Any:
    ssl = {"ca": str(server.authority)}
    return pymysql.connect(host=server.host, port=server.port, user=SERVICE, password=password, ssl=ssl)


def test_the_master_signs_in_or_is_told_apart_from_a_server_that_does_not_answer(accounts: Database) -> None:
    assert ask(accounts, "login") == {"signed_in": True}
    assert ask(accounts, "login", password="another") == {"signed_in": False}
    with pytest.raises(LoginRefused):
        ask(accounts, "connections", password="another", users=[SERVICE])
    with pytest.raises(DatabaseUnreachable):
        ask(accounts, "login", port=1)


def test_a_server_that_cannot_be_verified_is_given_no_password(accounts: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_CA_BUNDLE")
    with pytest.raises(DatabaseUnreachable, match="DATABASE_CA_BUNDLE"):
        ask(accounts, "login")


def test_a_service_gets_the_secret_s_password_and_is_unlocked(accounts: Database) -> None:
    accounts.run(f"ALTER USER {SERVICE}@'%' ACCOUNT LOCK")
    wanted = [{"username": SERVICE, "password": NEW}, {"username": "later_service", "password": "x"}]
    for _ in range(2):
        assert ask(accounts, "set_passwords", accounts=wanted) == {"accounts": [SERVICE], "missing": ["later_service"]}
        connect(accounts, NEW).close()
    with pytest.raises(pymysql.err.OperationalError):
        connect(accounts, OLD)


def test_a_fence_ends_connections_lets_nobody_in_and_reads_the_last_write(accounts: Database) -> None:
    writer = connect(accounts, OLD)
    assert ask(accounts, "connections", users=[SERVICE]) == {"connections": {SERVICE: 1}}
    found = ask(accounts, "fence", users=[SERVICE, "later_service"])
    assert found["accounts"] == [SERVICE]
    assert found["last_write"]["position"] > 0
    with pytest.raises(pymysql.err.MySQLError), writer.cursor() as cursor:
        cursor.execute("INSERT INTO crm.t VALUES (1)")
    with pytest.raises(pymysql.err.OperationalError):
        connect(accounts, OLD)
    assert ask(accounts, "connections", users=[SERVICE]) == {"connections": {SERVICE: 0}}
    assert ask(accounts, "fence", users=[SERVICE])["accounts"] == [SERVICE]

    assert ask(accounts, "lift", users=[SERVICE]) == {"accounts": [SERVICE]}
    connect(accounts, OLD).close()


def test_no_error_tells_a_password(accounts: Database) -> None:
    accounts.run("CREATE USER weak@'%' IDENTIFIED BY 'weak'")
    try:
        secret = [{"username": SERVICE, "password": NEW}]
        with pytest.raises(DatabaseRefused) as refused:
            ask(accounts, "set_passwords", accounts=secret, user="weak", password="weak")
    finally:
        accounts.run("DROP USER weak@'%'")
    assert refused.value.__cause__ is None
    assert NEW not in str(refused.value)
    assert "MySQL error" in str(refused.value)
