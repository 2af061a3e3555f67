"""The steps of a restore on tables: each does its part once, however often it is called, and refuses what is not its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recovery.fence import store
from recovery.handlers import begin_restore, claim_plan, cut_over, repair_table
from recovery.restore import plan_lock
from recovery.restore.plan import Plan, PlanError
from recovery.restore.plan_lock import PlanIsRunning
from recovery.restore.repair import RepairContested, repair
from recovery.restore.start_restore import NameTaken
from recovery.restore.switch import RestartRefused
from strategy.catalogue import names
from strategy.catalogue.routes import Mode, Route
from tests.settings_plans import ACCOUNT, PLAN_ID, PREFIX, REGION, Stubs, plan

EXECUTION = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{PREFIX}-dynamodb-to-a-moment:{PLAN_ID}"
SETTINGS: dict[str, Any] = {"tags": {}}
WRITTEN_AT = "written_at"
KEYS: Any = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def of(route: Route = Route.DYNAMODB_TO_A_MOMENT, **changes: Any) -> Plan:
    return replace(plan(route, SETTINGS), verification={"written_at": WRITTEN_AT}, **changes)


@pytest.fixture
def dynamodb(aws: Any) -> Iterator[Any]:
    """The plans table, and the live table with point-in-time recovery."""
    client = aws.client("dynamodb")
    plans = {"AttributeName": "plan_id"}
    client.create_table(
        TableName=names.plans_table(PREFIX),
        KeySchema=[{**plans, "KeyType": "HASH"}],
        AttributeDefinitions=[{**plans, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    source = of().source.name
    client.create_table(TableName=source, **KEYS)
    client.update_continuous_backups(TableName=source, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    yield client
    for name in client.list_tables()["TableNames"]:
        client.delete_table(TableName=name)


# ---------------------------------------------------------------------- claim
def claimed(given: Plan, attempt: int) -> Any:
    return claim_plan.handler({"plan": given.as_json(), "execution": f"{EXECUTION}-{attempt}"}, None)


@pytest.fixture
def holder(monkeypatch: pytest.MonkeyPatch, aws: Any) -> list[str]:
    """What Step Functions says of whoever holds the plan."""
    status: list[str] = []

    class States:
        def describe_execution(self, **_: Any) -> dict[str, str]:
            return {"status": status[-1]}

    monkeypatch.setattr(claim_plan, "client", lambda service: States() if service == "stepfunctions" else aws.client(service))
    return status


@pytest.mark.usefixtures("dynamodb")
def test_one_attempt_at_a_time_has_a_plan(holder: list[str]) -> None:
    assert claimed(of(), 1) == {"attempt": 1}
    assert claimed(of(), 1) == {"attempt": 1}
    holder.append("RUNNING")
    with pytest.raises(PlanIsRunning, match=f"recovery follow {PLAN_ID}"):
        claimed(of(), 2)
    holder.append("FAILED")
    assert claimed(of(), 3) == {"attempt": 3}


@pytest.mark.usefixtures("dynamodb", "holder")
def test_a_plan_that_says_something_else_under_the_same_id_is_refused() -> None:
    claimed(of(), 1)
    with pytest.raises(PlanError, match="said something else"):
        claimed(of(mode=Mode.BESIDE), 1)


def test_of_two_who_take_a_plan_over_one_wins(dynamodb: Any, holder: list[str]) -> None:
    claimed(of(), 1)
    holder.append("FAILED")
    assert claimed(of(), 2) == {"attempt": 2}
    holder.append("RUNNING")
    assert not plan_lock._take(of(), dynamodb, {"plan": "", "execution": "x", "claimed": ""}, 3, f"{EXECUTION}-1")
    assert plan_lock.record(of(), dynamodb)["execution"] == f"{EXECUTION}-2"


# ---------------------------------------------------------------------- begin
def begun(given: Plan) -> Any:
    return begin_restore.handler({"plan": given.as_json()}, None)


def test_a_table_is_restored_once(dynamodb: Any) -> None:
    assert begun(of()) == {"job_id": "", "found": False}
    assert begun(of()) == {"job_id": "", "found": True}
    assert of().target.name in dynamodb.list_tables()["TableNames"]


def test_somebody_else_s_table_is_left_alone(dynamodb: Any) -> None:
    dynamodb.create_table(TableName=of().target.name, **KEYS)
    with pytest.raises(NameTaken, match="left alone"):
        begun(of())


class Jobs:
    """AWS Backup, as far as restore jobs go: a token is one job."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.status = "RUNNING"

    def start_restore_job(self, IdempotencyToken: str, **_: Any) -> dict[str, str]:  # noqa: N803  as AWS spells it
        if IdempotencyToken not in self.tokens:
            self.tokens.append(IdempotencyToken)
        return {"RestoreJobId": f"job {IdempotencyToken}"}

    def describe_restore_job(self, **_: Any) -> dict[str, str]:
        return {"Status": self.status}


