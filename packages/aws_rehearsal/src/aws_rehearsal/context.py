"""The running cloud, for code that moto calls and that cannot be handed one: the patches.

One process runs one cloud at a time, because moto's backends, its port variable and the clock are the process's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

_running: list[Cloud] = []


def install(cloud: Cloud) -> None:
    """Remember `cloud` until it closes."""
    _running.append(cloud)
    cloud.closing.append(lambda: _running.remove(cloud))


def current() -> Cloud:
    """The running cloud; LookupError after it has closed, so that a late thread ends there instead of going on."""
    if not _running:
        raise LookupError("no embedded AWS is running")
    return _running[-1]
