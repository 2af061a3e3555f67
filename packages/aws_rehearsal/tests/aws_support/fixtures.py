"""A cloud for tests that need nothing special of one: started once per module, empty for every test.

    from aws_support.fixtures import cloud, module_cloud, one_worker_per_module

in a folder's conftest.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from aws_rehearsal import Cloud

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


def one_worker_per_module(items: Iterable[pytest.Item], folder: Path) -> None:
    """The tests of a module share its cloud: pytest-xdist sends them to one worker."""
    for item in items:
        if item.path.parent == folder and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
