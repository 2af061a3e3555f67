"""Shared by the tests that need a cloud, and by those that judge a whole rehearsal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aws_support.fixtures import cloud, module_cloud, one_worker_per_module

__all__ = ["cloud", "module_cloud"]

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], str]:
    """All routes and the loss of a region, as `make rehearse` runs them: where it wrote, result.json, and what was printed.

    Once for all tests that judge it: they bear the group "all-routes".
    """
    output = tmp_path_factory.mktemp("routes")
    command = [sys.executable, "-m", "rehearsal", "run", "--scenario", "all-routes", "--output", str(output)]
    environment = os.environ | {"COLUMNS": "200"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=3600, check=False)
    assert (output / "result.json").exists(), done.stdout + done.stderr
    result = json.loads((output / "result.json").read_text()) | {"code": done.returncode}
    return output, result, done.stdout + done.stderr


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    one_worker_per_module(items, HERE)
