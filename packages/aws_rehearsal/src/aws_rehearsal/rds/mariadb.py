"""One private MariaDB server: a data directory, a loopback port, and a process that never outlives this one.

Bounded and fast on purpose: 64 MB of buffers, no performance schema, no fsync (`innodb_flush_method=nosync`,
`innodb_flush_log_at_trx_commit=2`). Killing the server loses nothing, since the pages are with the operating system; cutting
the machine's power would, and then the whole rehearsal is gone anyway. SQL mode, UTC and utf8mb4 are MySQL 8's; the engine
is MariaDB, so `utf8mb4_0900_ai_ci`, `caching_sha2_password` and functional indexes are not there.

The server reads the machine's real clock: `NOW()` and `CURRENT_TIMESTAMP` are **not** virtual, and a session variable could
not follow a clock that leaps. Whoever writes rows passes the moment explicitly. Point-in-time recovery does not
depend on it: see `journal`.
"""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import pymysql
from pymysql.cursors import DictCursor

from aws_rehearsal.rds.certificates import Authority
from aws_rehearsal.rds.journal import LOG_NAME, Journal, Position
from aws_rehearsal.rds.programs import INSTALL, SERVER, ProgramFailed, program, run, tail

HOST = "127.0.0.1"
ADMIN = "rdsadmin"
"""The service's own user, as on RDS; its password changes at every start, so restored files never carry a usable one."""
SQL_MODE = "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
START_SECONDS = 600

_SETTINGS = f"""\
skip_name_resolve
bind_address={HOST}
socket=mariadbd.sock
innodb_buffer_pool_size=64M
innodb_log_file_size=16M
innodb_flush_method=nosync
innodb_flush_log_at_trx_commit=2
performance_schema=OFF
key_buffer_size=1M
aria_pagecache_buffer_size=8M
binlog_format=ROW
log_slave_updates=ON
relay_log=relay
max_binlog_size=1G
expire_logs_days=0
max_allowed_packet=1G
default_time_zone=+00:00
sql_mode={SQL_MODE}
character_set_server=utf8mb4
collation_server=utf8mb4_unicode_520_ci
"""
# PR_SET_PDEATHSIG follows the *thread* that started a child, and request threads are short-lived; so a shell holds the read
# end of a pipe whose only write end is ours. When this process ends, however it ends, the pipe closes and the server is killed.
_KEEPER = """\
exec 3<&0 </dev/null
"$@" 3<&- & server=$!
(read -r _ <&3; kill -9 "$server") 2>/dev/null & keeper=$!
exec 3<&-
wait "$server"; status=$?
kill -9 "$keeper" 2>/dev/null
exit "$status"
"""


def initialise(data: Path) -> None:
    """Make an empty data directory: system tables, no users. Half a second; copy the result rather than repeat it."""
    data.parent.mkdir(parents=True, exist_ok=True)
    settings = ("--auth-root-authentication-method=socket", "--skip-test-db", "--skip-name-resolve")
    speed = ("--innodb-flush-method=nosync", "--innodb-log-file-size=16M")
    # A temporary directory of its own: a server that starts deletes the temporary tables it finds, and /tmp is everyone's.
    with tempfile.TemporaryDirectory(dir=data.parent) as temporary:
        own = (f"--datadir={data}", f"--tmpdir={temporary}", f"--user={getpass.getuser()}")
        run([program(INSTALL), "--no-defaults", *own, *settings, *speed], directory=data.parent)


