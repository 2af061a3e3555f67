"""The items of a table, as moto keeps them: by hash key, and under it by range key where the table has one.

Requests are answered by threads, and moto walks these mappings (a scan, a query, a count, a copy) while another thread writes.
Here a walk is over what was there when it began: a write beside it does not make it fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Steady(dict[Any, Any]):
    """A dictionary that may change while somebody walks it."""

    def __iter__(self) -> Iterator[Any]:
        return iter(list(super().__iter__()))

    def keys(self) -> Any:
        return list(super().keys())

    def values(self) -> Any:
        return list(super().values())

    def items(self) -> Any:
        return list(super().items())


class Items(Steady):
    """All items of a table; a hash key that is asked for has its own mapping from then on, as moto expects it."""

    def __missing__(self, key: Any) -> Any:
        return self.setdefault(key, Steady())
