"""Strategies for the tests: an environment's file with a few values changed, read as the loader reads it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from strategy.model.loader import document
from strategy.model.strategy import Strategy


def _at(parent: Any, step: str) -> Any:
    """`stores[mysql]` is the store of that name."""
    match = re.fullmatch(r"(\w+)\[(.+)\]", step)
    if match is None:
        return parent[step]
    return next(each for each in parent[match[1]] if each["name"] == match[2])


def _alter(document: dict[str, Any], path: str, value: Any) -> None:
    steps = re.findall(r"[^.\[]+(?:\[[^\]]+\])?", path)
    for step in steps[:-1]:
        document = _at(document, step)
    if value is ...:
        del document[steps[-1]]
    else:
        document[steps[-1]] = value


@pytest.fixture
def altered() -> Callable[..., Strategy]:
    """`altered("prod", {"rules[daily-backup-rule].keep": "3d"})`; `...` takes a key away."""

    def build(environment: str, changes: dict[str, Any]) -> Strategy:
        values = document(environment).values
        for path, value in changes.items():
            _alter(values, path, value)
        return Strategy.model_validate(values)

    return build
