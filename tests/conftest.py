"""Shared by every tier: no test reaches AWS, and none inherits the developer's AWS settings."""

from __future__ import annotations

import os
import socket
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests import seconds

# The same draws in every run, so that a change is judged by itself; `--hypothesis-profile=default` draws anew.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

METER = pytest.StashKey[seconds.Meter]()
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@pytest.fixture(autouse=True, scope="session")
def _no_aws_settings() -> Iterator[None]:
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("AWS_")}
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_EC2_METADATA_DISABLED="true")
    yield
    os.environ.update(kept)


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """A connection to anything but this machine fails the test that tried it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in LOOPBACK:
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", type=Path, help="append to this file what each test costs: see tests/seconds.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that belong together run on one worker, in order: their deployment is shared, and some judge what others did.

    Groups that take long start first.
    """
    if getattr(config.option, "loadgroup", False):
        lost = next((item for item in items if item.get_closest_marker("xdist_group") and "@" not in item.nodeid), None)
        if lost is not None:
            raise pytest.UsageError(f"{lost.nodeid} has lost its group: this pytest-xdist does not work with this pytest")
    known = seconds.kept()
    items.sort(key=lambda item: -seconds.weight(_group(item), known, alone=item.get_closest_marker("xdist_group") is None))


def _group(item: pytest.Item) -> str:
    marker = item.get_closest_marker("xdist_group")
    return str(marker.args[0]) if marker else item.nodeid


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    file: Path | None = item.config.getoption("--record")
    if file is None:
        return (yield)
    meter = item.config.stash.setdefault(METER, seconds.Meter())
    meter.spent()
    try:
        return (yield)
    finally:
        seconds.record(file, seconds.Cost(item.nodeid, _group(item), round(meter.spent(), 3)))
