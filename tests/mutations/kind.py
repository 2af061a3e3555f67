"""One kind of damage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """`damage` does it to a store at a place chosen by the random source; it returns False where the store has no such place."""

    name: str
    what: str
    store: str
    """`mysql` or `dynamodb`."""
    damage: Callable[[Any, Random], bool]
