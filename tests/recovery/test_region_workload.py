"""Turning the standby workload on: what is sent to CloudFormation, and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from recovery.lambda_runtime import TryAgain
from recovery.region.workload import WorkloadFailed, activate
from strategy.catalogue import names
from tests.recovery.fake_night import DEV
from tests.recovery.region_night import HERE, region_plan

PLAN, STACK = region_plan(), names.stack(DEV.prefix, "standby")


@pytest.fixture
def aws() -> Iterator[dict[str, tuple[Any, Stubber]]]:
    made: Any = boto3.client
    clients = {name: made(name, region_name=HERE) for name in ("cloudformation", "elasticbeanstalk")}
    stubs = {name: Stubber(each) for name, each in clients.items()}
    for each in stubs.values():
        each.activate()
    yield {name: (clients[name], stubs[name]) for name in clients}
    for each in stubs.values():
        each.assert_no_pending_responses()


def act(aws: dict[str, tuple[Any, Stubber]]) -> dict[str, Any]:
    return activate(PLAN, lambda service: aws[service][0]).to_json()


def described(aws: dict[str, tuple[Any, Stubber]], status: str, **parameters: str) -> None:
    stack = {
        "StackName": STACK,
        "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
        "StackStatus": status,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    }
    aws["cloudformation"][1].add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": STACK})


def environments(aws: dict[str, tuple[Any, Stubber]]) -> None:
    name = names.service_environment(DEV.prefix, "user")
    aws["elasticbeanstalk"][1].add_response("describe_environments", {"Environments": [{"EnvironmentName": name}]})


@pytest.mark.proves("region-loss.infrastructure")
def test_one_parameter_is_set_and_every_other_one_stays(aws: dict[str, tuple[Any, Stubber]]) -> None:
    described(aws, "CREATE_COMPLETE", Activated="false", Version="v7")
    aws["cloudformation"][1].add_response(
        "update_stack",
        {"StackId": "arn"},
        {
            "StackName": STACK,
            "UsePreviousTemplate": True,
            "RoleARN": names.role_arn(DEV.prefix, names.ACTIVATE, HERE, DEV.account),
            "Parameters": [
                {"ParameterKey": "Activated", "ParameterValue": "true"},
                {"ParameterKey": "Version", "UsePreviousValue": True},
            ],
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        },
    )
    assert act(aws)["done"] is False


@pytest.mark.proves("region-loss.infrastructure")
def test_an_update_under_way_is_waited_for(aws: dict[str, tuple[Any, Stubber]]) -> None:
    described(aws, "UPDATE_IN_PROGRESS", Activated="true")
    assert "UPDATE_IN_PROGRESS" in act(aws)["waiting_for"]


def test_what_is_active_is_left_alone(aws: dict[str, tuple[Any, Stubber]]) -> None:
    described(aws, "UPDATE_COMPLETE", Activated="true")
    environments(aws)
    found = act(aws)
    assert (found["done"], found["services"]) == (True, ["user"])


def test_a_stack_without_the_parameter_is_said(aws: dict[str, tuple[Any, Stubber]]) -> None:
    described(aws, "CREATE_COMPLETE", Version="v7")
    environments(aws)
    found = act(aws)
    assert (found["done"], "no parameter Activated" in found["because"]) == (True, True)


@pytest.mark.proves("region-loss.infrastructure")
@pytest.mark.parametrize("status", ["UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED", "ROLLBACK_COMPLETE"])
def test_a_stack_that_cannot_be_updated_ends_the_step(aws: dict[str, tuple[Any, Stubber]], status: str) -> None:
    described(aws, status, Activated="false")
    with pytest.raises(WorkloadFailed, match=status):
        act(aws)


def test_no_stack_at_all_ends_the_step(aws: dict[str, tuple[Any, Stubber]]) -> None:
    aws["cloudformation"][1].add_client_error("describe_stacks", "ValidationError", f"Stack with id {STACK} does not exist")
    with pytest.raises(WorkloadFailed, match="deploy it"):
        act(aws)


def test_an_update_that_came_first_is_tried_again(aws: dict[str, tuple[Any, Stubber]]) -> None:
    described(aws, "CREATE_COMPLETE", Activated="false")
    aws["cloudformation"][1].add_client_error("update_stack", "ValidationError", "Stack is in UPDATE_IN_PROGRESS state")
    with pytest.raises(TryAgain):
        act(aws)
