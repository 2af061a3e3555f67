"""Shared by every tier: no test reaches AWS, and none inherits the developer's AWS settings."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

from aws_support.isolation import loopback_only, models_read_once, no_aws_settings
from tests import seconds

__all__ = ["loopback_only", "models_read_once", "no_aws_settings"]

# The same draws in every run, so that a change is judged by itself; `--hypothesis-profile=default` draws anew.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", type=Path, help="append to this file what each test costs: see tests/seconds.py")


def pytest_configure(config: pytest.Config) -> None:
    if file := config.getoption("--record"):
        config.pluginmanager.register(Recorder(file))


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


class Recorder:
    """Of every test of the run, wherever it lies: a hook of this file would see those below it alone."""

    def __init__(self, file: Path) -> None:
        self._file, self._meter = file, seconds.Meter()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._meter.spent()
        try:
            return (yield)
        finally:
            seconds.record(self._file, seconds.Cost(item.nodeid, _group(item), round(self._meter.spent(), 3)))
