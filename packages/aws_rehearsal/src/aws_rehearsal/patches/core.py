"""moto's core, which every service answers through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.common_models import BaseModel
from moto.core.serialize import AttributePicker
from moto.core.utils import MISSING, get_value

from aws_rehearsal.patches import patch

_names: dict[tuple[Any, ...], tuple[str, ...]] = {}
"""What an attribute may be called, by picker, class of the object it is read from, and its place in the service model."""


@patch(
    AttributePicker,
    "__call__",
    source="c15da8ec29c1afa4",
    why="moto works out anew for every value what it may be called: most of the time of every large answer",
)
def pick(_original: Callable[..., Any], self: Any, context: Any) -> Any:
    """The names depend on the class of the object, and never on the object: work them out once."""
    found = context.obj
    key = (type(self), *self.alias_providers, type(found), context.shape, context.key)
    names = _names.get(key)
    if names is None:
        names = _names[key] = tuple(dict.fromkeys(self.get_possible_keys(context)))
    value = None
    for name in names:
        there = found.get(name, MISSING) if type(found) is dict else get_value(found, name, MISSING)
        if there is not MISSING:
            value = there
            break
    path = f"{context.key_path}.{context.key}"
    for suffix, transform in self.response_transformers.items():
        if path.endswith(suffix):
            return transform(value)
    return value


@patch(
    BaseModel,
    "__new__",
    source="08cf0ef20e88029a",
    why="moto keeps whatever was ever made, for its dashboard: a month of metrics and listed objects is 16 GB",
)
def new(_original: Callable[..., Any], cls: Any, *_args: Any, **_options: Any) -> Any:
    return object.__new__(cls)
