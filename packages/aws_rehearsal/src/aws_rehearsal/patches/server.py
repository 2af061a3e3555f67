"""moto's server: which service a request is for."""

from __future__ import annotations

from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from aws_rehearsal.patches import patch

_backends: dict[str | None, Any] = {}


@patch(
    DomainDispatcherApplication,
    "get_backend_for_host",
    source="1f41972c1e4e660f",
    why="moto lists a folder and tries a hundred patterns, for every request",
)
def get_backend_for_host(original: Any, application: Any, host: str | None) -> Any:
    """The same host is always the same service."""
    if host not in _backends:
        _backends[host] = original(application, host)
    return _backends[host]
