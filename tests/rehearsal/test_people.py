"""The people of a rehearsal: each takes the role of her duty, under her own name alone, and may what it says and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from aws_rehearsal import ACCOUNT, Cloud
from recovery.__main__ import main
from recovery.aws import Region
from recovery.region.approval import person
from recovery.restore.attempts import Journal, NoSuchPlan
from rehearsal.scenarios.people import NAMES, Duty
from strategy import load
from strategy.catalogue import names, plan_record
from strategy.catalogue.region_steps import Approval
from tests.people import enrolled, sign_in_as

STRATEGY = load("dev")
THERE = STRATEGY.regions.recovery
PLANS = names.plans_table(STRATEGY.prefix)


def signed_in(duty: Duty, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, service: str) -> Any:
    sign_in_as(duty, cloud, monkeypatch, STRATEGY)
    connect: Any = boto3.Session().client  # the default session keeps the credentials that it began with
    return connect(service, region_name=THERE)


def make_plans(cloud: Cloud) -> None:
    cloud.client("dynamodb", THERE).create_table(
        TableName=PLANS,
        KeySchema=[{"AttributeName": plan_record.KEY, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": plan_record.KEY, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def refused(call: Any, **arguments: Any) -> bool:
    """Whether IAM refuses; what is wrong with a call that it lets through does not matter."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException"}
    return False


@pytest.mark.parametrize("duty", Duty)
def test_a_session_bears_the_name_of_its_person(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, duty: Duty) -> None:
    arn = signed_in(duty, cloud, monkeypatch, "sts").get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/{duty}/{NAMES[duty]}"
    assert person(arn) == NAMES[duty]
    assert len(set(NAMES.values())) == len(Duty)


def test_nobody_takes_a_role_of_another_or_under_another_name(cloud: Cloud) -> None:
    sts = cloud.client("sts", THERE, caller=enrolled(cloud, STRATEGY).key(Duty.OPERATOR))

    def takes(duty: Duty, name: str) -> bool:
        return not refused(sts.assume_role, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{duty}", RoleSessionName=name)

    operator, approver = NAMES[Duty.OPERATOR], NAMES[Duty.APPROVER]
    assert takes(Duty.OPERATOR, operator)
    assert not takes(Duty.OPERATOR, approver)
    assert not takes(Duty.APPROVER, operator)
    assert not takes(Duty.APPROVER, approver)


@pytest.mark.parametrize("duty", [Duty.OPERATOR, Duty.APPROVER])
def test_whoever_starts_or_approves_is_told_that_a_plan_is_not_there(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, duty: Duty
) -> None:
    """A plan lies in the table, and in the input of its executions: both are read before it is approved."""
    make_plans(cloud)
    sign_in_as(duty, cloud, monkeypatch, STRATEGY)
    with pytest.raises(NoSuchPlan):
        Journal(STRATEGY, Region(THERE)).find("r0000000a")


def test_whoever_looks_sees_the_dashboard(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sign_in_as(Duty.VIEWER, cloud, monkeypatch, STRATEGY)
    now = cloud.clock.now().isoformat(timespec="seconds")
    main(["dashboard", "--env", "dev", "--region", THERE, "--now", now, "--html", str(tmp_path / "dashboard.html")])
    viewer = f"assumed-role/{Duty.VIEWER}/"
    judged = [each for each in cloud.guard.judged if viewer in each.role]
    assert "cloudwatch:GetMetricData" in {each.action for each in judged}
    assert [each for each in judged if not each.allowed] == []


@pytest.mark.parametrize("duty", Duty)
def test_one_person_starts_and_another_approves(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, duty: Duty) -> None:
    make_plans(cloud)
    dynamodb = signed_in(duty, cloud, monkeypatch, "dynamodb")

    def writes(attribute: str) -> bool:
        return not refused(
            dynamodb.update_item,
            TableName=PLANS,
            Key={plan_record.KEY: {"S": "r0000000a"}},
            UpdateExpression="SET #what = :given",
            ExpressionAttributeNames={"#what": attribute},
            ExpressionAttributeValues={":given": {"S": "yes"}},
        )

    assert [writes(plan_record.approved(each)) for each in Approval] == [duty is Duty.APPROVER] * len(Approval)
    assert not writes("plan")
    starts = signed_in(duty, cloud, monkeypatch, "stepfunctions").start_execution
    machine = names.state_machine_arn(STRATEGY.prefix, "recover-region", THERE, ACCOUNT)
    assert refused(starts, stateMachineArn=machine) is (duty not in {Duty.OPERATOR, Duty.FAILOVER})
