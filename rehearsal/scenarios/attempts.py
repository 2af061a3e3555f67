"""Attempts of one restore plan: started, stopped, abandoned, and what each said at its end."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any

from aws_rehearsal import INHABITANT, OF_AWS
from recovery.restore.plan import Plan
from rehearsal.scenarios.base import HANGS, Context, wait_for
from rehearsal.scenarios.client import recovery, running
from rehearsal.scenarios.restore_faults import FUNCTIONS, at_step
from strategy.catalogue import names

REAL_SECONDS = HANGS
"""How long one attempt may really take."""


@dataclass(frozen=True)
class Attempt:
    """How one execution ended: Step Functions' status and the workflow's own record (empty when it was stopped)."""

    status: str
    record: dict[str, Any]

    @property
    def recovered(self) -> bool:
        return self.record.get("outcome") == "recovered" and self.record["verification"]["verdict"] == "passed"

    def __str__(self) -> str:
        if self.recovered:
            return "recovered"
        return f"{self.status}: {self.record.get('problem', '')}"[:400]


@dataclass
class Attempts:
    """All of one plan, in order."""

    context: Context
    plan: Plan
    arns: list[str] = field(default_factory=list)
    ended: list[Attempt] = field(default_factory=list)

    def start(self) -> Attempt:
        """As `restore` and `resume` do, and wait for the end."""
        name = f"{self.plan.plan_id}-{len(self.arns) + 1}"
        states, document = self._states(), json.dumps(self.plan.as_json())
        self.arns.append(states.start_execution(stateMachineArn=self._machine, name=name, input=document)["executionArn"])
        return self._wait()

    def abandon(self, chance: random.Random) -> list[str]:
        """The client starts it, is killed as some step begins, and is asked later how it ended; what it then said wrong."""
        file = self.context.directory / f"{self.plan.plan_id}.json"
        file.write_text(json.dumps(self.plan.as_json()))
        step = chance.choice([each.step for each in self.plan.steps if each.step in FUNCTIONS])
        with (
            running(self.context, "restore", str(self.plan.route), "--plan", str(file), "--yes") as client,
            at_step(self.context.cloud, self.plan, step, client.kill),
        ):
            said, _ = client.communicate(timeout=REAL_SECONDS)
        found = self._states().list_executions(stateMachineArn=self._machine)["executions"]
        mine = [each["executionArn"] for each in found if each["name"].startswith(self.plan.plan_id)]
        if len(mine) != 1:
            self.ended.append(Attempt("FAILED", {"problem": f"the client said {said[-300:]}"}))
            return [f"{len(mine)} executions were started"]
        self.arns += mine
        attempt = self._wait()
        answer = recovery(self.context, "follow", self.plan.plan_id)
        return [] if answer.code == 0 or not attempt.recovered else [f"follow ended {answer.code}: {answer.said[-300:]}"]

    def stop(self) -> None:
        """As somebody does who has the console open."""
        client = self.context.cloud.client("stepfunctions", self.plan.region)
        client.stop_execution(executionArn=self.arns[-1], error="Stopped", cause="by hand")

    def _wait(self) -> Attempt:
        """Without holding the clock."""
        states, arn = self._states(), self.arns[-1]

        def over() -> bool:
            self.context.cloud.clock.raise_errors()
            return bool(states.describe_execution(executionArn=arn)["status"] != "RUNNING")

        wait_for(over, what=f"{self.plan.plan_id}, attempt {len(self.arns)}", seconds=REAL_SECONDS)
        answer = states.describe_execution(executionArn=arn)
        self.ended.append(Attempt(answer["status"], self._record(answer)))
        return self.ended[-1]

    def _record(self, answer: dict[str, Any]) -> dict[str, Any]:
        """What the workflow wrote; an execution that was stopped, or could not write, has no record but its cause."""
        bucket = names.evidence_bucket(self.plan.prefix, self.plan.region, self.plan.account)
        s3 = self.context.cloud.client("s3", self.plan.region, mark=OF_AWS)  # who judges is not throttled: nobody's fault
        try:
            written = s3.get_object(Bucket=bucket, Key=f"{names.RESTORES}/{answer['name']}.json")["Body"].read()
        except s3.exceptions.NoSuchKey:
            return _said(answer.get("cause", ""))
        found: dict[str, Any] = json.loads(written)
        return found

    def _states(self) -> Any:
        return self.context.cloud.client("stepfunctions", self.plan.region, mark=INHABITANT)

    @property
    def _machine(self) -> str:
        return names.state_machine_arn(self.plan.prefix, self.plan.route, self.plan.region, self.plan.account)


def _said(cause: str) -> dict[str, Any]:
    try:
        return dict(json.loads(cause))
    except ValueError:
        return {"problem": cause}


def unhelpful(attempt: Attempt, plan: Plan) -> list[str]:
    """What a failed attempt should have said and did not. One that was stopped from outside says nothing."""
    if attempt.recovered or attempt.status == "ABORTED":
        return []
    record, found = attempt.record, []
    if not record.get("step") and record.get("outcome") != "verification_failed":
        found.append("the failure names no step")
    if not record.get("problem"):
        found.append("the failure says no problem")
    command = record.get("next", "")
    if plan.plan_id not in command or not {"resume", "cleanup"} & set(command.split()):
        found.append(f"the failure says no command: {command!r}")
    return found
