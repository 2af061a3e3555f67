"""Shared by the tests of the embedded AWS: a cloud, and no AWS but this one."""

from __future__ import annotations

from pathlib import Path

import pytest

from aws_support.fixtures import cloud, module_cloud, one_worker_per_module
from aws_support.isolation import loopback_only, models_read_once, no_aws_settings

__all__ = ["cloud", "loopback_only", "models_read_once", "module_cloud", "no_aws_settings"]

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    one_worker_per_module(items, HERE)
