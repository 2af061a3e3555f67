"""Dictionaries that may change while somebody walks them.

Requests are answered by threads, and moto walks its dictionaries (a list, a scan, a look for a name that is taken) while another
thread writes. Here a walk is over what was there when it began: a write beside it does not make it fail.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from typing import Any


class _Walked:
    """`list` copies in one step of the interpreter: nothing comes between."""

    def __iter__(self) -> Iterator[Any]:
        return iter(list(super().__iter__()))  # type: ignore[misc]  # a dictionary's, of the class beside

    def keys(self) -> Any:
        return dict.fromkeys(list(super().keys())).keys()  # type: ignore[misc]  # compared with sets by some

    def values(self) -> Any:
        return list(super().values())  # type: ignore[misc]

    def items(self) -> Any:
        return list(super().items())  # type: ignore[misc]


class Steady(_Walked, dict[Any, Any]):
    """A dictionary."""


class SteadyOrdered(_Walked, OrderedDict[Any, Any]):
    """One that remembers its order, and can move what is in it."""


class SteadyDefault(_Walked, defaultdict[Any, Any]):
    """One that makes what it is asked for."""


def steady(value: Any) -> Any:
    """The same in a dictionary that may be walked; whatever else it is, as it is."""
    if type(value) is dict:
        return Steady(value)
    if type(value) is OrderedDict:
        return SteadyOrdered(value)
    if type(value) is defaultdict:
        return SteadyDefault(value.default_factory, value)
    return value
