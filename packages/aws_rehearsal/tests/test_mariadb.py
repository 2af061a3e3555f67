"""One MariaDB server: it starts, captures, comes back, is killed with its maker, and says what is missing."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from aws_rehearsal.clock import Clock
from aws_rehearsal.rds import programs
from aws_rehearsal.rds.capture import capture, replay
from aws_rehearsal.rds.certificates import Authority
from aws_rehearsal.rds.journal import Journal, Position, log_file
from aws_rehearsal.rds.mariadb import HOST, Server, initialise
from aws_rehearsal.rds.programs import MariaDbMissing, ProgramFailed

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("mariadb") / "pristine"
    initialise(data)
    return data


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ca.pem")


@pytest.fixture
def server(pristine: Path, tmp_path: Path, authority: Authority) -> Iterator[Server]:
    """A running server with a table `bank.t` of three rows."""
    server = Server(tmp_path / "server", authority)
    shutil.copytree(pristine, server.data)
    server.start()
    server.execute("CREATE DATABASE bank")
    server.execute("CREATE TABLE bank.t (id INT PRIMARY KEY AUTO_INCREMENT, x LONGTEXT)")
    server.execute("INSERT INTO bank.t (x) VALUES (1), (2), (3)")
    yield server
    server.kill()


@pytest.fixture
def other(tmp_path: Path, authority: Authority) -> Iterator[Server]:
    """A server without data."""
    server = Server(tmp_path / "other", authority)
    yield server
    server.kill()


def count(server: Server) -> int:
    return int(server.execute("SELECT COUNT(*) FROM bank.t")[0][0])


def test_a_killed_server_comes_back_on_its_port_with_its_rows(server: Server) -> None:
    port = server.port
    server.kill()
    with pytest.raises(pymysql.err.OperationalError):
        count(server)
    server.start()
    assert (server.port, count(server)) == (port, 3)
    server.stop()
    assert not server.running
    server.start()
    assert count(server) == 3


def test_it_speaks_like_mysql_8_and_keeps_utc(server: Server) -> None:
    zone, mode, packet = server.execute("SELECT @@time_zone, @@sql_mode, @@max_allowed_packet")[0]
    assert (zone, packet) == ("+00:00", 2**30)
    assert "STRICT_TRANS_TABLES" in mode
    assert server.execute("SELECT user FROM mysql.user WHERE user IN ('root', '')") == ()


def test_its_certificate_verifies_against_its_authority_only(server: Server, authority: Authority, tmp_path: Path) -> None:
    server.execute("CREATE USER app IDENTIFIED BY 'secret' REQUIRE SSL")
    login: dict[str, Any] = {"host": HOST, "port": server.port, "user": "app", "password": "secret", "ssl_verify_identity": True}
    with pymysql.connect(**login, ssl_ca=str(authority.path)) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'")
        assert cursor.fetchall()[0][1]
    stranger = Authority(tmp_path / "stranger.pem")
    with pytest.raises(pymysql.err.OperationalError, match="CERTIFICATE_VERIFY_FAILED"):
        pymysql.connect(**login, ssl_ca=str(stranger.path))


def test_a_capture_restores_its_moment_and_a_replay_goes_up_to_a_position(server: Server, other: Server, tmp_path: Path) -> None:
    base = capture(server, tmp_path / "capture")
    server.execute("INSERT INTO bank.t (x) VALUES (4)")
    good = server.position()
    server.execute("DELETE FROM bank.t")
    base.copy(tmp_path / "copy").restore(other.data)
    base.delete()
    other.start()
    assert count(other) == 3
    replay(server.logs, base.position, good, other)
    assert count(other) == 4
    other.execute("INSERT INTO bank.t (x) VALUES (5)")
    assert other.execute("SELECT MAX(id) FROM bank.t") == ((5,),)  # AUTO_INCREMENT goes on


def test_a_replay_follows_the_log_over_restarts_and_takes_big_rows(server: Server, other: Server, tmp_path: Path) -> None:
    base = capture(server, tmp_path / "capture")
    server.kill()
    server.start()
    server.execute("INSERT INTO bank.t (x) VALUES (REPEAT('x', 20000000))")  # beyond the default packet of 16 MB
    end = server.position()
    assert end.number > base.position.number
    base.restore(other.data)
    other.start()
    replay(server.logs, base.position, end, other)
    assert count(other) == 4


def test_a_replay_that_fails_on_either_side_is_an_error(server: Server, other: Server, tmp_path: Path) -> None:
    base = capture(server, tmp_path / "capture")
    server.execute("INSERT INTO bank.t (x) VALUES (4)")
    end = server.position()
    base.restore(other.data)
    other.start()
    with pytest.raises(ProgramFailed, match="mariadb-binlog ended"):
        replay(tmp_path, base.position, end, other)
    other.execute("DROP TABLE bank.t")
    with pytest.raises(ProgramFailed, match=r"(?s)mariadb ended.*bank\.t"):
        replay(server.logs, base.position, end, other)


def test_a_failed_capture_leaves_nothing_behind_and_says_why_in_bounds(server: Server, tmp_path: Path) -> None:
    server.stop()
    with pytest.raises(ProgramFailed) as caught:
        capture(server, tmp_path / "capture")
    assert not (tmp_path / "capture").exists()
    assert "connect" in str(caught.value)
    assert len(str(caught.value)) < 2200


def test_a_server_that_cannot_start_says_why(server: Server) -> None:
    server.stop()
    (server.data / "ibdata1").write_bytes(b"not a tablespace")
    with pytest.raises(ProgramFailed, match="mariadbd ended"):
        server.start()
    assert not server.running


def test_a_taken_port_is_given_up_for_a_free_one(server: Server, other: Server, pristine: Path) -> None:
    shutil.copytree(pristine, other.data)
    other.port = server.port
    other.start()
    assert other.port != server.port
    assert count(server) == 3


def test_the_server_dies_with_its_maker_even_of_kill_9(pristine: Path, tmp_path: Path) -> None:
    script = f"""
