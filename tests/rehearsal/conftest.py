"""A cloud for tests that need nothing special of one: started once per module, empty for every test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aws_rehearsal import Cloud

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PRIMARY, RECOVERY = "ap-southeast-1", "ap-southeast-2"


@pytest.fixture(scope="module")
def module_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(directory=tmp_path_factory.mktemp("cloud") / "cloud") as cloud:
        yield cloud


@pytest.fixture
def cloud(module_cloud: Cloud) -> Iterator[Cloud]:
    """The module's cloud. Its two regions are lost after the test and found again, with nothing in them; time goes on."""
    yield module_cloud
    for region in (PRIMARY, RECOVERY):
        module_cloud.lose_region(region)
    module_cloud.gateway.lost_regions.clear()
    module_cloud.gateway.calls_after_loss.clear()
    module_cloud.services.pop("lambda", None)


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
    """The tests of a module share its cloud: they go to one worker."""
    for item in items:
        if item.path.parent == HERE and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
