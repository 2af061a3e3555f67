"""The items of a table, as moto keeps them: by hash key, and under it by range key where the table has one."""

from __future__ import annotations

from typing import Any

from aws_rehearsal.steady import Steady


class Items(Steady):
    """All items of a table; a hash key that is asked for has its own mapping from then on, as moto expects it."""

    def __missing__(self, key: Any) -> Any:
        return self.setdefault(key, Steady())