import os, pathlib, shutil, signal
from aws_rehearsal.rds.certificates import Authority
from aws_rehearsal.rds.mariadb import Server
directory = pathlib.Path({str(tmp_path)!r})
server = Server(directory / "server", Authority(directory / "ca.pem"))
shutil.copytree({str(pristine)!r}, server.data)
server.start()
print(server.execute("SELECT @@pid_file")[0][0], server.port, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    maker = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert maker.returncode == -signal.SIGKILL, maker.stderr
    port = int(maker.stdout.split()[-1])
    deadline = time.perf_counter() + 300
    while time.perf_counter() < deadline:
        try:
            pymysql.connect(host=HOST, port=port, ssl_disabled=True).close()
        except pymysql.err.OperationalError as error:
            if error.args[0] == 2003:  # nobody listens any more
                return
        time.sleep(0.02)
    raise AssertionError("the server outlived its maker")


def test_missing_programs_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "_OFF_PATH", ())
    programs.program.cache_clear()
    with pytest.raises(MariaDbMissing, match=r"mariadbd is missing.*apt: mariadb-server-core.*dnf: .*brew: mariadb") as caught:
        programs.require()
    assert "\n" not in str(caught.value)
    programs.program.cache_clear()


def test_the_ensuring_script_is_silent_when_all_is_there_and_one_line_when_not(tmp_path: Path) -> None:
    script = ["/bin/sh", str(ROOT / "tools/ensure-mariadb.sh")]
    there = subprocess.run(script, capture_output=True, text=True, check=False)
    assert (there.returncode, there.stdout, there.stderr) == (0, "", "")
    user = tmp_path / "id"
    user.write_text("#!/bin/sh\necho 1000\n")
    user.chmod(0o755)
    absent = subprocess.run(script, capture_output=True, text=True, check=False, env={"PATH": str(tmp_path)})
    assert (absent.returncode, absent.stdout, absent.stderr.count("\n")) == (2, "", 1)
    assert all(word in absent.stderr for word in ("apt:", "dnf:", "brew:"))


def test_the_journal_tells_the_last_position_at_or_before_a_moment(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    log_file(tmp_path, 1).write_bytes(b"x" * 100)
    journal.look()
    first = Clock.now()
    log_file(tmp_path, 1).write_bytes(b"x" * 150)
    journal.look()
    second = Clock.now()
    log_file(tmp_path, 2).write_bytes(b"x" * 4)
    journal.look()
    journal.look()
    assert journal.positions == [Position(1, 100), Position(1, 150), Position(2, 4)]
    assert journal.position_at(first) == Position(1, 100)
    assert journal.position_at(second) == Position(1, 150)
    assert journal.position_at(Clock.now()) == Position(2, 4)
    assert journal.copy_until(Position(1, 150), tmp_path).positions == [Position(1, 100), Position(1, 150)]
    with pytest.raises(LookupError):
        Journal(tmp_path).position_at(first)


def test_files_with_secrets_are_for_their_owner_only(server: Server) -> None:
    for name in ("client.cnf", "init.sql", "server-key.pem"):
        assert (server.directory / name).stat().st_mode & 0o077 == 0
