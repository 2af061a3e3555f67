"""moto's core, which every service answers through."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from botocore.loaders import Loader
from moto.core import responses
from moto.core.base_backend import BaseBackend
from moto.core.common_models import BaseModel
from moto.core.serialize import AttributePicker
from moto.core.utils import MISSING, get_value

from aws_rehearsal.patches import ABSENT, patch
from aws_rehearsal.steady import steady

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


@patch(
    BaseBackend,
    "__setattr__",
    source=ABSENT,
    why="moto's lists fail when another thread writes meanwhile: two stacks at once look through the roles, and make some",
)
def keep(backend: Any, name: str, value: Any) -> None:
    """What a backend has by name can be walked while it changes."""
    object.__setattr__(backend, name, steady(value))


_models: dict[tuple[Any, ...], Any] = {}
_reading = threading.RLock()


@patch(
    Loader,
    "load_service_model",
    source="ba2bafd04efdbf18",
    why="every session, and every thread that asks moto first, reads the model of a service anew: EC2's six times",
)
def load_service_model(
    original: Callable[..., Any], self: Any, service_name: str, type_name: str, api_version: str | None = None
) -> Any:
    """One for all sessions, and one for all of moto, whose loader adds to it; nobody who has it changes it.

    Except S3's clients, which take the bucket out of its paths: each of them needs its own.
    """
    if service_name == "s3":
        return original(self, service_name, type_name, api_version)
    key = (type(self), *self.search_paths, service_name, type_name, api_version)
    with _reading:
        if key not in _models:
            _models[key] = original(self, service_name, type_name, api_version)
        return _models[key]


_methods: dict[object, list[str]] = {}


@patch(
    responses,
    "method_names_from_class",
    source="9dbac89d082b655f",
    why="moto looks through all members of a service's class at every request",
)
def method_names_from_class(original: Callable[..., Any], clazz: object) -> list[str]:
    """Once for each class: whatever adds an operation does so before the first request."""
    if clazz not in _methods:
        _methods[clazz] = original(clazz)
    return _methods[clazz]
