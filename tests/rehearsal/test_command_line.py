"""`python -m rehearsal`: wrong input is one line and exit code 2, before anything is started; a stop leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.console import Console

from aws_rehearsal import MariaDbMissing
from rehearsal import options, scenarios, session
from rehearsal.options import Options, UsageError

ROOT = Path(__file__).resolve().parents[2]


def rehearsal(*arguments: str, output: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rehearsal", "run", "--output", str(output), *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--env", "nowhere"], "unknown environment 'nowhere': choose one of dev, prod, staging"),
        (["--scenario", "flood"], "unknown scenario 'flood': choose one of all-routes, drill, dynamodb-from-recovery-point"),
        (["--scenario", "mysql-to-a-moment", "--fault", "corrupt-row"], "fault 'corrupt-row' belongs to region-loss"),
        (["--fault", "gremlin"], "unknown fault 'gremlin': choose one of branch-fails, corrupt-copy, corrupt-row, half-copy"),
        (["--recovery", "ap-southeast-1"], "primary and recovery are both 'ap-southeast-1'"),
        (["--port", "99999"], "Invalid value for '--port'"),
        (["--seed", "one"], "Invalid value for '--seed'"),
        (["--colour", "blue"], "No such option: --colour"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_wrong_input_is_one_line_and_exit_code_2(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = rehearsal(*arguments, output=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_every_scenario_and_fault_can_be_asked_for() -> None:
    assert tuple(scenarios.SCENARIOS) == options.SCENARIOS
    assert tuple(scenarios.FAULTS) == options.FAULTS


def test_a_missing_mariadb_is_told_before_anything_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise MariaDbMissing("MariaDB's mariadbd is missing: install it with apt: …")

    monkeypatch.setattr(session, "require_mariadb", missing)
    with pytest.raises(UsageError, match="mariadbd is missing: install it"):
        session.rehearse("region-loss", Options("dev", output=tmp_path), Console(quiet=True))
    assert list(tmp_path.iterdir()) == []


def test_a_rehearsal_that_breaks_off_still_reports_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(session, "deploy_and_load", broken)
    result = session.rehearse("region-loss", Options("dev", output=tmp_path), Console(quiet=True))
    (finding,) = result.findings
    assert "OSError" in finding
    assert "No space left on device" in finding
    assert str(tmp_path / "error.log") in finding
    assert "Traceback" in (tmp_path / "error.log").read_text()
    assert json.loads((tmp_path / "result.json").read_text())["findings"] == [finding]
    assert not result.verified


def test_a_port_in_use_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = rehearsal("--port", str(port), output=tmp_path)
    assert done.returncode == 2
    assert f"port {port} cannot be used" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "rehearsal", "run", "--output", str(tmp_path / "run")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


@pytest.mark.parametrize(
    ("after_step", "stop"),
    [
        pytest.param(1, signal.SIGINT, id="deploying"),
        pytest.param(5, signal.SIGTERM, id="recovering", marks=[pytest.mark.extended, pytest.mark.xdist_group("stopped")]),
    ],
)
def test_a_stop_leaves_nothing_running(
    running: subprocess.Popen[str], after_step: int, stop: signal.Signals, tmp_path: Path
) -> None:
    assert running.stdout
    for line in running.stdout:
        if line.strip().startswith(f"✓ {after_step}"):
            break
    time.sleep(0.3)  # into the step that follows
    descendants = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(stop)
    _, said = running.communicate(timeout=600)
    assert running.returncode == 4
    assert said.strip().splitlines()[-1] == "rehearsal: stopped by the operator"
    _, alive = psutil.wait_procs(descendants, timeout=60)
    assert [each.cmdline() for each in alive] == []
    assert not (tmp_path / "run" / "result.json").exists()
