"""What a deployed workflow did: how its newest execution ended, and its history."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rehearsal.result import Event
from rehearsal.scenarios.base import Context
from strategy.catalogue import names


@dataclass(frozen=True)
class Execution:
    """A finished execution: Step Functions' status, its output (a document, or empty), and what went wrong."""

    status: str
    output: dict[str, Any]
    error: str
    cause: str
    minutes: float
    timeline: list[Event]


def newest_execution(context: Context, region: str, workflow: str) -> Execution | None:
    """The last one that was started of a workflow; None before the first, or while it runs."""
    newest = max(executions(context, region, workflow), key=lambda each: each["startDate"], default=None)
    if newest is None or newest["status"] == "RUNNING":
        return None
    return _finished(context.cloud.client("stepfunctions", region), newest["executionArn"])


def executions(context: Context, region: str, workflow: str) -> list[dict[str, Any]]:
    """All that were started of a workflow, as Step Functions lists them."""
    machine = names.state_machine_arn(context.strategy.prefix, workflow, region, context.strategy.account)
    found: list[dict[str, Any]] = context.cloud.client("stepfunctions", region).list_executions(stateMachineArn=machine)[
        "executions"
    ]
    return found


def _finished(client: Any, arn: str) -> Execution:
    answer = client.describe_execution(executionArn=arn)
    minutes = (answer["stopDate"] - answer["startDate"]).total_seconds() / 60
    history = _history(client, arn)
    output = json.loads(answer.get("output") or "{}")
    return Execution(answer["status"], output, answer.get("error", ""), answer.get("cause", ""), minutes, _timeline(history))


def _history(client: Any, arn: str) -> list[dict[str, Any]]:
    pages = client.get_paginator("get_execution_history").paginate(executionArn=arn)
    return [event for page in pages for event in page["events"]]


def _timeline(history: list[dict[str, Any]]) -> list[Event]:
    """What the workflow worked on: one entry a task, from its first entry to its last exit.

    A poll loop is one bar, not forty; waits, choices and the states around them only repeat what their tasks show.
    """
    entered: dict[str, datetime] = {}
    exited: dict[str, datetime] = {}
    for event in history:
        if event["type"] == "TaskStateEntered":
            entered.setdefault(event["stateEnteredEventDetails"]["name"], event["timestamp"])
        if event["type"] == "TaskStateExited":
            exited[event["stateExitedEventDetails"]["name"]] = event["timestamp"]
    last = max((event["timestamp"] for event in history), default=None)
    return [Event(name, start.isoformat(), (exited.get(name) or last or start).isoformat()) for name, start in entered.items()]
