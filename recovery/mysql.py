"""Connections to MySQL on RDS: always TLS with a verified certificate, always bounded.

Who measures shows an IAM token, signed locally from the function's credentials (no call leaves the VPC) and sent as a clear-text
password inside TLS, which is how RDS's IAM authentication works; the master user has a password. There is no unverified
fallback: a token given to the wrong server is a password given away, so an unset `DATABASE_CA_BUNDLE` is refused. The bundle
holds the certificates of Amazon's RDS authorities (`global-bundle.pem`), which no public trust store contains.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import boto3
import pymysql
from pymysql.connections import Connection
from pymysql.constants import ER
from pymysql.cursors import Cursor

from recovery.errors import Unreachable

CONNECT_SECONDS = 10
READ_SECONDS = 300
"""Longest silence of the server: one statement over one range of rows stays far below."""
AT_ONCE = 2
"""Connections that read at the same time: as many as the smallest instance has cores."""
SMALLEST_PACKET = 2**20
"""A row's columns, joined, must fit: a longer result becomes NULL, and NULL would vanish from a sum. Rows end at 64 KiB."""

SESSION = (
    "SET SESSION time_zone = '+00:00'",
    "SET SESSION sql_mode = ''",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
)
"""What would change how a value reads (time zone, padding) is the same in every session that measures."""


class DatabaseUnreachable(Unreachable):
    """No connection could be made: worth another attempt, never worth a verdict."""


class LoginRefused(Exception):
    """The server answers, and does not know this user with this password."""


LOCK_SECONDS = 2
"""Who waits for a lock makes every later writer wait behind it: not for long."""
_NO_LOCK = frozenset(
    {ER.DBACCESS_DENIED_ERROR, ER.TABLEACCESS_DENIED_ERROR, ER.SPECIFIC_ACCESS_DENIED_ERROR, ER.LOCK_WAIT_TIMEOUT}
)
_NO_LOGIN = frozenset({ER.ACCESS_DENIED_ERROR, 1698, 3118, 4151})
"""Wrong password; no password login; account locked, as MySQL and as MariaDB say it."""


@contextmanager
def connect(*, host: str, port: int, user: str, region: str | None = None) -> Iterator[Connection[Cursor]]:
    """A connection to measure with; a function's own region when none is given. Raises DatabaseUnreachable; closes on leaving."""
    bundle = _bundle()
    token = boto3.client("rds", region_name=region).generate_db_auth_token(DBHostname=host, Port=port, DBUsername=user)
    try:
        connection = _open(host, port, user, token, bundle)
    except (pymysql.err.MySQLError, OSError) as error:
        raise DatabaseUnreachable(f"{user}@{host}:{port}: {error}") from error
    with connection:
        yield connection


@contextmanager
def connect_several(
    *, host: str, port: int, user: str, region: str | None = None, at_once: int = AT_ONCE
) -> Iterator[list[Connection[Cursor]]]:
    """Connections for `measure`: so many that read, and one that holds a lock while their snapshots begin."""
    with ExitStack() as stack:
        yield [stack.enter_context(connect(host=host, port=port, user=user, region=region)) for _ in range(at_once + 1)]


@contextmanager
def sign_in(*, host: str, port: int, user: str, password: str) -> Iterator[Connection[Cursor]]:
    """A connection with a password, to change accounts with. Raises LoginRefused or DatabaseUnreachable."""
    bundle = _bundle()
    try:
        connection = _open(host, port, user, password, bundle)
    except (pymysql.err.MySQLError, OSError) as error:
        if error.args and error.args[0] in _NO_LOGIN:
            raise LoginRefused(f"{user}@{host}:{port} was refused") from None
        raise DatabaseUnreachable(f"{user}@{host}:{port}: {error}") from error
    with connection:
        yield connection


def _bundle() -> str:
    bundle = os.environ.get("DATABASE_CA_BUNDLE", "")
    if not bundle:
        raise DatabaseUnreachable("DATABASE_CA_BUNDLE is not set: an unverified server must not be given a token")
    return bundle


def _open(host: str, port: int, user: str, password: str, bundle: str) -> Connection[Cursor]:
    return pymysql.connect(
        host=host,
        port=port,
        user=user,
        password=password,
        ssl=ssl.create_default_context(cafile=bundle),
        charset="utf8mb4",
        binary_prefix=True,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        write_timeout=CONNECT_SECONDS,
    )


@contextmanager
def snapshots(
    connection: Connection[Cursor],
    beside: Sequence[Connection[Cursor]],
    tables: Callable[[Cursor], Sequence[str]],
) -> Iterator[list[Cursor]]:
    """Cursors inside one consistent, read-only view of all InnoDB tables: all see the same moment.

    The last of the connections `beside` the first keeps writers out while the others' snapshots begin, by a read lock on all
    `tables`. Where it may not, or cannot get it in LOCK_SECONDS, only the first connection reads: slower, and as consistent.
    """
    *helpers, locker = beside or (None,)
    with ExitStack() as stack:
        first = stack.enter_context(connection.cursor())
        _prepare(first)
        with _quiet(locker, tables) as quiet:
            cursors = [first, *(stack.enter_context(helper.cursor()) for helper in helpers if helper and quiet)]
            for cursor in cursors:
                if cursor is not first:
                    _prepare(cursor)
                cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        try:
            yield cursors
        finally:
            for cursor in cursors:
                if cursor.connection.open:
                    cursor.connection.rollback()


def _prepare(cursor: Cursor) -> None:
    for statement in SESSION:
        cursor.execute(statement)
    cursor.execute("SELECT @@max_allowed_packet")
    (packet,) = cursor.fetchone() or (0,)
    if packet < SMALLEST_PACKET:
        raise pymysql.err.NotSupportedError(f"max_allowed_packet is {packet}; measuring needs at least {SMALLEST_PACKET}")


@contextmanager
def _quiet(locker: Connection[Cursor] | None, tables: Callable[[Cursor], Sequence[str]]) -> Iterator[bool]:
    """Whether nobody writes meanwhile."""
    if locker is None:
        yield False
        return
    with locker.cursor() as cursor:
        cursor.execute("SET SESSION lock_wait_timeout = %s", (LOCK_SECONDS,))
        names = tables(cursor)
        try:
            cursor.execute(f"LOCK TABLES {', '.join(f'{name} READ' for name in names)}", ())
        except pymysql.err.MySQLError as error:
            if not names or error.args[0] in _NO_LOCK:
                yield False
                return
            raise
        yield True
        cursor.execute("UNLOCK TABLES")


def engine(cursor: Cursor) -> str:
    """Product and version, for the reader of a manifest."""
    cursor.execute("SELECT CONCAT(@@version_comment, ' ', @@version)")
    (text,) = cursor.fetchone() or ("unknown",)
    return str(text)


def identifier(name: str) -> str:
    """A name quoted for SQL, also safe in a statement with parameters."""
    return "`" + name.replace("`", "``").replace("%", "%%") + "`"
