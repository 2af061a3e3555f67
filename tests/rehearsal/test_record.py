"""How a workflow ends when not even its record can be written: the states of a record alone, run without a bucket and a topic."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Template
from aws_cdk.aws_stepfunctions import Chain, DefinitionBody, Pass, StateMachine
from constructs import Construct

from aws_rehearsal import Cloud
from aws_support.functions import trust
from aws_support.state_machines import REGION, Machine
from dr_stack.workflow.record import Record
from strategy import load
from strategy.catalogue import names
from strategy.catalogue.routes import Step

STRATEGY = load("dev")
RECOVERED = {"plan_id": "r1", "outcome": "recovered", "step": "", "problem": "", "exists": "all of it", "next": "Adopt it."}
FAILED = RECOVERED | {"outcome": "failed", "step": "Verify", "problem": "Verify: no answer", "next": "Mend it."}


@pytest.fixture(scope="module")
def machine(module_cloud: Cloud) -> Machine:
    trust(module_cloud)
    return Machine(module_cloud, states())


def states() -> dict[str, Any]:
    """As Step Functions gets them."""
    stack = Stack(App(), "Workflow")
    parts = Construct(stack, "Workflow")
    record = Record(parts, "Record", strategy=STRATEGY, region=REGION, folder="restores", named="'r1-1'", what="Restore")
    read = Pass.jsonata(parts, "Read", assign={"record": "{% $states.input %}"})
    StateMachine(parts, "Machine", definition_body=DefinitionBody.from_chainable(Chain.start(read).next(record.start)))
    ((_, made),) = Template.from_stack(stack).find_resources("AWS::StepFunctions::StateMachine").items()
    _, parts_of_it = made["Properties"]["DefinitionString"]["Fn::Join"]
    definition = json.loads("".join(part if isinstance(part, str) else "aws" for part in parts_of_it))
    assert next(iter(definition["States"])) == definition["StartAt"]
    return dict(definition["States"])


def test_a_recovery_without_its_record_has_failed_and_is_resumed(machine: Machine) -> None:
    ended = machine.run(RECOVERED)
    said = json.loads(ended["cause"])
    assert (ended["status"], said["outcome"], said["step"], said["plan_id"]) == ("FAILED", "failed", Step.RECORD, "r1")
    assert said["problem"].startswith("the record could not be written: ")
    assert "NoSuchBucket" in said["problem"] or "does not exist" in said["problem"]
    assert said["next"].startswith(f"Mend the cause, then: python -m recovery resume r1 --env dev --region {REGION}.")


def test_a_failure_without_its_record_keeps_its_own_step_and_cause(machine: Machine) -> None:
    said = json.loads(machine.run(FAILED)["cause"])
    assert said["step"] == "Verify"
    assert said["problem"].startswith("Verify: no answer; and the record could not be written: ")


def test_a_failure_that_was_recorded_says_so_in_words(machine: Machine, module_cloud: Cloud) -> None:
    s3, bucket = module_cloud.client("s3", REGION), names.evidence_bucket(STRATEGY.prefix, REGION, STRATEGY.account)
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    ended = machine.run(FAILED)
    written = s3.get_object(Bucket=bucket, Key="restores/r1-1.json")["Body"].read()
    s3.delete_object(Bucket=bucket, Key="restores/r1-1.json")
    s3.delete_bucket(Bucket=bucket)
    assert ended["cause"] == "Verify: no answer -- Mend it."
    assert json.loads(written) == FAILED