class Server:
    """A server over `directory`, which holds `data/`, `log/` (the binary log) and its settings.

    `data/` must be there, initialised or restored, before `start`. The port stays the same over stop and start.
    """

    def __init__(self, directory: Path, authority: Authority) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.logs = directory / "log"
        self.client_settings = directory / "client.cnf"
        self.journal = Journal(self.logs)
        self.port = 0
        self._authority = authority
        self._password = secrets.token_urlsafe(24)
        self._process: subprocess.Popen[bytes] | None = None

    # ------------------------------------------------------------------ life
    def start(self) -> None:
        """Start and wait until it answers; raises ProgramFailed with the end of its error log."""
        for folder in (self.logs, self.directory / "tmp"):
            folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(3):
            self.port = self.port or free_port()
            self._configure()
            try:
                self._launch()
            except ProgramFailed as error:
                if "Address already in use" not in str(error) or attempt == 2:
                    raise
                self.port = 0  # someone was faster; on a restart the endpoint moves, which is better than not coming back
            else:
                self.journal.look()
                return

    def stop(self) -> None:
        """A clean shutdown; harmless when not running."""
        if self._process is not None and self.running:
            try:
                self.execute("SHUTDOWN")
                self._process.wait(timeout=START_SECONDS)
            except (pymysql.Error, subprocess.TimeoutExpired):
                self.kill()
        self._reap()

    def kill(self) -> None:
        """Kill -9, the shell that keeps it included; harmless when not running."""
        if self._process is not None and self.running:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._reap()

    def destroy(self) -> None:
        """Kill it and delete its files."""
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    # ------------------------------------------------------------------ use
    def execute(self, statement: str, *values: Any) -> tuple[tuple[Any, ...], ...]:
        """One statement as the service's own user, committed; values are quoted by the driver."""
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return tuple(cursor.fetchall())

    def named(self, statement: str) -> list[dict[str, Any]]:
        """The answer with its columns' names, for statements whose columns differ from version to version."""
        with self._connect() as connection, connection.cursor(DictCursor) as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def position(self) -> Position:
        """Where the binary log ends now, between two transactions."""
        if self.running:
            file, offset = self.execute("SHOW MASTER STATUS")[0][:2]
            return Position.of(file, offset)
        self.journal.look()
        return self.journal.positions[-1]

    # ------------------------------------------------------------------ machinery
    def _connect(self) -> pymysql.Connection[Any]:
        # Plain text on loopback: a default TLS context costs 40 ms, more than most statements.
        return pymysql.connect(
            host=HOST,
            port=self.port,
            user=ADMIN,
            password=self._password,
            autocommit=True,
            ssl_disabled=True,
        )

    def _configure(self) -> None:
        certificate, key = self.directory / "server.pem", self.directory / "server-key.pem"
        if not certificate.exists():
            self._authority.issue(certificate, key)
        self._write(
            "server.cnf",
            f"[mariadbd]\n{_SETTINGS}user={getpass.getuser()}\nport={self.port}\nserver_id={self.port}\n"
            f"datadir={self.data}\ntmpdir={self.directory / 'tmp'}\nsecure_file_priv={self.directory / 'tmp'}\n"
            f"log_bin={self.logs / LOG_NAME}\ninit_file={self.directory / 'init.sql'}\n"
            f"ssl_ca={self._authority.path}\nssl_cert={certificate}\nssl_key={key}\n",
        )
        self._write(
            "init.sql",
            "SET sql_log_bin=0;\nDROP USER IF EXISTS root@localhost;\n"
            f"CREATE OR REPLACE USER {ADMIN}@'{HOST}' IDENTIFIED BY '{self._password}';\n"
            f"GRANT ALL PRIVILEGES ON *.* TO {ADMIN}@'{HOST}' WITH GRANT OPTION;\n"
            # A master user may not KILL what is not its own; as on RDS, it calls this, which may.
            f"CREATE OR REPLACE DEFINER={ADMIN}@'{HOST}' PROCEDURE mysql.rds_kill(IN thread BIGINT) SQL SECURITY DEFINER"
            " KILL thread;\n",
        )
        self._write(
            "client.cnf",
            f"[client]\nhost={HOST}\nport={self.port}\nprotocol=tcp\nuser={ADMIN}\npassword={self._password}\n"
            "[mariadb]\nmax_allowed_packet=1G\n",
        )

    def _write(self, name: str, text: str) -> None:
        with os.fdopen(os.open(self.directory / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)

    def _launch(self) -> None:
        server = [program(SERVER), f"--defaults-file={self.directory / 'server.cnf'}"]
        with (self.directory / "error.log").open("w+b") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _KEEPER, "mariadbd-keeper", *server],
                cwd=self.directory,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            deadline = time.perf_counter() + START_SECONDS
            while not self._answers():
                late = time.perf_counter() > deadline
                if late or not self.running:
                    self.kill()
                    raise ProgramFailed(f"mariadbd {'does not answer' if late else 'ended'}: {tail(log)}")
                time.sleep(0.005)

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except pymysql.Error:
            return False
        return True

    def _reap(self) -> None:
        if self._process is not None:
            if self._process.stdin:
                self._process.stdin.close()
            self._process.wait()
            self._process = None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
