"""The plan of a drill that was ended from outside, found again from its execution: what it made must go all the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from recovery.drills.planner import plan_id_of
from recovery.restore.plan import Plan
from strategy.catalogue import names

Client = Callable[[str], Any]
_MOST = 10
"""Executions that clean up after one another."""


def find(prefix: str, execution: str, client: Client) -> Plan | None:
    """None: the drill came to nothing that could have made anything."""
    states = client("stepfunctions")
    asked = _input(states, execution)
    for _ in range(_MOST):
        if asked is None or "clean" not in asked:
            break
        execution = str(asked["clean"])
        asked = _input(states, execution)
    plan_id = plan_id_of(execution)
    item = client("dynamodb").get_item(TableName=names.plans_table(prefix), Key={"plan_id": {"S": plan_id}}, ConsistentRead=True)
    if document := item.get("Item", {}).get("plan"):
        return Plan.from_json(json.loads(document["S"]))
    if asked is None or "route" not in asked:
        return None
    # Not claimed yet: the route's execution has the plan, if it was started.
    machine = execution.rpartition(":")[0].removesuffix(names.state_machine(prefix, "drill"))
    begun = _input(states, f"{machine}{names.state_machine(prefix, str(asked['route']))}:{plan_id}-1")
    return None if begun is None else Plan.from_json(begun)


def _input(states: Any, execution: str) -> Mapping[str, Any] | None:
    """What an execution was started with; None when AWS knows none of it."""
    try:
        found: Mapping[str, Any] = json.loads(states.describe_execution(executionArn=execution)["input"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
            return None
        raise
    return found
