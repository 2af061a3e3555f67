"""A plan's attempts: starting one, and finding them again from nothing but the plan's id.

An attempt is an execution of the route's state machine, named by plan and attempt, so that two people who start the same plan
start one execution. The plans table has each plan that an attempt claimed; where it has none yet, the first execution has it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from recovery.aws import Region
from recovery.errors import Unreachable, WrongInput
from recovery.restore.plan import PlanError
from recovery.restore.region_plan import AnyPlan, any_plan
from strategy import Strategy
from strategy.catalogue import names
from strategy.catalogue.names import PLAN_ID
from strategy.catalogue.region_steps import WORKFLOW
from strategy.catalogue.routes import Route

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_NO_EXECUTION = "ExecutionDoesNotExist"
_STARTED_BEFORE = "ExecutionAlreadyExists"
_NO_WORKFLOW = frozenset({"StateMachineDoesNotExist", "StateMachineDeleting"})


class NoSuchPlan(WrongInput):
    """No plan of that id was started in this region."""


class NotStarted(Unreachable):
    """The attempt was not begun; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One execution. `status` is Step Functions' own word."""

    number: int
    arn: str
    status: str


@dataclass(frozen=True, slots=True)
class Found:
    """A plan and its attempts, oldest first; those of long ago may be forgotten by AWS."""

    plan: AnyPlan
    attempts: tuple[Attempt, ...]

    @property
    def newest(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts else None


class Journal:
    """Of one environment in one region."""

    def __init__(self, strategy: Strategy, region: Region) -> None:
        self._strategy, self._region = strategy, region

    def start(self, plan: AnyPlan, attempt: int) -> str | None:
        """The execution's ARN; None when an attempt of that number was started before and is over, or was of another plan.

        The same attempt started twice while it runs is one execution: AWS answers with it.
        """
        states: SFNClient = self._region.client("stepfunctions")
        name = f"{plan.plan_id}-{attempt}"
        machine = self._arn("stateMachine", plan.route)
        try:
            answer = states.start_execution(stateMachineArn=machine, name=name, input=json.dumps(plan.as_json()))
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == _STARTED_BEFORE:
                return None
            if code in _NO_WORKFLOW:
                stack = names.stack_id(self._strategy.prefix, "dr", self._region.name)
                raise NotStarted(f"there is no workflow {machine}: deploy {stack}; nothing was begun") from error
            raise
        return str(answer["executionArn"])

    def start_next(self, plan: AnyPlan, after: int) -> str:
        """The first attempt past `after` whose name is free."""
        for attempt in range(after + 1, after + 100):
            arn = self.start(plan, attempt)
            if arn is not None:
                return arn
        raise NotStarted(f"plan {plan.plan_id} had {after + 99} attempts: make a new plan")

    def find(self, plan_id: str) -> Found:
        """Raises NoSuchPlan, or PlanError for what is no plan's id."""
        if not re.fullmatch(PLAN_ID, plan_id):
            raise PlanError(f"plan: found {plan_id!r}; allowed: r and eight characters of 0-9 and a-f, such as r1a2b3c4d")
        item = (
            self._region.client("dynamodb")
            .get_item(TableName=names.plans_table(self._strategy.prefix), Key={"plan_id": {"S": plan_id}}, ConsistentRead=True)
            .get("Item")
        )
        if item and "plan" in item:
            plan = any_plan(json.loads(item["plan"]["S"]))
            claimed = str(item.get("execution", {}).get("S", "")).rpartition("-")[2]
            return Found(plan, self._attempts(plan.route, plan_id, int(claimed) if claimed.isdigit() else 1))
        for route in (*Route, WORKFLOW):
            attempts = self._attempts(route, plan_id, 1)
            if attempts:
                document = self._describe(route, plan_id, 1)
                return Found(any_plan(json.loads(document["input"] if document else "{}")), attempts)
        raise NoSuchPlan(
            f"no plan {plan_id} was started in {self._region.name} ({self._strategy.environment}): "
            "look at the id, --env and --region"
        )

    def _attempts(self, route: str, plan_id: str, first: int) -> tuple[Attempt, ...]:
        """From the last that is known to have been claimed: a later one may not have come so far."""
        found = []
        for number in range(first, first + 100):
            answer = self._describe(route, plan_id, number)
            if answer is None:
                break
            found.append(Attempt(number, str(answer["executionArn"]), str(answer["status"])))
        return tuple(found)

    def _describe(self, route: str, plan_id: str, number: int) -> Any | None:
        states: SFNClient = self._region.client("stepfunctions")
        try:
            return states.describe_execution(executionArn=f"{self._arn('execution', route)}:{plan_id}-{number}")
        except ClientError as error:
            if error.response["Error"]["Code"] == _NO_EXECUTION:
                return None
            raise

    def _arn(self, what: str, route: str) -> str:
        arn = names.state_machine_arn(self._strategy.prefix, route, self._region.name, self._strategy.account)
        return arn.replace(":stateMachine:", f":{what}:")
