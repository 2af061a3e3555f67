"""One live attempt per plan, held by a conditional write in the plans table; and what is kept there between attempts.

Who holds a plan is an execution. Whether it still runs is asked of Step Functions, never guessed from a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from recovery.lambda_runtime import TryAgain
from recovery.restore.plan import PlanError
from recovery.restore.region_plan import AnyPlan
from strategy.catalogue import names as naming
from strategy.contracts.restore import ClaimAnswer

_ALIVE = frozenset({"RUNNING", "PENDING_REDRIVE"})
_TRIES = 3


class PlanIsRunning(Exception):
    """Another attempt of this plan is alive; the message says which, and how to watch it."""


def claim(plan: AnyPlan, execution: str, client: Callable[[str], Any], *, now: datetime) -> ClaimAnswer:
    """The same execution claims as often as it likes, and once."""
    dynamodb = client("dynamodb")
    document = json.dumps(plan.as_json(), sort_keys=True)
    for _ in range(_TRIES):
        held = record(plan, dynamodb)
        if held.get("plan") not in {None, document}:
            raise PlanError(f"plan {plan.plan_id} was started before and said something else: make a new plan; nothing was done")
        holder = held.get("execution")
        if holder == execution:
            return ClaimAnswer(attempt=int(held["attempt"]))
        if holder and _alive(client, holder):
            raise PlanIsRunning(
                f"plan {plan.plan_id} is being followed by {holder}: "
                f"watch it with `python -m recovery follow {plan.plan_id} --env {plan.environment} --region {plan.region}`"
            )
        attempt = _attempt(plan, execution, int(held.get("attempt", 0)))
        values = {"plan": document, "execution": execution, "claimed": now.isoformat()}
        if _take(plan, dynamodb, values, attempt, holder):
            return ClaimAnswer(attempt=attempt)
    raise TryAgain(f"plan {plan.plan_id} is being claimed by others at this moment")


def record(plan: AnyPlan, dynamodb: Any) -> dict[str, str]:
    """What the plans table holds of a plan: its attributes as texts; nothing when it was never claimed."""
    answer = dynamodb.get_item(TableName=_table(plan), Key=_key(plan), ConsistentRead=True)
    return {name: next(iter(value.values())) for name, value in answer.get("Item", {}).items()}


def change(plan: AnyPlan, dynamodb: Any, values: Mapping[str, str | int], *, expected: Mapping[str, int]) -> bool:
    """Write attributes of the record while the `expected` ones still hold; whether they did."""
    typed = {f":{name}": {"N": str(each)} if isinstance(each, int) else {"S": each} for name, each in values.items()}
    before = {f":was_{name}": {"N": str(each)} for name, each in expected.items()}
    names = {f"#{name}": name for name in (*values, *expected)}
    return _update(
        dynamodb,
        TableName=_table(plan),
        Key=_key(plan),
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
        ConditionExpression=" AND ".join(f"#{name} = :was_{name}" for name in expected),
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={**typed, **before},
    )


def _take(plan: AnyPlan, dynamodb: Any, texts: Mapping[str, str], attempt: int, holder: str | None) -> bool:
    values: dict[str, Any] = {":attempt": {"N": str(attempt)}, ":one": {"N": "1"}}
    values |= {f":{name}": {"S": text} for name, text in texts.items()}
    condition = "attribute_not_exists(#execution)"
    if holder:
        condition, values[":holder"] = "#execution = :holder", {"S": holder}
    return _update(
        dynamodb,
        TableName=_table(plan),
        Key=_key(plan),
        UpdateExpression="SET #plan = :plan, #execution = :execution, #attempt = :attempt, #claimed = :claimed, "
        "#number = if_not_exists(#number, :one)",
        ConditionExpression=condition,
        ExpressionAttributeNames={
            "#plan": "plan",
            "#execution": "execution",
            "#attempt": "attempt",
            "#claimed": "claimed",
            "#number": "restore_number",
        },
        ExpressionAttributeValues=values,
    )


def _update(dynamodb: Any, **request: Any) -> bool:
    try:
        dynamodb.update_item(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def _attempt(plan: AnyPlan, execution: str, last: int) -> int:
    """As the execution's name says it."""
    number = execution.rpartition(f":{plan.plan_id}-")[2]
    return int(number) if number.isdigit() else last + 1


def _alive(client: Callable[[str], Any], execution: str) -> bool:
    try:
        return client("stepfunctions").describe_execution(executionArn=execution)["status"] in _ALIVE
    except ClientError as error:
        if error.response["Error"]["Code"] == "ExecutionDoesNotExist":  # AWS forgets after 90 days
            return False
        raise


def _table(plan: AnyPlan) -> str:
    return naming.plans_table(plan.prefix)


def _key(plan: AnyPlan) -> dict[str, Any]:
    return {"plan_id": {"S": plan.plan_id}}
