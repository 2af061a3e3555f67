"""Variables as a state sees them: with the values they had when it was entered, whatever its own Assign sets.

AWS evaluates Assign and Output in parallel. moto evaluates Output after Assign has set its variables, and would let a
definition pass here that fails, or reads an old value, on AWS.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def enter(store: Any) -> None:
    """Remember the values, as the state that is entered now may read them."""
    store.on_entry = dict(store._inner_scope)  # noqa: SLF001  a state can set these only, not those of an outer scope


@contextmanager
def as_entered(store: Any) -> Iterator[None]:
    """For as long as an Output is evaluated, the variables have the values they had when its state was entered."""
    assigned = store._inner_scope  # noqa: SLF001
    store._inner_scope = store.on_entry  # noqa: SLF001
    try:
        yield
    finally:
        store._inner_scope = assigned  # noqa: SLF001
