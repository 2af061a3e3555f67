"""The life of an execution: how it is started by name, and how it is stopped."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.api import ExecutionStatus

_starting = threading.Lock()


def start(begin: Callable[..., Any], backend: Any, arn: str, name: str | None, document: str | None, trace: str | None) -> Any:
    """StartExecution as AWS does it: an unnamed execution gets a uuid, no input means `{}`.

    The same name and input return the running execution; any other use of a name is ExecutionAlreadyExists. Two calls at
    once must not both find the name free, hence the lock.
    """
    if name is not None:
        backend._validate_name(name)  # noqa: SLF001  moto checks the names of state machines with it, not those of executions
    with _starting:
        return begin(backend, arn, name or str(uuid.uuid4()), document or "{}", trace)


def stop(execution: Any, *, error: str | None, cause: str | None) -> datetime:
    """StopExecution: whatever it waits for ends, and it is ABORTED with the caller's error and cause."""
    now = datetime.now(UTC)
    if execution.exec_status is not ExecutionStatus.RUNNING:
        return execution.stop_date or now
    execution.error, execution.cause = error, cause
    environment = execution.exec_worker.env
    if environment is None:  # its thread is still parsing the definition
        raise RuntimeError(f"{execution.exec_arn} has not begun yet")
    execution.stop(stop_date=now, error=error, cause=cause)
    # A callback that will never come: release the thread that waits for it.
    for endpoint in list(environment.callback_pool_manager._pool.values()):  # noqa: SLF001
        endpoint.interrupt_all()
    return now
