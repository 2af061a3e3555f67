"""A second person's yes: whose counts, whose does not, and that it is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from recovery.region.approval import NothingToApprove, NotYours, approve, look
from recovery.restore.plan_lock import claim
from recovery.restore.region_plan import RegionPlan
from strategy.catalogue import names
from strategy.catalogue.region_steps import Approval
from tests.recovery.fake_night import DEV, NOW, OPERATOR
from tests.recovery.region_night import HERE, region_plan

PLAN = region_plan()
SECOND = f"arn:aws:iam::{DEV.account}:user/second"


def client(service: str) -> Any:
    make: Any = boto3.client
    return make(service, region_name=HERE)


@pytest.fixture
def started() -> Iterator[RegionPlan]:
    """Claimed, as the workflow's first step does it."""
    with mock_aws():
        client("dynamodb").create_table(
            TableName=names.plans_table(DEV.prefix),
            KeySchema=[{"AttributeName": "plan_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "plan_id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        claim(PLAN, f"arn:aws:states:::execution:{PLAN.plan_id}-1", client, now=NOW)
        yield PLAN


@pytest.mark.proves("region-loss.approval")
def test_nothing_goes_on_until_somebody_else_says_yes(started: RegionPlan) -> None:
    waiting = look(started, Approval.RECOVER, client).to_json()
    assert (waiting["done"], f"approve {started.plan_id}" in waiting["waiting_for"]) == (False, True)
    approve(started, Approval.RECOVER, client, by=SECOND, now=NOW)
    assert look(started, Approval.RECOVER, client).to_json() == {
        "done": True,
        "waiting_for": "",
        "by": SECOND,
        "at": "2026-11-23T03:00:00+00:00",
    }


@pytest.mark.proves("region-loss.approval")
@pytest.mark.parametrize("by", [OPERATOR, OPERATOR.replace("operator", "Operator")])
def test_whoever_made_the_plan_does_not_approve_it(started: RegionPlan, by: str) -> None:
    with pytest.raises(NotYours):
        approve(started, Approval.RECOVER, client, by=by, now=NOW)
    assert look(started, Approval.RECOVER, client).to_json()["done"] is False


@pytest.mark.proves("region-loss.approval")
def test_another_role_does_not_make_another_person() -> None:
    made = region_plan(made_by=f"arn:aws:sts::{DEV.account}:assumed-role/OnCall/jo@bank.example")
    with pytest.raises(NotYours):
        approve(made, Approval.RECOVER, client, by=f"arn:aws:sts::{DEV.account}:assumed-role/Admin/jo@bank.example", now=NOW)


@pytest.mark.proves("region-loss.approval")
def test_a_yes_of_the_starter_that_was_written_past_the_client_does_not_count(started: RegionPlan) -> None:
    client("dynamodb").update_item(
        TableName=names.plans_table(DEV.prefix),
        Key={"plan_id": {"S": started.plan_id}},
        UpdateExpression="SET approved_recover = :given",
        ExpressionAttributeValues={":given": {"S": json.dumps({"by": OPERATOR, "at": "now"})}},
    )
    assert look(started, Approval.RECOVER, client).to_json()["done"] is False


def test_the_first_yes_stands(started: RegionPlan) -> None:
    approve(started, Approval.RECOVER, client, by=SECOND, now=NOW)
    third = f"arn:aws:iam::{DEV.account}:user/third"
    assert approve(started, Approval.RECOVER, client, by=third, now=NOW)["by"] == SECOND


@pytest.mark.usefixtures("started")
def test_what_was_not_started_or_waits_for_nobody_is_not_approved() -> None:
    other = region_plan(plan_id="r00000000")
    with pytest.raises(NothingToApprove, match="not started"):
        approve(other, Approval.RECOVER, client, by=SECOND, now=NOW)
    with pytest.raises(NothingToApprove, match="no approval"):
        approve(region_plan(approvals=False), Approval.RECOVER, client, by=SECOND, now=NOW)


@pytest.mark.proves("region-loss.cutover")
@pytest.mark.parametrize("by", [OPERATOR, OPERATOR.replace("operator", "Operator")])
def test_whoever_made_the_plan_does_not_move_the_traffic(started: RegionPlan, by: str) -> None:
    with pytest.raises(NotYours):
        approve(started, Approval.CUT_OVER, client, by=by, now=NOW)
    assert look(started, Approval.CUT_OVER, client).to_json()["done"] is False


def test_a_yes_to_the_recovery_is_none_to_moving_the_traffic(started: RegionPlan) -> None:
    approve(started, Approval.RECOVER, client, by=SECOND, now=NOW)
    waiting = look(started, Approval.CUT_OVER, client).to_json()
    assert waiting["done"] is False
    assert f"approve {started.plan_id} --for cut-over" in waiting["waiting_for"]
    approve(started, Approval.CUT_OVER, client, by=SECOND, now=NOW)
    assert look(started, Approval.CUT_OVER, client).to_json()["done"] is True


def test_a_drill_moves_no_traffic_and_asks_nobody_to() -> None:
    with pytest.raises(NothingToApprove, match="no approval of `cut-over`"):
        approve(region_plan(drill=True), Approval.CUT_OVER, client, by=SECOND, now=NOW)
