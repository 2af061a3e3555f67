"""Starting the deployed recovery workflow, following it, and reading its history."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rehearsal.progress import Detail
from rehearsal.result import Event
from rehearsal.scenarios.base import Context, wait_for
from strategy import naming

HISTORY_SECONDS = 1.0
"""How often the live line asks where the workflow stands; moto answers with the whole history each time."""
REAL_SECONDS = 240.0
"""How long a workflow may really take; its own timeouts run on the virtual clock."""


@dataclass(frozen=True)
class Execution:
    """A finished execution: Step Functions' status, its output (a document, or empty), and what went wrong."""

    status: str
    output: dict[str, Any]
    error: str
    cause: str
    minutes: float
    timeline: list[Event]


def run_region_workflow(context: Context, *, incident: datetime, detail: Detail) -> Execution:
    """Start `recover-region` in the recovery region with a plan, and follow it to its end."""
    client = context.cloud.client("stepfunctions", context.recovery)
    strategy = context.strategy
    plan_id = f"rehearsal-{uuid.UUID(int=context.seed).hex[-8:]}"
    plan = {"plan_id": plan_id, "incident": incident.isoformat(), "lost_region": context.primary, "started_by": "rehearsal"}
    machine = naming.state_machine_arn(strategy.prefix, "recover-region", context.recovery, strategy.account)
    arn = client.start_execution(stateMachineArn=machine, name=f"{plan_id}-1", input=json.dumps(plan))["executionArn"]

    looked = 0.0

    def ended() -> bool:
        nonlocal looked
        context.cloud.clock.raise_errors()
        if time.perf_counter() - looked > HISTORY_SECONDS:
            looked = time.perf_counter()
            newest = client.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=10)["events"]
            states = [event["stateEnteredEventDetails"]["name"] for event in newest if "stateEnteredEventDetails" in event]
            detail.now(states[0] if states else "starting")
        return bool(client.describe_execution(executionArn=arn)["status"] != "RUNNING")

    wait_for(ended, what="the recovery workflow", seconds=REAL_SECONDS)
    execution = _finished(client, arn)
    detail.note(f"the workflow ended {execution.status} after {execution.minutes:.0f} modelled minutes")
    return execution


def newest_execution(context: Context, region: str, workflow: str) -> Execution | None:
    """The last one that was started of a workflow; None before the first, or while it runs."""
    client = context.cloud.client("stepfunctions", region)
    machine = naming.state_machine_arn(context.strategy.prefix, workflow, region, context.strategy.account)
    found = client.list_executions(stateMachineArn=machine)["executions"]
    newest = max(found, key=lambda each: each["startDate"], default=None)
    return _finished(client, newest["executionArn"]) if newest and newest["status"] != "RUNNING" else None


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
