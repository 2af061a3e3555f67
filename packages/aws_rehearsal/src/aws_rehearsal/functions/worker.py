"""One execution environment of a Lambda function: a process that stays warm between invocations.

The process is a fork of the one that runs `bootstrap.py`. One line of JSON goes in per invocation and one comes out; everything
the function prints goes to the worker's log file, as to its own CloudWatch log stream.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_rehearsal.functions.fork_server import ForkServer, ForkServerEnded

INIT_SECONDS = 600.0
"""How long a worker may take to import the function (Lambda allows 10 s; this machine may be busy)."""
LOG_TAIL = 4096


class WorkerError(Exception):
    """The worker died or did not answer in time."""


class Worker:
    """Raises WorkerError when the process does not come up. `failure` is the error of importing the handler, if any."""

    def __init__(self, server: ForkServer, *, environment: Mapping[str, str], code: Path, log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log, self._server = log, server
        (theirs_in, requests), (answers, theirs_out) = os.pipe(), os.pipe()
        self._requests, self._answers = os.fdopen(requests, "wb"), os.fdopen(answers, "rb")
        try:
            with log.open("ab") as sink:
                self._pid = server.start(environment, code, [theirs_in, theirs_out, sink.fileno()])
        except ForkServerEnded as error:
            self._let_go()
            raise WorkerError(str(error)) from error
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        self._pending = b""
        try:
            self.failure: dict[str, Any] | None = self._receive(INIT_SECONDS).get("error")
        except WorkerError:
            self.close()
            raise

    def call(self, request: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        """Send one invocation and wait for its answer. Raises WorkerError; the worker is then of no further use."""
        try:
            self._requests.write(json.dumps(request).encode() + b"\n")
            self._requests.flush()
        except OSError as error:
            raise WorkerError("the worker has exited") from error
        return self._receive(seconds)

    def kill(self) -> None:
        """End the process. A thread that waits for its answer gets a WorkerError, and must close it."""
        with contextlib.suppress(ForkServerEnded):  # then all its workers have ended with it
            self._server.end(self._pid)

    def close(self) -> None:
        """Kill it and let go of its pipes. Only for whoever uses the worker, or when no one does."""
        self.kill()
        self._let_go()

    def _let_go(self) -> None:
        for stream in (self._requests, self._answers):
            with contextlib.suppress(OSError):  # a request the dead process never read cannot be flushed
                stream.close()

    @property
    def position(self) -> int:
        """Where its log ends now."""
        return self._log.stat().st_size if self._log.exists() else 0

    def logged(self, since: int) -> bytes:
        """What was logged after `since`."""
        if not self._log.exists():  # its region is gone
            return b""
        with self._log.open("rb") as log:
            log.seek(since)
            return log.read()

    def _receive(self, seconds: float) -> dict[str, Any]:
        deadline = time.perf_counter() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            while b"\n" not in self._pending:
                if not selector.select(max(0.0, deadline - time.perf_counter())):
                    raise WorkerError("timeout")
                received = os.read(self._answers.fileno(), 65536)
                if not received:
                    raise WorkerError("the worker has exited")
                self._pending += received
        line, _, self._pending = self._pending.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer
