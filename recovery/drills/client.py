"""Drills as a person sees them: started in AWS, looked at until they end, and told by the records they leave.

The workflow needs nobody: whoever starts a drill may leave. Nothing here makes or deletes a store.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from recovery.aws import AwsTrouble, Region, must
from recovery.drills.planner import plan_id_of
from recovery.restore.attempts import NotStarted
from strategy import Strategy
from strategy.catalogue import names as naming
from strategy.catalogue.drill_steps import WORKFLOW, Purpose, drill_step_of

RUNNING = "RUNNING"
_FIRST_PAUSE, _LONGEST_PAUSE, _SLOWER = 0.5, 10.0, 1.25
"""Seconds between two looks."""
_LONGEST = 2 * 24 * 3600.0
"""Seconds: the workflow's own limit."""
_NO_WORKFLOW = frozenset({"StateMachineDoesNotExist", "StateMachineDeleting"})


@dataclass(frozen=True, slots=True)
class Drill:
    """One that was started."""

    route: str
    store: str
    execution: str

    @property
    def plan_id(self) -> str:
        """Of what it makes; `follow` knows it once its restore has begun."""
        return plan_id_of(self.execution)


@dataclass(frozen=True, slots=True)
class Look:
    """A drill at one moment. `doing` is its step; `record` what it left, empty while it runs."""

    drill: Drill
    status: str
    doing: str
    record: dict[str, Any]


def start(strategy: Strategy, region: Region, route: str, store: str, *, by: str) -> Drill:
    """Raises NotStarted where the region has no such workflow."""
    machine = naming.state_machine_arn(strategy.prefix, WORKFLOW, region.name, strategy.account)
    asked = json.dumps({"route": route, "store": store, "by": by})
    name = f"d{secrets.token_hex(4)}"
    try:
        answer = region.client("stepfunctions").start_execution(stateMachineArn=machine, name=name, input=asked)
    except ClientError as error:
        if error.response["Error"]["Code"] in _NO_WORKFLOW:
            stack = naming.stack_id(strategy.prefix, "dr", region.name)
            raise NotStarted(f"there is no workflow {machine}: deploy {stack}; nothing was begun") from error
        raise
    return Drill(route, store, str(answer["executionArn"]))


def looks(
    strategy: Strategy, region: Region, drills: Iterable[Drill], *, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Look]:
    """Of each drill, whenever it is found in another step, and once more when it is over."""
    doing: dict[Drill, str] = dict.fromkeys(drills, "")
    pause, waited = _FIRST_PAUSE, 0.0
    while doing:
        for drill in list(doing):
            found = must(region.name, partial(_look, strategy, region, drill))
            if found.status != RUNNING:
                del doing[drill]
                yield found
            elif found.doing != doing[drill]:
                doing[drill] = found.doing
                yield found
        if waited > _LONGEST:
            raise AwsTrouble(f"{next(iter(doing)).execution} still runs after {_LONGEST / 3600:.0f} hours: look at it in AWS")
        if doing:
            sleep(pause)
            waited, pause = waited + pause, min(pause * _SLOWER, _LONGEST_PAUSE)


def _look(strategy: Strategy, region: Region, drill: Drill) -> Look:
    states = region.client("stepfunctions")
    answer = states.describe_execution(executionArn=drill.execution)
    status = str(answer["status"])
    if status == RUNNING:
        events = states.get_execution_history(executionArn=drill.execution, reverseOrder=True, maxResults=50)["events"]
        names = (each["stateEnteredEventDetails"]["name"] for each in events if "stateEnteredEventDetails" in each)
        step = next((found for name in names if (found := drill_step_of(name))), None)
        return Look(drill, status, str(step or ""), {})
    if status == "SUCCEEDED":
        return Look(drill, status, "", json.loads(answer["output"]))
    return Look(drill, status, "", _record(strategy, region, drill) or _of_cause(strategy, region, drill, status, answer))


def _record(strategy: Strategy, region: Region, drill: Drill) -> dict[str, Any]:
    """What it kept; empty where it could not, or was ended from outside."""
    s3, bucket = region.client("s3"), naming.evidence_bucket(strategy.prefix, region.name, strategy.account)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{Purpose.DRILL.folder}/{drill.route}/")
    keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
    for key in keys:
        if key.endswith((f"-{drill.plan_id}.json", f"-{drill.execution.rpartition(':')[2][:8]}.json")):
            found: dict[str, Any] = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
            if found.get("execution") == drill.execution:
                return {**found, "key": key}
    return {}


def _of_cause(strategy: Strategy, region: Region, drill: Drill, status: str, answer: Any) -> dict[str, Any]:
    where = f"--env {strategy.environment} --region {region.name}"
    said = answer.get("cause") or f"it was ended from outside ({status.lower().replace('_', ' ')})"
    return {
        "outcome": "failed",
        "route": drill.route,
        "store": drill.store,
        "plan_id": drill.plan_id,
        "execution": drill.execution,
        "problem": str(said),
        "next": f"See what is left of it: python -m recovery cleanup {drill.plan_id} {where}",
    }
