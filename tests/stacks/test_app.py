"""app.py as the CDK command line runs it: bad input gets one line and exit code 2."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("app")

CALENDAR = "import time_machine\ntime_machine.travel('2026-11-23T12:00:00Z').start()\n"
"""Accepted breaches and exclusions end on a day, and the synth with them: not these tests."""


def run(directory: Path, **context: str) -> subprocess.CompletedProcess[str]:
    """app.py alone in `directory`, so that only what is put there counts as the functions' bundle."""
    shutil.copy(ROOT / "app.py", directory)
    (directory / "sitecustomize.py").write_text(CALENDAR)
    return subprocess.run(
        [sys.executable, str(directory / "app.py")],
        cwd=directory,
        env={
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "PYTHONPATH": f"{directory}:{ROOT}",
            "CDK_CONTEXT_JSON": json.dumps(context),
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ({}, "unknown environment"),
        ({"environment": "nowhere"}, "unknown environment 'nowhere'"),
        ({"environment": "dev", "primary": "ap-southeast-2"}, "ap-southeast-2"),
        ({"environment": "dev"}, "run `make bundle`"),
    ],
)
def test_bad_input_gets_one_line(tmp_path: Path, context: dict[str, str], said: str) -> None:
    done = run(tmp_path, **context)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert said in line
    assert done.stdout == ""


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A place where prod's strategy may be changed, with everything else as it is."""
    for folder in ("strategy", "environments"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for bundle in ("functions", "functions-signatures"):
        (tmp_path / "build" / bundle).mkdir(parents=True)
        (tmp_path / "build" / bundle / "empty.py").touch()
    return tmp_path


@pytest.mark.proves("schedule.synth-refusal")
def test_a_broken_promise_stops_the_synth_with_its_arithmetic(changed: Path) -> None:
    prod = changed / "environments" / "prod.toml"
    prod.write_text(prod.read_text().replace("cron(0 8,20 * * ? *)", "cron(0 16 * * ? *)"))
    done = run(changed, environment="prod")
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert any("RPO not kept: promised 12h, worst case 13h" in line and "1h start window" in line for line in errors)
    assert not (changed / "cdk.out").exists()


@pytest.mark.proves("stores.coverage")
def test_a_resource_that_nobody_protects_or_excuses_stops_the_synth(changed: Path) -> None:
    base = changed / "environments" / "base.toml"
    base.write_text(base.read_text().replace('types = ["AWS::S3::Bucket"]', 'types = ["AWS::S3::AccessPoint"]'))
    done = run(changed, environment="prod")
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 4, "two buckets in each of two regions"
    assert all("(AWS::S3::Bucket)" in line and "neither backed up nor excused" in line for line in lines)


def test_a_kept_strategy_is_synthesised_without_a_word(changed: Path) -> None:
    done = run(changed, environment="prod")
    assert (done.returncode, done.stderr) == (0, "")


def test_an_exclusion_past_its_review_stops_the_synth(changed: Path) -> None:
    base = changed / "environments" / "base.toml"
    base.write_text(base.read_text().replace("review = 2027-06-30", "review = 2026-11-22"))
    done = run(changed, environment="prod")
    assert done.returncode == 2
    errors = done.stderr.splitlines()
    assert all("its review was due on 2026-11-22" in each for each in errors)
    assert len(errors) == 6
    assert not (changed / "cdk.out").exists()


@pytest.mark.proves("schedule.synth-refusal")
def test_an_accepted_breach_is_said_and_does_not_stop(changed: Path) -> None:
    done = run(changed, environment="dev")
    assert done.returncode == 0
    assert done.stderr
    assert all(line.startswith("warning: ") and "accepted by" in line for line in done.stderr.splitlines())


def test_app_is_a_table_of_contents() -> None:
    assert len((ROOT / "app.py").read_text().splitlines()) < 40
