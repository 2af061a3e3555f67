"""A night's AWS as the client sees it: Step Functions that runs what the test says, a plans table, an endpoint, a bucket."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from recovery.restore.plan import Place, Plan, PlannedStep
from strategy import load
from strategy.catalogue import names
from strategy.catalogue.routes import Mode, Route, Step, steps

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
DEV = load("dev")
REGION = DEV.regions.primary
PLAN_ID = "r1a2b3c4d"
MYSQL = names.store(DEV.prefix, "mysql")
OPERATOR = f"arn:aws:iam::{DEV.account}:user/operator"


def plan(**changes: Any) -> Plan:
    """MySQL, back to an hour ago."""
    target = names.restored(MYSQL, PLAN_ID)
    seconds = {Step.RESTORE: 3 * 3600, Step.VERIFY: 1800, Step.SWITCH: 900}
    values: dict[str, Any] = {
        "plan_id": PLAN_ID,
        "route": Route.MYSQL_TO_A_MOMENT,
        "mode": Mode.SWITCH,
        "environment": "dev",
        "prefix": DEV.prefix,
        "account": DEV.account,
        "region": REGION,
        "store": "mysql",
        "source": Place(MYSQL, names.store_arn("mysql", REGION, DEV.account, MYSQL)),
        "target": Place(target, names.store_arn("mysql", REGION, DEV.account, target)),
        "moment": NOW - timedelta(hours=1),
        "recovery_point": None,
        "manifest_key": "manifests/mysql/20261123T020000Z.json",
        "settings": {"cannot": [], "differs": []},
        "verification": {"changes": {}},
        "services": ("user",),
        "steps": tuple(PlannedStep(each, seconds.get(each)) for each in steps(Route.MYSQL_TO_A_MOMENT, Mode.SWITCH)),
        "made": NOW,
        "made_by": OPERATOR,
    }
    return Plan(**values | changes)


def refused(code: str, operation: str = "Call") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


@dataclass
class Execution:
    """One attempt: it is over when it was looked at `lasts` times."""

    input: str
    status: str = "SUCCEEDED"
    entered: tuple[str, ...] = ()
    output: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""
    lasts: int = 2
    looked: int = 0

    @property
    def now(self) -> str:
        return "RUNNING" if self.looked < self.lasts else self.status


class States:
    """Step Functions, by execution name. `next` says what the next execution that is started will be."""

    def __init__(self) -> None:
        self.executions: dict[str, Execution] = {}
        self.next: Callable[[str], Execution] = Execution
        self.started: list[str] = []
        self.on_look: Callable[[], None] = lambda: None

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> dict[str, Any]:  # noqa: A002, N803  AWS's names
        found = self.executions.get(name)
        if found and (found.now != "RUNNING" or found.input != input):
            raise refused("ExecutionAlreadyExists")
        if not found:
            self.started.append(name)
            self.executions[name] = self.next(input)
        return {"executionArn": f"{stateMachineArn.replace(':stateMachine:', ':execution:')}:{name}"}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803  AWS's name
        name = executionArn.rpartition(":")[2]
        if name not in self.executions or str(Route.MYSQL_TO_A_MOMENT) not in executionArn:
            raise refused("ExecutionDoesNotExist")
        self.on_look()
        found = self.executions[name]
        found.looked += 1
        answer = {"executionArn": executionArn, "name": name, "status": found.now, "input": found.input, "cause": found.cause}
        return answer | {"output": json.dumps(found.output)}

    def get_paginator(self, _operation: str) -> States:
        return self

    def paginate(self, *, executionArn: str, **_asked: Any) -> Iterator[dict[str, Any]]:  # noqa: N803  AWS's name
        """In pages of two, the newest first."""
        states = self.executions[executionArn.rpartition(":")[2]].entered
        events = [
            {"id": number, "timestamp": NOW + timedelta(minutes=number), "stateEnteredEventDetails": {"name": state}}
            for number, state in enumerate(states, 1)
        ]
        events.reverse()
        for first in range(0, max(len(events), 1), 2):
            yield {"events": events[first : first + 2]}


class Night:
    """`client` is what `Region.client` answers with."""

    def __init__(self) -> None:
        self.states = States()
        self.claimed: dict[str, tuple[Plan, str]] = {}
        self.objects: dict[str, dict[str, Any]] = {}
        self.resource: str | None = MYSQL
        self.account = DEV.account

    def client(self, service: str) -> Any:
        return self.states if service == "stepfunctions" else self

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": self.account, "Arn": OPERATOR}

    def get_item(self, *, TableName: str, Key: Any, ConsistentRead: bool) -> dict[str, Any]:  # noqa: N803  AWS's names
        assert (TableName, ConsistentRead) == (names.plans_table(DEV.prefix), True)
        found = self.claimed.get(Key["plan_id"]["S"])
        if found is None:
            return {}
        return {"Item": {"plan": {"S": json.dumps(found[0].as_json())}, "execution": {"S": found[1]}}}

    def get_parameter(self, *, Name: str) -> dict[str, Any]:  # noqa: N803  AWS's name
        if self.resource is None:
            raise refused("ParameterNotFound")
        assert Name.startswith(f"/{DEV.prefix}/endpoints/")
        return {"Parameter": {"Value": json.dumps({"resource": self.resource, "host": "h", "port": "3306"})}}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803  AWS's names
        assert Bucket == names.evidence_bucket(DEV.prefix, REGION, DEV.account)
        if Key not in self.objects:
            raise refused("NoSuchKey")
        return {"Body": io.BytesIO(json.dumps(self.objects[Key]).encode())}
