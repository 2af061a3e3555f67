"""The process that every worker is forked from: it has imported what all of them need, once.

A worker so starts in milliseconds instead of a second, and shares the memory of what was imported. `bootstrap.py` is its
program. It keeps its children's process ids until they are ended here, so that no id can have passed to another process.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
LONGEST = 1 << 20
"""Bytes of a message."""


class ForkServerEnded(Exception):
    """The process is gone, and all its workers with it."""


class ForkServer:
    """Started with the first worker. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._closed = False

    def start(self, environment: Mapping[str, str], folder: Path, files: Sequence[int]) -> int:
        """The process id of a new worker in `folder`, with `files` as its stdin, stdout and stderr."""
        return int(self._ask({"environment": dict(environment), "folder": str(folder)}, files)["pid"])

    def end(self, pid: int) -> None:
        """Kill a worker and wait until it is gone; again does nothing."""
        self._ask({"end": pid}, ())

    def close(self) -> None:
        """End the process and all its workers."""
        with self._lock:
            self._closed = True
            process, control = self._process, self._control
        if control is not None:
            control.close()
        if process is not None:
            process.wait()

    def _ask(self, message: Mapping[str, Any], files: Sequence[int]) -> dict[str, Any]:
        with self._lock:
            control = self._control or self._start()
            try:
                socket.send_fds(control, [json.dumps(message).encode()], files)
                received = control.recv(LONGEST)
            except OSError as error:
                raise ForkServerEnded(str(error)) from error
        if not received:
            raise ForkServerEnded("the process that starts workers has exited")
        answer: dict[str, Any] = json.loads(received)
        return answer

    def _start(self) -> socket.socket:
        if self._closed:
            raise ForkServerEnded("the embedded AWS is closing")
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(BOOTSTRAP), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "en_US.UTF-8", "TZ": ":UTC"},
                pass_fds=[theirs.fileno()],
            )
        return self._control
