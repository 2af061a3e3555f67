"""Exercises a drill's plan: starts the workflow of its route, looks at it, and tells how it ended, step by step.

The route's own workflow does all the work, as on the night. Its execution is named by the plan and a first attempt, so that a
second call finds what the first one began.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from recovery.restore.plan import Plan
from recovery.restore.progress import Progress
from strategy.catalogue import names
from strategy.catalogue.drill_steps import LATECOMERS
from strategy.catalogue.routes import Step
from strategy.contracts.drills import ExerciseAnswer, ExerciseEnded, StopAnswer
from strategy.formatting import whole_seconds

Client = Callable[[str], Any]
_ALIVE = frozenset({"RUNNING", "PENDING_REDRIVE"})
_ATTEMPT = 1


def exercise(plan: Plan, client: Client) -> ExerciseAnswer | ExerciseEnded:
    states = client("stepfunctions")
    answer = _look(states, plan)
    if answer is None:
        states.start_execution(
            stateMachineArn=_arn(plan, "stateMachine"), name=f"{plan.plan_id}-{_ATTEMPT}", input=json.dumps(plan.as_json())
        )
        return ExerciseAnswer(done=False, waiting_for=f"{plan.route} {plan.plan_id}-{_ATTEMPT}, just started")
    if answer["status"] in _ALIVE:
        return ExerciseAnswer(done=False, waiting_for=f"{plan.route} {plan.plan_id}-{_ATTEMPT}")
    return ended(plan, client, answer)


def stop(plan: Plan, client: Client, *, now: datetime) -> StopAnswer:
    """`stopped`: whether it still ran, or failed a moment ago. What it was about to do may happen yet, and what it has just begun
    AWS may not show yet: give its functions, and AWS, time.

    ValueError for a plan that is no drill's: nobody's restore is ended here.
    """
    if not plan.drill:
        raise ValueError(f"plan {plan.plan_id} is no drill's: it was left running")
    states = client("stepfunctions")
    answer = _look(states, plan)
    if answer is None:
        return StopAnswer(stopped=False)
    if answer["status"] not in _ALIVE:
        return StopAnswer(stopped=answer["status"] != "SUCCEEDED" and now - answer["stopDate"] < LATECOMERS)
    states.stop_execution(executionArn=answer["executionArn"], error="DrillOver", cause="its drill is over; it is torn down")
    return StopAnswer(stopped=True)


def ended(plan: Plan, client: Client, answer: Mapping[str, Any]) -> ExerciseEnded:
    """`status` (Step Functions' word), `outcome`, `problem`, `exists`, `verification`, `record_key`, `started`, `finished`,
    `steps` (`[{step, state, began, ended, seconds, expected_seconds}]`), `verified_at`: when the data could have been used.
    """
    key, record = _record(plan, client, answer)
    steps = _steps(plan, client("stepfunctions"), answer, str(record.get("step", "")))
    verified = next((each["ended"] for each in steps if each["step"] == Step.VERIFY and each["state"] == "done"), None)
    outside = f"the restore {plan.plan_id} was ended from outside ({str(answer['status']).lower()})"
    return ExerciseEnded(
        done=True,
        waiting_for="",
        status=str(answer["status"]),
        outcome=str(record.get("outcome", "failed")),
        problem=str(record["problem"]) if "problem" in record else outside,
        exists=str(record.get("exists", "")),
        verification=record.get("verification", {}),
        record_key=key if record else "",
        started=_to_the_millisecond(answer["startDate"]),
        finished=_to_the_millisecond(answer["stopDate"]),
        steps=tuple(steps),
        verified_at=verified,
    )


def _look(states: Any, plan: Plan) -> Any | None:
    try:
        return states.describe_execution(executionArn=f"{_arn(plan, 'execution')}:{plan.plan_id}-{_ATTEMPT}")
    except ClientError as error:
        if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
            return None
        raise


def _record(plan: Plan, client: Client, answer: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Nothing where the execution was ended from outside."""
    key = f"{names.RESTORES}/{answer['name']}.json"
    if answer["status"] == "SUCCEEDED":
        found: dict[str, Any] = json.loads(answer["output"])
        return key, found
    bucket = names.evidence_bucket(plan.prefix, plan.region, plan.account)
    try:
        written: dict[str, Any] = json.loads(client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"NoSuchKey", "404"}:
            raise
        return key, {}
    return key, written


def _steps(plan: Plan, states: Any, answer: Mapping[str, Any], failed: str) -> list[dict[str, Any]]:
    pages = states.get_paginator("get_execution_history").paginate(
        executionArn=answer["executionArn"], includeExecutionData=False
    )
    progress = Progress(plan)
    progress.add(event for page in pages for event in page["events"])
    return [
        {
            "step": str(each.step),
            "state": each.state,
            "began": _to_the_millisecond(each.began) if each.began else None,
            "ended": _to_the_millisecond(each.ended) if each.ended else None,
            "seconds": round((each.ended - each.began).total_seconds(), 1) if each.began and each.ended else None,
            "expected_seconds": whole_seconds(each.expected),
        }
        for each in progress.steps(str(answer["status"]), failed)
    ]


def _to_the_millisecond(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _arn(plan: Plan, what: str) -> str:
    return names.state_machine_arn(plan.prefix, plan.route, plan.region, plan.account).replace(":stateMachine:", f":{what}:")
