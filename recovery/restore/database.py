"""What is asked of a MySQL server as its master user: does it let in, set passwords, stop writers, who is connected.

Valid on MySQL 8 and MariaDB. No error carries a password: of what the server says only its number is told, because its text may
quote the statement.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any

import pymysql
from pymysql.constants import ER
from pymysql.cursors import Cursor

from recovery.mysql import LoginRefused, sign_in
from strategy.catalogue import names
from strategy.contracts.database import (
    Connections,
    DatabaseAction,
    DatabaseAnswer,
    DatabaseRequest,
    LoginAnswer,
    PasswordsSet,
    UsersFenced,
    UsersLifted,
)

PATIENCE_SECONDS = 10.0
"""For connections to end: the server rolls back what they had begun."""
_PAUSE_SECONDS = 0.2
_SYSTEM = ("information_schema", "mysql", "performance_schema", "sys", names.HEARTBEAT_DATABASE)
_NO_PROCEDURE = 1305
_ALREADY_GONE = frozenset({ER.NO_SUCH_THREAD})

Action = Callable[[Cursor, DatabaseRequest], DatabaseAnswer]


class DatabaseRefused(Exception):
    """The server answers and does not do it; the message says what and the server's number for why."""


class StillConnected(Exception):
    """Connections of accounts that are locked have not ended yet."""


def answer(request: DatabaseRequest) -> DatabaseAnswer:
    """Raises DatabaseUnreachable, LoginRefused (but for `login`, whose answer it is), DatabaseRefused, StillConnected."""
    act = _ACTIONS[request.action]
    try:
        with sign_in(host=request.host, port=int(request.port), user=request.user, password=request.password) as connection:
            connection.autocommit(True)
            with closing(connection.cursor()) as cursor:
                return act(cursor, request)
    except LoginRefused:
        if request.action is DatabaseAction.LOGIN:
            return LoginAnswer(signed_in=False)
        raise
    except pymysql.err.MySQLError as error:
        number = error.args[0] if error.args else "unknown"
        raise DatabaseRefused(f"{request.user}@{request.host} could not {request.action.value}: MySQL error {number}") from None


def _login(_cursor: Cursor, _request: DatabaseRequest) -> LoginAnswer:
    return LoginAnswer(signed_in=True)


def _set_passwords(cursor: Cursor, request: DatabaseRequest) -> PasswordsSet:
    """An account that the restored data does not have yet is reported, not made."""
    done: list[str] = []
    missing: list[str] = []
    for each in request.accounts or ():
        hosts = _accounts(cursor, [each.username])
        for user, host in hosts:
            cursor.execute("ALTER USER %s@%s IDENTIFIED BY %s ACCOUNT UNLOCK", (user, host, each.password))
        (done if hosts else missing).append(each.username)
    return PasswordsSet(accounts=tuple(done), missing=tuple(missing))


def _fence(cursor: Cursor, request: DatabaseRequest) -> UsersFenced:
    """`users`: no new connection of theirs is let in, none is left, and then the last write is read."""
    users = request.users or ()
    locked = _accounts(cursor, users)
    for account in locked:
        cursor.execute("ALTER USER %s@%s ACCOUNT LOCK", account)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left := _threads(cursor, users):
        if time.monotonic() > deadline:
            raise StillConnected(f"{len(left)} connections of locked accounts have not ended yet")
        for thread, _user in left:
            _kill(cursor, thread)
        time.sleep(_PAUSE_SECONDS)
    return UsersFenced(accounts=tuple(sorted({user for user, _host in locked})), last_write=_last_write(cursor))


def _lift(cursor: Cursor, request: DatabaseRequest) -> UsersLifted:
    """Undoes `fence`: `users` are let in again."""
    unlocked = _accounts(cursor, request.users or ())
    for account in unlocked:
        cursor.execute("ALTER USER %s@%s ACCOUNT UNLOCK", account)
    return UsersLifted(accounts=tuple(sorted({user for user, _host in unlocked})))


def _connections(cursor: Cursor, request: DatabaseRequest) -> Connections:
    users = request.users or ()
    found = [user for _thread, user in _threads(cursor, users)]
    return Connections(connections={user: found.count(user) for user in users})


def _accounts(cursor: Cursor, users: Iterable[str]) -> list[tuple[str, str]]:
    """A user has an account for each host pattern."""
    found = []
    for user in users:
        cursor.execute("SELECT User, Host FROM mysql.user WHERE User = %s ORDER BY Host", (user,))
        found += [(str(name), str(host)) for name, host in cursor.fetchall()]
    return found


def _threads(cursor: Cursor, users: Sequence[str]) -> list[tuple[int, str]]:
    cursor.execute("SELECT ID, USER FROM information_schema.PROCESSLIST")
    return [(int(thread), str(user)) for thread, user in cursor.fetchall() if user in users]


def _kill(cursor: Cursor, thread: int) -> None:
    """RDS's master user may not KILL what is another's, and has a procedure for it."""
    try:
        try:
            cursor.execute("CALL mysql.rds_kill(%s)", (thread,))
        except pymysql.err.MySQLError as error:
            if error.args[0] != _NO_PROCEDURE:
                raise
            cursor.execute("KILL %s", (thread,))
    except pymysql.err.MySQLError as error:
        if error.args[0] not in _ALREADY_GONE:
            raise


def _last_write(cursor: Cursor) -> dict[str, Any]:
    """Where the binary log ends, when that was, and when a table was last changed, as far as the server still knows."""
    cursor.execute("SELECT UTC_TIMESTAMP()")
    row = cursor.fetchone()
    cursor.execute(
        "SELECT MAX(CONVERT_TZ(UPDATE_TIME, @@session.time_zone, '+00:00')) FROM information_schema.TABLES "
        "WHERE TABLE_SCHEMA NOT IN %s",
        (_SYSTEM,),
    )
    changed = cursor.fetchone()
    return {
        **_position(cursor),
        "read": f"{row[0].isoformat()}Z" if row else None,
        "table_changed": f"{changed[0].isoformat()}Z" if changed and changed[0] else None,
    }


def _position(cursor: Cursor) -> dict[str, Any]:
    """MySQL 8.4 renamed the statement; without binary logs there is no position."""
    for statement in ("SHOW BINARY LOG STATUS", "SHOW MASTER STATUS"):
        try:
            cursor.execute(statement)
        except pymysql.err.MySQLError:
            continue
        row = cursor.fetchone()
        if row:
            return {"file": str(row[0]), "position": int(row[1])}
    return {"file": None, "position": None}


_ACTIONS: Mapping[DatabaseAction, Action] = {
    DatabaseAction.LOGIN: _login,
    DatabaseAction.SET_PASSWORDS: _set_passwords,
    DatabaseAction.FENCE: _fence,
    DatabaseAction.LIFT: _lift,
    DatabaseAction.CONNECTIONS: _connections,
}
