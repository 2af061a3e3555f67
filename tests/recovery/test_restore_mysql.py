"""The steps of a restore on instances, by the calls they make: what is checked, begun, reset, fenced and proved."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import ANY

from recovery.fence import store
from recovery.handlers import begin_restore, check_plan, cut_over, reset_passwords
from recovery.lambda_runtime import TryAgain
from recovery.mysql import DatabaseUnreachable
from recovery.restore.database import DatabaseRefused
from recovery.restore.plan import Plan
from recovery.restore.preflight import PlanRefused
from recovery.restore.start_restore import NameTaken, RestoreRefused
from recovery.restore.target import StoreStuck
from strategy.catalogue import names
from strategy.catalogue.routes import Route
from strategy.catalogue.store_states import INSTANCE, Course, of_course
from tests.settings_plans import PLAN_ID, PREFIX, Stubs, plan

AT_RESTORE = {"DBSubnetGroupName": names.subnet_group(PREFIX), "MultiAZ": True}
SETTINGS = {"at_restore": AT_RESTORE, "after": {}, "tags": {"application": "bank"}, "cannot": []}
GIVEN = replace(plan(Route.MYSQL_TO_A_MOMENT, SETTINGS), services=("user",))
OLD, NEW = GIVEN.source.name, GIVEN.target.name
USER = names.service_user("user")
MASTER, SERVICE = names.database_secret(PREFIX, GIVEN.store), names.service_secret(PREFIX, GIVEN.store, "user")
TAGS = [{"Key": "application", "Value": "bank"}, {"Key": names.PLAN_TAG, "Value": PLAN_ID}]
SINCE = "2026-11-01T01:00:00+00:00"


class Aws(Stubs):
    """Answers as AWS does, in the order in which they are given."""

    def __init__(self) -> None:
        super().__init__("rds", "dynamodb", "lambda", "secretsmanager", "iam", "kms", "backup", "elasticbeanstalk")

    def instance(self, name: str, status: str | None = "available", **more: Any) -> None:
        asked = {"DBInstanceIdentifier": name}
        if status is None:
            self.of["rds"].add_client_error("describe_db_instances", "DBInstanceNotFound", "", 404, expected_params=asked)
            return
        endpoint = {"Endpoint": {"Address": f"{name}.rds", "Port": 3306}}
        found = {"DBInstanceIdentifier": name, "DBInstanceStatus": status, **endpoint, **more}
        self.of["rds"].add_response("describe_db_instances", {"DBInstances": [found]}, asked)

    def record(self, **attributes: Any) -> None:
        self.of["dynamodb"].add_response("get_item", {"Item": attributes} if attributes else {})

    def secret(self, name: str, user: str) -> None:
        text = json.dumps({"username": user, "password": f"of {user}"})
        self.of["secretsmanager"].add_response("get_secret_value", {"SecretString": text}, {"SecretId": name})

    def database(self, answer: Any, *, failed: bool = False) -> None:
        self.secret(MASTER, "admin")
        payload = {"Payload": io.BytesIO(json.dumps(answer).encode()), **({"FunctionError": "Unhandled"} if failed else {})}
        self.of["lambda"].add_response(
            "invoke", payload, {"FunctionName": f"{PREFIX}-database", "InvocationType": ANY, "Payload": ANY}
        )


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    stubs = Aws()
    for module in (begin_restore, check_plan, cut_over, reset_passwords):
        monkeypatch.setattr(module, "client", lambda service: stubs.clients[service])
    monkeypatch.setattr(store, "_PAUSE_SECONDS", 0)
    with stubs.expected():
        yield stubs


def call(module: Any, given: Plan = GIVEN, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = module.handler({"plan": given.as_json(), **more}, None)
    return found


# ---------------------------------------------------------------------- begin
def test_an_instance_is_restored_with_its_settings_and_the_plan_s_mark(aws: Aws) -> None:
    aws.record()
    aws.instance(NEW, None)
    aws.instance(OLD)
    wanted = {**AT_RESTORE, "SourceDBInstanceIdentifier": OLD, "TargetDBInstanceIdentifier": NEW}
    aws.of["rds"].add_response("restore_db_instance_to_point_in_time", {}, {**wanted, "RestoreTime": GIVEN.moment, "Tags": TAGS})
    assert call(begin_restore) == {"job_id": "", "found": False}


def test_a_deleted_instance_is_restored_from_what_was_retained(aws: Aws) -> None:
    aws.record()
    aws.instance(NEW, None)
    aws.instance(OLD, None)
    kept = {"DBInstanceArn": GIVEN.source.arn, "DbiResourceId": "db-1", "RestoreWindow": {"LatestTime": datetime.now(UTC)}}
    aws.of["rds"].add_response("describe_db_instance_automated_backups", {"DBInstanceAutomatedBackups": [kept]})
    wanted = {**AT_RESTORE, "SourceDbiResourceId": "db-1", "TargetDBInstanceIdentifier": NEW}
    aws.of["rds"].add_response("restore_db_instance_to_point_in_time", {}, {**wanted, "RestoreTime": GIVEN.moment, "Tags": TAGS})
    assert call(begin_restore)["found"] is False


def test_the_plan_s_own_instance_is_found(aws: Aws) -> None:
    aws.record()
    aws.instance(NEW, "creating", TagList=TAGS)
    assert call(begin_restore) == {"job_id": "", "found": True}


@pytest.mark.parametrize("tags", [[], [{"Key": names.PLAN_TAG, "Value": "r0000000b"}]])
def test_what_is_not_the_plan_s_own_is_left_alone(aws: Aws, tags: Any) -> None:
    aws.record()
    aws.instance(NEW, TagList=tags)
    with pytest.raises(NameTaken, match="left alone"):
        call(begin_restore)


@pytest.mark.parametrize("status", [word for word, state in INSTANCE.items() if state.stuck])
def test_an_instance_that_waiting_does_not_help_is_not_deleted_and_not_used(aws: Aws, status: str) -> None:
    aws.record()
    aws.instance(NEW, status, TagList=TAGS)
    with pytest.raises(RestoreRefused, match=f"{NEW} is {status}: {re.escape(INSTANCE[status].then)}"):
        call(begin_restore)


@pytest.mark.parametrize("status", ["levitating", *(word for word, state in INSTANCE.items() if not state.stuck)])
def test_an_instance_that_may_still_come_is_followed(aws: Aws, status: str) -> None:
    aws.record()
    aws.instance(NEW, status, TagList=TAGS)
    assert call(begin_restore) == {"job_id": "", "found": True}


def test_no_capacity_is_said_to_be_no_fault_of_the_source(aws: Aws) -> None:
    aws.record()
    aws.instance(NEW, None)
    aws.instance(OLD)
    aws.of["rds"].add_client_error("restore_db_instance_to_point_in_time", "InsufficientDBInstanceCapacity", "none left", 400)
    with pytest.raises(RestoreRefused, match=r"no such instance .* resume the plan"):
        call(begin_restore)


@pytest.mark.parametrize(
    ("code", "error"), [("InvalidRestoreFault", RestoreRefused), ("InvalidDBInstanceState", TryAgain), ("Throttling", TryAgain)]
)
def test_what_aws_refuses_ends_the_attempt_and_what_passes_does_not(aws: Aws, code: str, error: type[Exception]) -> None:
    aws.record()
    aws.instance(NEW, None)
    aws.instance(OLD)
    aws.of["rds"].add_client_error("restore_db_instance_to_point_in_time", code, "said", 400)
    with pytest.raises(error, match=code):
        call(begin_restore)


# ---------------------------------------------------------------------- check
def test_every_problem_is_listed_at_once(aws: Aws) -> None:
    aws.record()
    aws.instance(NEW, None)
    window = {"EarliestTime": datetime(2026, 11, 2, tzinfo=UTC), "LatestTime": datetime(2026, 11, 3, tzinfo=UTC)}
    kept = {"DBInstanceArn": GIVEN.source.arn, "Status": "active", "RestoreWindow": window}
    rds = aws.of["rds"]
    rds.add_response("describe_db_instance_automated_backups", {"DBInstanceAutomatedBackups": [kept]})
    rds.add_client_error("describe_db_subnet_groups", "DBSubnetGroupNotFoundFault")
    quota = {"AccountQuotaName": "DBInstances", "Used": 40, "Max": 40}
    rds.add_response("describe_account_attributes", {"AccountQuotas": [quota]})
    aws.of["secretsmanager"].add_response("describe_secret", {"Name": MASTER})
    aws.of["secretsmanager"].add_client_error("describe_secret", "ResourceNotFoundException")
    aws.of["elasticbeanstalk"].add_response("describe_environments", {"Environments": []})
    with pytest.raises(PlanRefused) as refused:
        call(check_plan)
    for part in (
        "2026-11-02T00:00:00+00:00 to",
        "no subnet group",
        "all 40 instances",
        f"no secret {SERVICE}",
        f"no {PREFIX}-user",
    ):
        assert part in str(refused.value)


def test_a_plan_whose_instance_is_there_passes_without_its_source(aws: Aws) -> None:
    aws.record()
    aws.instance(NEW, TagList=TAGS)
    for name in (MASTER, SERVICE):
        aws.of["secretsmanager"].add_response("describe_secret", {"Name": name}, {"SecretId": name})
    environments = [{"EnvironmentName": f"{PREFIX}-user"}]
    aws.of["elasticbeanstalk"].add_response("describe_environments", {"Environments": environments})
    assert "made by this plan" in call(check_plan)["checked"][0]["note"]


def test_a_name_that_is_taken_is_a_problem(aws: Aws) -> None:
    given = replace(GIVEN, services=(), settings={**SETTINGS, "credentials": "theirs"})
    aws.record()
    aws.instance(NEW)
    with pytest.raises(PlanRefused, match="is taken"):
        call(check_plan, given)


@pytest.mark.parametrize(("points", "said"), [([], "no longer in vault"), (["EXPIRED"], "its status is EXPIRED")])
def test_a_recovery_point_that_went_or_is_unusable_is_a_problem(aws: Aws, points: list[str], said: str) -> None:
    settings = {"at_restore": {}, "credentials": "theirs"}
    given = plan(Route.MYSQL_FROM_RECOVERY_POINT, settings)
    listed = [
        {"RecoveryPointArn": "arn", "CreationDate": datetime.now(UTC), "ResourceType": "RDS", "Status": each} for each in points
    ]
    aws.record()
    aws.instance(NEW, None)
    aws.of["backup"].add_response("list_recovery_points_by_backup_vault", {"RecoveryPoints": listed})
    aws.of["rds"].add_response("describe_account_attributes", {"AccountQuotas": []})
    aws.of["iam"].add_client_error("get_role", "AccessDenied")
    with pytest.raises(PlanRefused, match=said) as refused:
        call(check_plan, given)
    assert "restore role" not in str(refused.value)


# ---------------------------------------------------------------------- passwords
@pytest.mark.parametrize("status", [word for word, state in INSTANCE.items() if state.stuck])
def test_no_password_is_waited_for_where_waiting_does_not_help(aws: Aws, status: str) -> None:
    aws.instance(NEW, status)
    with pytest.raises(StoreStuck, match=f"{NEW} is {status}: {re.escape(INSTANCE[status].then)}"):
        call(reset_passwords)


@pytest.mark.parametrize("status", of_course("mysql", Course.PASSES))
def test_an_instance_that_is_busy_is_waited_for_with_the_passwords(aws: Aws, status: str) -> None:
    aws.instance(NEW, status)
    assert call(reset_passwords)["waiting_for"] == f"{NEW} is {status}"


def test_a_state_that_no_table_knows_is_said_to_be_so(aws: Aws) -> None:
    aws.instance(NEW, "levitating")
    assert call(reset_passwords)["waiting_for"].startswith(f"{NEW} is levitating: this is no state that these tools know")


def test_the_master_s_password_is_set_only_when_it_is_not_the_secret_s(aws: Aws) -> None:
    aws.instance(NEW)
    aws.database({"signed_in": False})
    aws.secret(MASTER, "admin")
    changed = {"DBInstanceIdentifier": NEW, "MasterUserPassword": "of admin", "ApplyImmediately": True}
    aws.of["rds"].add_response("modify_db_instance", {}, changed)
    assert call(reset_passwords)["settled"] is False

    aws.instance(NEW, "resetting-master-credentials")
    assert call(reset_passwords)["settled"] is False

    aws.instance(NEW)
    aws.database({"signed_in": True})
    aws.secret(SERVICE, USER)
    aws.database({"accounts": [], "missing": [USER]})
    settled = call(reset_passwords)
    assert (settled["settled"], settled["accounts"], settled["missing"]) == (True, [], [USER])
    assert "of " + USER not in json.dumps(settled)


def test_passwords_that_are_not_ours_are_left_and_that_is_said(aws: Aws) -> None:  # noqa: ARG001  no call is expected of it
    found = call(reset_passwords, replace(GIVEN, settings={**SETTINGS, "credentials": "theirs"}))
    assert found["settled"] is True
    assert "not ours" in found["because"]


@pytest.mark.parametrize(
    ("kind", "error"), [("DatabaseUnreachable", DatabaseUnreachable), ("StillConnected", TryAgain), ("KeyError", DatabaseRefused)]
)
def test_the_database_function_s_errors_are_ours_and_hold_no_payload(aws: Aws, kind: str, error: type[Exception]) -> None:
    aws.instance(NEW)
    text = "said" if kind != "KeyError" else "the password"
    aws.database({"errorType": kind, "errorMessage": text}, failed=True)
    with pytest.raises(error) as raised:
        call(reset_passwords)
    assert "the password" not in str(raised.value)


# ---------------------------------------------------------------------- fence and prove
def test_an_old_instance_is_fenced(aws: Aws) -> None:
    aws.instance(OLD)
    aws.database({"accounts": [USER], "last_write": {"file": "binlog.1", "position": 4}})
    found = call(cut_over, action="fence")
    assert found == {"fenced": True, "because": "", "accounts": [USER], "last_write": {"file": "binlog.1", "position": 4}}


@pytest.mark.parametrize(
    ("status", "said"), [(None, "is gone"), *((word, f"is {word}") for word, state in INSTANCE.items() if state.silent)]
)
def test_an_old_instance_that_takes_no_writes_is_said_to(aws: Aws, status: str | None, said: str) -> None:
    aws.instance(OLD, status)
    found = call(cut_over, action="fence")
    assert found["fenced"] is False
    assert said in found["because"]


def test_an_old_instance_that_does_not_answer_is_tried_again_and_then_said_to(aws: Aws) -> None:
    aws.instance(OLD, "storage-full")
    for _ in range(3):
        aws.database({"errorType": "DatabaseUnreachable", "errorMessage": "timed out"}, failed=True)
    found = call(cut_over, action="fence")
    assert found["fenced"] is False
    assert "timed out" in found["because"]


@pytest.mark.parametrize(("new", "old", "proved"), [(1, 0, True), (0, 0, False), (1, 1, False)])
def test_every_service_must_be_on_the_new_instance_and_none_on_the_old(aws: Aws, new: int, old: int, proved: bool) -> None:
    for name, count in ((NEW, new), (OLD, old)):
        aws.instance(name)
        aws.database({"connections": {USER: count}})
    found = call(cut_over, action="prove", since=SINCE)
    assert found["proved"] is proved
    assert (found["waiting_for"] == "") is proved


def test_an_old_instance_that_is_gone_holds_nothing_up(aws: Aws) -> None:
    aws.instance(NEW)
    aws.database({"connections": {USER: 2}})
    aws.instance(OLD, None)
    found = call(cut_over, action="prove", since=SINCE)
    assert (found["proved"], found["connections"]) == (True, {USER: 2})
