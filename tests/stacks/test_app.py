"""app.py as the CDK command line runs it: bad input gets one line and exit code 2."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("assembly")


def run(directory: Path, **context: str) -> subprocess.CompletedProcess[str]:
    """app.py alone in `directory`, so that only what is put there counts as the functions' bundle."""
    shutil.copy(ROOT / "app.py", directory)
    return subprocess.run(
        [sys.executable, str(directory / "app.py")],
        cwd=directory,
        env={
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
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


def test_app_is_a_table_of_contents() -> None:
    assert len((ROOT / "app.py").read_text().splitlines()) < 40
