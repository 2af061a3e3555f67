"""State machines for tests: made of their states, run, and read."""

from __future__ import annotations

import json
from typing import Any

from aws_rehearsal import Cloud
from aws_support.roles import may_all
from aws_support.waiting import eventually

REGION = "ap-southeast-1"
TERMINAL = {"SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT"}


class Machine:
    """A state machine of the given states, the first of which is the start. Its role may do everything, when it is made here."""

    made = 0

    def __init__(
        self,
        cloud: Cloud,
        states: dict[str, Any],
        *,
        region: str = REGION,
        language: str = "JSONata",
        role: str = "function",
        **top: Any,
    ) -> None:
        Machine.made += 1
        self.client = cloud.client("stepfunctions", region)
        definition = {"QueryLanguage": language, "StartAt": next(iter(states)), "States": states} | top
        self.arn = self.client.create_state_machine(
            name=f"machine-{Machine.made}", definition=json.dumps(definition), roleArn=may_all(cloud, role)
        )["stateMachineArn"]

    def start(self, document: Any = None, **more: Any) -> str:
        arn = self.client.start_execution(stateMachineArn=self.arn, input=json.dumps(document or {}), **more)["executionArn"]
        return str(arn)

    def describe(self, execution: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.describe_execution(executionArn=execution)
        return found

    def end(self, execution: str) -> dict[str, Any]:
        assert eventually(lambda: self.describe(execution)["status"] in TERMINAL), "the execution did not end"
        return self.describe(execution)

    def run(self, document: Any = None) -> dict[str, Any]:
        return self.end(self.start(document))

    def entered(self, execution: str) -> list[dict[str, Any]]:
        """What each state was entered with, in order."""
        events = self.client.get_execution_history(executionArn=execution, maxResults=1000)["events"]
        return [event["stateEnteredEventDetails"] for event in events if "stateEnteredEventDetails" in event]

    def output(self, document: Any = None) -> Any:
        result = self.run(document)
        assert result["status"] == "SUCCEEDED", result
        return json.loads(result["output"])


def sdk(action: str, arguments: Any = None, **more: Any) -> dict[str, Any]:
    state: dict[str, Any] = {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{action}", "End": True} | more
    return state | ({} if arguments is None else {"Arguments": arguments})
