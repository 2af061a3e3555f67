"""The life of an execution: how it is started by name, and how it is stopped."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.api import ExecutionStatus

_starting = threading.Lock()
BEGINS_WITHIN = 600
"""Real seconds, on a machine however loaded: what takes longer hangs."""


def start(begin: Callable[[str, str], Any], *, name: str | None, document: str | None) -> Any:
    """StartExecution as AWS does it, `begin` being given name and input: an unnamed execution gets a uuid, no input means `{}`.

    The same name and input return the running execution; any other use of a name is ExecutionAlreadyExists. Two calls at
    once must not both find the name free, hence the lock.
    """
    with _starting:
        execution = begin(name or str(uuid.uuid4()), document or "{}")
    _begun(execution)  # within the request, or the clock could leap before the first state
    return execution


def stop(execution: Any, *, error: str | None, cause: str | None) -> datetime:
    """StopExecution: whatever it waits for ends, and it is ABORTED with the caller's error and cause."""
    now = datetime.now(UTC)
    if execution.exec_status is not ExecutionStatus.RUNNING:
        return execution.stop_date or now
    execution.error, execution.cause = error, cause
    environment = _begun(execution)
    execution.stop(stop_date=now, error=error, cause=cause)
    # A callback that will never come: release the thread that waits for it.
    for endpoint in list(environment.callback_pool_manager._pool.values()):  # noqa: SLF001
        endpoint.interrupt_all()
    return now


def _begun(execution: Any) -> Any:
    """The execution's environment, once its thread has parsed the definition (some 50 ms): before, nothing can be stopped."""
    deadline = time.perf_counter() + BEGINS_WITHIN
    while execution.exec_worker.env is None or execution.exec_worker.env.program_state() is None:
        if time.perf_counter() > deadline:
            raise TimeoutError(f"{execution.exec_arn} did not begin")
        time.sleep(0.002)
    return execution.exec_worker.env
