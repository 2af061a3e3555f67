"""A service's HTTP side: its health check, and what reads its stores. Listens on a loopback port while the service runs.

It answers its load balancer, which knows its key, and no other user of the machine.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from aws_rehearsal import BALANCER

HEALTH = "/actuator/health"
STORES = f"{HEALTH}/stores"
"""Reads a row or an item of each store anew, with a connection of its own."""
_POLL_SECONDS = 0.05


class Front:
    """`read`: of each store, by its name, whether something was read from it just now."""

    def __init__(self, path: str, read: Callable[[], Mapping[str, bool]]) -> None:
        self.key = secrets.token_urlsafe()
        handler = type("Handler", (_Handler,), {"path_of_service": path, "read": staticmethod(read), "key": self.key})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name=f"front-{path}", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_port

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(timeout=5)
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    path_of_service: ClassVar[str]
    read: ClassVar[Any]
    key: ClassVar[str]

    def do_GET(self) -> None:
        asked = self.path.removeprefix(self.path_of_service)
        if not hmac.compare_digest(self.headers.get(BALANCER, "").encode(), self.key.encode()):
            self._answer(403, {"error": "Forbidden"})
        elif asked == HEALTH:
            self._answer(200, {"status": "UP"})
        elif asked == STORES:
            found = {name: {"status": "UP" if there else "DOWN"} for name, there in self.read().items()}
            well = all(each["status"] == "UP" for each in found.values())
            self._answer(200 if well else 503, {"status": "UP" if well else "DOWN", "components": found})
        else:
            self._answer(404, {"error": "Not Found"})

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent."""

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
