"""The history of an execution, in AWS's pages and in the order asked for."""

from __future__ import annotations

from typing import Any

from aws_rehearsal.service import ServiceError

PAGE = 100
"""How many events an answer has when the caller does not say; AWS allows up to 1,000."""


def page(execution: Any, *, newest_first: bool, size: int | None, token: str | None) -> dict[str, Any]:
    """One page of GetExecutionHistory. Its token is the last event it has, so events that come meanwhile change nothing."""
    events = _events(execution)
    if newest_first:
        events.reverse()
    if token:
        events = events[_after(events, token) :]
    answer: dict[str, Any] = {"events": events[: size or PAGE]}
    if len(events) > len(answer["events"]):
        answer["nextToken"] = str(answer["events"][-1]["id"])
    return answer


def _events(execution: Any) -> list[dict[str, Any]]:
    """All so far, oldest first. The events themselves are not copied, as moto does: none is changed once it is there."""
    environment = execution.exec_worker.env
    if environment is None:
        return []
    manager = environment.event_manager
    with manager._mutex:  # noqa: SLF001  the private list's own lock
        return list(manager._history_event_list)  # noqa: SLF001


def _after(events: list[dict[str, Any]], token: str) -> int:
    for position, event in enumerate(events):
        if str(event["id"]) == token:
            return position + 1
    raise ServiceError("InvalidToken", f"Invalid Token: '{token}'")
