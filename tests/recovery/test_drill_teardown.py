"""What a drill may take away: that it is its own is asked again each time, and everything else is refused and left alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from recovery.drills.exercise import stop
from recovery.drills.teardown import NotOurs, mark, tear_down
from recovery.restore.plan import Plan
from strategy.catalogue import names
from strategy.contracts.drills import TearDownAnswer
from tests.recovery.answers import Answer, Region
from tests.recovery.drill_night import NOW, REGION, instance_drill, table_drill

Act = Callable[[Plan, Callable[[str], Any]], TearDownAnswer]
MYSQL, TABLE = instance_drill(), table_drill()
GONE: dict[tuple[str, str], Answer] = {
    ("rds", "DescribeDBInstances"): "DBInstanceNotFound",
    ("dynamodb", "DescribeTable"): "ResourceNotFoundException",
}


def marks(plan: Plan, **changes: str) -> list[dict[str, str]]:
    tags = {names.PLAN_TAG: plan.plan_id, names.DRILL_TAG: "true"} | changes
    return [{"Key": key, "Value": value} for key, value in tags.items() if value]


def region(
    plan: Plan, more: Mapping[str, Answer] | None = None, *, tags: list[dict[str, str]] | None, status: str = ""
) -> Region:
    """`tags` of the store that the plan makes; None: there is none. `more`: other answers, by operation."""
    answers: dict[tuple[str, str], Answer] = {
        ("ssm", "GetParameter"): {"Parameter": {"Value": json.dumps({"resource": plan.source.name})}},
        ("backup", "ListRestoreJobs"): {"RestoreJobs": []},
        ("dynamodb", "GetItem"): {"Item": {"job_id": {"S": "job-1"}}},
        ("rds", "AddTagsToResource"): {},
        ("rds", "DeleteDBInstance"): {},
        ("dynamodb", "TagResource"): {},
        ("dynamodb", "DeleteTable"): {},
        **GONE,
    }
    if tags is not None:
        there = {"DBInstanceIdentifier": plan.target.name, "DBInstanceStatus": status or "available", "TagList": tags}
        table = {"TableStatus": status or "ACTIVE", "RestoreSummary": {"SourceTableArn": plan.source.arn}}
        answers |= {
            ("rds", "DescribeDBInstances"): {"DBInstances": [there]},
            ("dynamodb", "DescribeTable"): {"Table": table},
            ("dynamodb", "ListTagsOfResource"): {"Tags": tags},
        }
    for operation, answer in (more or {}).items():
        (key,) = (each for each in answers if each[1] == operation)
        answers[key] = answer
    return Region(REGION, answers)


def changed(asked: Region) -> list[str]:
    return [operation for _, operation in asked.asked if operation.startswith(("Add", "Delete", "Tag"))]


@pytest.mark.parametrize("plan", [MYSQL, TABLE], ids=["mysql", "dynamodb"])
def test_what_bears_both_marks_is_deleted_with_all_that_hangs_on_it(plan: Plan) -> None:
    seen: list[Mapping[str, Any]] = []

    def deleted(asked: Mapping[str, Any]) -> dict[str, Any]:
        seen.append(asked)
        return {}

    operation = "DeleteDBInstance" if plan is MYSQL else "DeleteTable"
    here = region(plan, {operation: deleted}, tags=marks(plan))
    assert tear_down(plan, here.client).done is False, "only what is seen afterwards counts"
    whole = {"DBInstanceIdentifier": plan.target.name, "SkipFinalSnapshot": True, "DeleteAutomatedBackups": True}
    assert [dict(each) for each in seen] == [whole if plan is MYSQL else {"TableName": plan.target.name}]


@pytest.mark.proves("verification.drill-teardown")
@pytest.mark.parametrize("plan", [MYSQL, TABLE], ids=["mysql", "dynamodb"])
@pytest.mark.parametrize(
    "changes",
    [{names.DRILL_TAG: ""}, {names.PLAN_TAG: ""}, {names.PLAN_TAG: "r99999999"}, {names.DRILL_TAG: "false"}],
    ids=["no drill's", "no plan's", "another plan's", "not a drill"],
)
def test_what_lacks_a_mark_is_never_deleted(plan: Plan, changes: dict[str, str]) -> None:
    here = region(plan, tags=marks(plan, **changes))
    with pytest.raises(NotOurs, match="does not bear the marks"):
        tear_down(plan, here.client)
    assert changed(here) == []


@pytest.mark.proves("verification.drill-teardown")
@pytest.mark.parametrize("act", [mark, tear_down])
@pytest.mark.parametrize("plan", [MYSQL, TABLE], ids=["mysql", "dynamodb"])
def test_what_the_application_uses_is_left_alone(act: Act, plan: Plan) -> None:
    used = {"Parameter": {"Value": json.dumps({"resource": plan.target.name})}}
    here = region(plan, {"GetParameter": used}, tags=marks(plan))
    with pytest.raises(NotOurs, match="the application uses"):
        act(plan, here.client)
    assert changed(here) == []


@pytest.mark.parametrize("act", [mark, tear_down])
@pytest.mark.parametrize("changes", [{"replica": True}, {"target": MYSQL.source}], ids=["a replica", "the store itself"])
def test_what_was_there_before_is_refused(act: Act, changes: dict[str, Any]) -> None:
    here = region(MYSQL, tags=marks(MYSQL))
    with pytest.raises(NotOurs, match="it was there before"):
        act(replace(MYSQL, **changes), here.client)
    assert here.asked == []


@pytest.mark.parametrize("act", [mark, tear_down])
def test_the_plan_of_a_real_restore_is_refused(act: Act) -> None:
    here = region(MYSQL, tags=marks(MYSQL))
    with pytest.raises(NotOurs, match="is no drill's"):
        act(replace(MYSQL, drill=False), here.client)
    assert here.asked == []


def test_only_what_this_plan_restored_is_marked() -> None:
    here = region(MYSQL, tags=[{"Key": names.PLAN_TAG, "Value": "r99999999"}])
    with pytest.raises(NotOurs, match="was not restored by plan"):
        mark(MYSQL, here.client)
    strange = region(MYSQL, {"GetItem": {"Item": {}}}, tags=[])
    with pytest.raises(NotOurs, match="was not restored by plan"):
        mark(MYSQL, strange.client)
    assert changed(here) == changed(strange) == []


@pytest.mark.parametrize("plan", [MYSQL, TABLE], ids=["mysql", "dynamodb"])
def test_a_store_whose_restore_stopped_before_its_tags_is_marked_first(plan: Plan) -> None:
    here = region(plan, tags=[])
    assert mark(plan, here.client).done is False
    assert changed(here) == ["AddTagsToResource" if plan is MYSQL else "TagResource"]
    assert mark(plan, region(plan, tags=marks(plan)).client).to_json() == {"done": True, "waiting_for": "", "there": True}


def test_a_restore_job_that_still_runs_is_waited_for_though_nothing_is_there_yet() -> None:
    assert MYSQL.recovery_point is not None
    job = {"RestoreJobId": "job-1", "RecoveryPointArn": MYSQL.recovery_point.arn, "Status": "RUNNING"}
    found = mark(MYSQL, region(MYSQL, {"ListRestoreJobs": {"RestoreJobs": [job]}}, tags=None).client)
    assert (found.done, found.waiting_for) == (False, "the restore job job-1 to end")
    others = [job | {"RecoveryPointArn": "another"}, job | {"Status": "COMPLETED"}]
    assert mark(MYSQL, region(MYSQL, {"ListRestoreJobs": {"RestoreJobs": others}}, tags=None).client).done is True


@pytest.mark.parametrize("act", [mark, tear_down])
@pytest.mark.parametrize("plan", [MYSQL, TABLE], ids=["mysql", "dynamodb"])
def test_where_nothing_was_made_there_is_nothing_to_do(act: Act, plan: Plan) -> None:
    here = region(plan, tags=None)
    assert act(plan, here.client).to_json() == {"done": True, "waiting_for": "", "there": False}
    assert changed(here) == []


@pytest.mark.parametrize(
    ("plan", "code"),
    [(MYSQL, "InvalidDBInstanceState"), (TABLE, "ResourceInUseException"), (TABLE, "AccessDeniedException")],
)
def test_what_cannot_be_deleted_yet_is_tried_again_and_said(plan: Plan, code: str) -> None:
    operation = "DeleteDBInstance" if plan is MYSQL else "DeleteTable"
    found = tear_down(plan, region(plan, {operation: code}, tags=marks(plan), status="creating").client)
    assert found.done is False
    assert code in found.waiting_for


@pytest.mark.parametrize(
    ("status", "ended", "waited_for"),
    [
        ("FAILED", timedelta(seconds=5), True),
        ("TIMED_OUT", timedelta(minutes=4), True),
        ("FAILED", timedelta(minutes=6), False),
        ("SUCCEEDED", timedelta(seconds=5), False),
    ],
)
def test_a_restore_that_failed_a_moment_ago_may_have_made_what_aws_does_not_show_yet(
    status: str, ended: timedelta, *, waited_for: bool
) -> None:
    """DescribeTable is eventually consistent: absent at once after the end proves nothing."""
    answer: Answer = {"executionArn": "arn", "status": status, "stopDate": NOW - ended}
    here = Region(REGION, {("stepfunctions", "DescribeExecution"): answer})
    assert stop(TABLE, here.client, now=NOW).stopped is waited_for
