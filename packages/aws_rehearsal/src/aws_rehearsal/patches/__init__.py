"""Every patch of moto's private names, and nothing else, lives in this package: one module per moto service.

moto is pinned exactly because of this package. Each patch names what it replaces and the SHA-256 of the source it was
written against; `packages/aws_rehearsal/tests/test_patch_contracts.py` recomputes the digest, so an upgrade of moto fails there
first, by name, and not in the middle of a drill.

    @patch(LambdaSimpleBackend, "invoke", source="<sha256>", why="stock moto echoes the event; ours runs the code")
    def invoke(original, self, function_name, ...): ...

The replacement receives the original first. `apply()` installs all patches of all modules (idempotent); `undo()` removes
them.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MOTO_VERSION = "5.2.5"
ABSENT = "absent"
"""The digest of what stock moto does not have: the patch adds it, and takes no original."""


@dataclass(frozen=True)
class Patch:
    """One replaced private name of moto: `owner` is a class or module, `digest` that of the original's source."""

    owner: Any
    name: str
    digest: str
    why: str
    replacement: Callable[..., Any]
    lasting: bool = False
    """Not undone: what was made while it was in force is collected by it, whenever that comes."""

    @property
    def label(self) -> str:
        owner = getattr(self.owner, "__qualname__", None) or self.owner.__name__
        return f"{owner}.{self.name}"

    def original(self) -> Any:
        """None for an operation that stock moto does not have."""
        found = self.owner.__dict__[self.name] if self.digest != ABSENT else self.owner.__dict__.get(self.name)
        return getattr(found, "__rehearsal_original__", found)

    def current_digest(self) -> str:
        original = self.original()
        return digest(original) if original is not None else ABSENT

    def install(self) -> None:
        original = self.original()
        if original is None:
            self.replacement.__dict__["__rehearsal_original__"] = None
            setattr(self.owner, self.name, self.replacement)
            return
        function = original.__func__ if isinstance(original, staticmethod | classmethod) else original

        @functools.wraps(function)
        def replaced(*args: Any, **kwargs: Any) -> Any:
            return self.replacement(function, *args, **kwargs)

        wrapper: Any = type(original)(replaced) if isinstance(original, staticmethod | classmethod) else replaced
        wrapper.__rehearsal_original__ = original
        setattr(self.owner, self.name, wrapper)

    def remove(self) -> None:
        original = self.original()
        if original is not None:
            setattr(self.owner, self.name, original)
        elif self.name in self.owner.__dict__:
            delattr(self.owner, self.name)


PATCHES: list[Patch] = []


def patch(
    owner: Any, name: str, *, source: str, why: str, lasting: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function as the replacement of `owner.name`."""

    def register(replacement: Callable[..., Any]) -> Callable[..., Any]:
        PATCHES.append(Patch(owner, name, source, why, replacement, lasting))
        return replacement

    return register


def digest(function: Any) -> str:
    """SHA-256 of a function's source, first 16 hex digits: what a contract test compares."""
    return hashlib.sha256(inspect.getsource(inspect.unwrap(function)).encode()).hexdigest()[:16]


def extend(backends: Any, kind: type) -> None:
    """Make a moto BackendDict build its backends from `kind` from now on, forgetting those it has: moto's extension point."""
    backends.backend = kind
    backends.clear()


def load() -> list[Patch]:
    """Import every module of this package, and return all registered patches."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return PATCHES


def apply() -> None:
    for each in load():
        each.install()


def undo() -> None:
    for each in PATCHES:
        if not each.lasting:
            each.remove()
