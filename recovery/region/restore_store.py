"""Brings one store of a lost region back: follows the workflow of the store's own route, and tries the next source when it must.

Looked at again each minute until it is done. Every restore is an execution of its route, named by its plan and attempt, so
whoever looks finds it: a new attempt of the region's plan joins what runs, keeps what is done, and begins anew what failed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from recovery.moments import exact_text
from recovery.region.data_loss import data_of, lost
from recovery.region.source import Client, source_of
from recovery.restore.plan import Plan
from strategy.catalogue import names
from strategy.catalogue.routes import Step
from strategy.contracts.region import StoreAnswer

_RUNNING = frozenset({"RUNNING", "PENDING_REDRIVE"})
_MOST = 100


@dataclass(frozen=True, slots=True)
class Ended:
    """A restore's newest attempt. `record` is what its workflow wrote; empty when it was ended from outside."""

    number: int
    status: str
    stopped: datetime | None
    record: dict[str, Any]


def bring(tries: Sequence[Plan], client: Client, *, incident: datetime, since: datetime) -> StoreAnswer:
    """`since`: when this attempt of the region began. What failed before it is begun anew; what failed after it is told."""
    passed_over: list[dict[str, str]] = []
    verification: dict[str, Any] = {}
    again: tuple[Plan, int] | None = None
    for plan in tries:
        newest = _newest(plan, client)
        if newest is None:
            return _begun(plan, 1, client, passed_over)
        if newest.status in _RUNNING:
            return _waiting(plan, newest.number, passed_over)
        if newest.record.get("outcome") == "recovered":
            return _recovered(plan, newest.record, incident, passed_over, client)
        before = newest.stopped is not None and newest.stopped < since
        if not no_use(newest.record):
            return (
                _begun(plan, newest.number + 1, client, passed_over)
                if before
                else _failed(plan, newest.record, newest.status, passed_over)
            )
        verification = newest.record.get("verification") or verification
        passed_over.append({"source": source_of(plan), "because": str(newest.record.get("problem", ""))})
        if before and again is None and not differs(newest.record):
            again = plan, newest.number + 1
    return _begun(*again, client, passed_over) if again is not None else _nothing_left(passed_over, verification)


def differs(record: dict[str, Any]) -> bool:
    """What came back is there, and is not what was backed up: restoring it again gives the same."""
    return (record.get("verification") or {}).get("verdict") == "failed"


def no_use(record: dict[str, Any]) -> bool:
    """Whether another source may do better: AWS could not restore this one, or its content differs from its manifest.

    Trouble around a restore (a password, a setting, a plan that is claimed) is not the source's fault.
    """
    return differs(record) or record.get("step") == Step.RESTORE.value


def _newest(plan: Plan, client: Client) -> Ended | None:
    states, found = client("stepfunctions"), None
    for number in range(1, _MOST):
        try:
            answer = states.describe_execution(executionArn=f"{_arn(plan, 'execution')}:{plan.plan_id}-{number}")
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
                break
            raise
        found = number, answer
    if found is None:
        return None
    number, answer = found
    status = str(answer["status"])
    return Ended(number, status, answer.get("stopDate"), {} if status in _RUNNING else _record(plan, client, number, answer))


def _record(plan: Plan, client: Client, number: int, answer: Any) -> dict[str, Any]:
    if answer["status"] == "SUCCEEDED":
        found: dict[str, Any] = json.loads(answer["output"])
        return found
    bucket = names.evidence_bucket(plan.prefix, plan.region, plan.account)
    try:
        body = client("s3").get_object(Bucket=bucket, Key=f"{names.RESTORES}/{plan.plan_id}-{number}.json")["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"NoSuchKey", "404"}:
            raise
        return {}
    written: dict[str, Any] = json.loads(body)
    return written


def _begun(plan: Plan, number: int, client: Client, passed_over: list[dict[str, str]]) -> StoreAnswer:
    """Started twice at once, it is one execution: AWS answers with it."""
    client("stepfunctions").start_execution(
        stateMachineArn=_arn(plan, "stateMachine"), name=f"{plan.plan_id}-{number}", input=json.dumps(plan.as_json())
    )
    return _waiting(plan, number, passed_over)


def _waiting(plan: Plan, number: int, passed_over: list[dict[str, str]]) -> StoreAnswer:
    waiting_for = f"{plan.store} from {source_of(plan)}: {plan.route} {plan.plan_id}-{number}"
    return replace(_answer(passed_over), waiting_for=waiting_for)


def _recovered(
    plan: Plan, record: dict[str, Any], incident: datetime, passed_over: list[dict[str, str]], client: Client
) -> StoreAnswer:
    verification = record.get("verification", {})
    moment = data_of(plan, verification)
    return replace(
        _answer(passed_over),
        done=True,
        recovered=True,
        plan=plan.as_json(),
        source=source_of(plan),
        resource=plan.target.name,
        data_of=exact_text(moment),
        lost_seconds=max(0, int((incident - moment).total_seconds())),
        lost=lost(plan, verification, client, incident=incident),
        verification=verification,
    )


def _failed(plan: Plan, record: dict[str, Any], status: str, passed_over: list[dict[str, str]]) -> StoreAnswer:
    said = record.get("problem") or f"the restore {plan.plan_id} was ended from outside ({status.lower()})"
    verification = record.get("verification") or {}
    return replace(_answer(passed_over), done=True, problem=str(said), verification=verification)


def _nothing_left(passed_over: list[dict[str, str]], verification: dict[str, Any]) -> StoreAnswer:
    said = "; ".join(f"{each['source']}: {each['because']}" for each in passed_over)
    return replace(_answer(passed_over), done=True, problem=said, verification=verification)


def _answer(passed_over: list[dict[str, str]]) -> StoreAnswer:
    return StoreAnswer(
        done=False,
        recovered=False,
        waiting_for="",
        plan={},
        source="",
        resource="",
        data_of="",
        lost_seconds=0,
        lost={},
        passed_over=tuple(passed_over),
        problem="",
        verification={},
    )


def _arn(plan: Plan, what: str) -> str:
    return names.state_machine_arn(plan.prefix, plan.route, plan.region, plan.account).replace(":stateMachine:", f":{what}:")