@pytest.mark.usefixtures("holder")
def test_a_table_that_made_our_job_fail_is_not_ours(dynamodb: Any, aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given, jobs = of(Route.DYNAMODB_FROM_RECOVERY_POINT), Jobs()
    monkeypatch.setattr(begin_restore, "client", lambda service: jobs if service == "backup" else aws.client(service))
    claimed(given, 1)
    begun(given)
    dynamodb.create_table(TableName=given.target.name, **KEYS)
    jobs.status = "COMPLETED"
    assert begun(given) == {"job_id": "", "found": True}
    jobs.status = "FAILED"
    with pytest.raises(NameTaken, match="left alone"):
        begun(given)
    assert jobs.tokens == [f"{PLAN_ID}-1"]


@pytest.mark.proves("restore.resume")
@pytest.mark.usefixtures("dynamodb", "holder")
def test_a_job_is_started_once_and_again_only_when_it_failed(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given, jobs = of(Route.DYNAMODB_FROM_RECOVERY_POINT), Jobs()
    monkeypatch.setattr(begin_restore, "client", lambda service: jobs if service == "backup" else aws.client(service))
    claimed(given, 1)
    first = f"job {PLAN_ID}-1"
    assert begun(given) == {"job_id": first, "found": False}
    assert begun(given) == {"job_id": first, "found": True}
    jobs.status = "FAILED"
    assert begun(given) == {"job_id": f"job {PLAN_ID}-2", "found": False}
    jobs.status = "RUNNING"
    assert begun(given) == {"job_id": f"job {PLAN_ID}-2", "found": True}
    assert jobs.tokens == [f"{PLAN_ID}-1", f"{PLAN_ID}-2"]


# ---------------------------------------------------------------------- cut over
def cut(given: Plan, action: str, **more: Any) -> Any:
    return cut_over.handler({"plan": given.as_json(), "action": action, **more}, None)


def test_a_fence_joins_a_table_s_policy_and_leaves_it_as_it_was(dynamodb: Any) -> None:
    given = of()
    arn = given.source.arn
    own = {"Sid": "Own", "Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": arn}
    dynamodb.put_resource_policy(ResourceArn=arn, Policy=json.dumps({"Version": "2012-10-17", "Statement": own}))
    dynamodb.put_item(TableName=given.source.name, Item={"id": {"S": "1"}, WRITTEN_AT: {"S": "2026-11-01T00:00:00Z"}})

    for _ in range(2):
        found = cut(given, "fence")
        assert (found["fenced"], found["last_write"]["items"]) == (True, 1)
        assert found["last_write"]["written_at"] == "2026-11-01T00:00:00+00:00"
        statements = json.loads(dynamodb.get_resource_policy(ResourceArn=arn)["Policy"])["Statement"]
        assert [each["Sid"] for each in statements] == ["Own", store.SID]

    for _ in range(2):
        store.lift(given, lambda _service: dynamodb)
        assert json.loads(dynamodb.get_resource_policy(ResourceArn=arn)["Policy"])["Statement"] == [own]


def test_a_fence_of_before_that_denies_replication_is_replaced(dynamodb: Any) -> None:
    given, old = of(), {"Sid": store.SID, "Effect": "Deny", "Principal": "*", "Action": "dynamodb:PutItem"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": {**old, "Resource": given.source.arn}})
    dynamodb.put_resource_policy(ResourceArn=given.source.arn, Policy=policy)
    cut(given, "fence")
    (now,) = json.loads(dynamodb.get_resource_policy(ResourceArn=given.source.arn)["Policy"])["Statement"]
    (excepted,) = now["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    assert excepted.endswith("/AWSServiceRoleForDynamoDBReplication")


def test_a_table_that_is_gone_needs_no_fence(dynamodb: Any) -> None:
    dynamodb.delete_table(TableName=of().source.name)
    found = cut(of(), "fence")
    assert found["fenced"] is False
    assert "is gone" in found["because"]


def test_the_switch_writes_once_and_names_services_that_cannot_restart(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given, stubs = of(services=("user", "client")), Stubs("elasticbeanstalk")
    monkeypatch.setattr(
        cut_over, "client", lambda service: stubs.clients[service] if service in stubs.clients else aws.client(service)
    )
    name, beanstalk = names.endpoint(PREFIX, given.store), stubs.of["elasticbeanstalk"]
    aws.client("ssm").put_parameter(Name=name, Value='{"resource": "old"}', Type="String")
    environments = [names.service_environment(PREFIX, each) for each in given.services]
    for each in [*environments, *environments]:
        beanstalk.add_response("restart_app_server", {}, {"EnvironmentName": each})
    beanstalk.add_client_error("restart_app_server", "InvalidParameterValue", "No Environment found", 400)
    beanstalk.add_response("restart_app_server", {}, {"EnvironmentName": environments[1]})

    with stubs.expected():
        first, second = cut(given, "switch"), cut(given, "switch")
        with pytest.raises(RestartRefused, match=f"{environments[0]}: No Environment found"):
            cut(given, "switch")

    assert first["before"] == {"resource": "old"}
    assert first["now"] == second["before"] == second["now"] == {"resource": given.target.name}
    assert first["restarted"] == environments
    assert aws.client("ssm").get_parameter(Name=name)["Parameter"]["Version"] == 2


def test_only_an_item_written_since_the_switch_proves_it(dynamodb: Any) -> None:
    given = of(services=("audit",))
    dynamodb.create_table(TableName=given.target.name, **KEYS)
    since = datetime(2026, 11, 2, tzinfo=UTC)
    for number, moment in enumerate((since - timedelta(seconds=1), since)):
        item = {"id": {"S": str(number)}, WRITTEN_AT: {"S": moment.isoformat()}}
        dynamodb.put_item(TableName=given.target.name, Item=item)
        assert cut(given, "prove", since=since.isoformat())["proved"] is (number == 1)


# ---------------------------------------------------------------------- repair
@pytest.fixture
def damaged(dynamodb: Any) -> Plan:
    """250 restored items; in the live table one is missing, one differs, one is new."""
    given = of(mode=Mode.REPAIR)
    dynamodb.create_table(TableName=given.target.name, **KEYS)
    for number in range(250):
        item = {"id": {"S": str(number)}, "value": {"N": "1"}, "tags": {"SS": ["a", "b"]}}
        dynamodb.put_item(TableName=given.target.name, Item=item)
        if number != 7:
            dynamodb.put_item(TableName=given.source.name, Item=item | ({"value": {"N": "2"}} if number == 8 else {}))
    dynamodb.put_item(TableName=given.source.name, Item={"id": {"S": "new"}})
    return given


def items(dynamodb: Any, table: str) -> dict[str, Any]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table)
    return {item["id"]["S"]: item for page in pages for item in page["Items"]}


def test_a_repair_writes_what_differs_and_leaves_what_is_new(dynamodb: Any, damaged: Plan) -> None:
    found = repair_table.handler({"plan": damaged.as_json(), "cursor": None}, None)
    assert (found["done"], found["written"], found["same"], found["only_live"]) == (True, 2, 248, 1)
    live = items(dynamodb, damaged.source.name)
    assert live.pop("new") == {"id": {"S": "new"}}
    assert live == items(dynamodb, damaged.target.name)
    again = repair_table.handler({"plan": damaged.as_json(), "cursor": None}, None)
    assert (again["written"], again["same"]) == (0, 250)


def test_a_repair_that_runs_out_of_time_is_continued_from_its_cursor(dynamodb: Any, damaged: Plan) -> None:
    answers = [repair(damaged, dynamodb, None, lambda: 0.0)]
    while not answers[-1].done:
        answers.append(repair(damaged, dynamodb, json.loads(json.dumps(answers[-1].cursor)), lambda: 0.0))
    assert len(answers) > 3
    assert [getattr(answers[-1], each) for each in ("written", "same", "only_live")] == [2, 248, 1]
    assert answers[-1].cursor is None


def test_a_writer_who_is_faster_wins_and_is_told(dynamodb: Any, damaged: Plan) -> None:
    class Busy:
        """Writes to the item whenever it was read."""

        def __getattr__(self, name: str) -> Any:
            return getattr(dynamodb, name)

        def batch_get_item(self, **request: Any) -> Any:
            answer = dynamodb.batch_get_item(**request)
            dynamodb.update_item(
                TableName=damaged.source.name,
                Key={"id": {"S": "8"}},
                UpdateExpression="ADD #v :one",
                ExpressionAttributeNames={"#v": "value"},
                ExpressionAttributeValues={":one": {"N": "1"}},
            )
            return answer

    with pytest.raises(RepairContested, match="1 items"):
        repair(damaged, Busy(), None, lambda: 900.0)
    assert int(items(dynamodb, damaged.source.name)["8"]["value"]["N"]) > 2
