"""A replica as the source of a lost store: when it is one, how it is promoted once, and what it is compared with."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from recovery.region.planner import freshest_first
from recovery.restore.plan import Plan, PlanError
from recovery.restore.preflight import preflight
from recovery.restore.replicas import NoReplica, find, not_before
from recovery.restore.start_restore import NameTaken, RestoreRefused, begin
from recovery.verify.content import Chunk, Content, Part
from recovery.verify.replica import Replica, levels
from recovery.verify.result import Verdict
from strategy import load
from strategy.catalogue import names
from strategy.catalogue.routes import Route
from strategy.catalogue.store_states import INSTANCE, Course, of_course
from tests.recovery.fake_night import DEV, NOW, refused
from tests.recovery.region_night import HERE, INCIDENT, copy, following

STRATEGY = load("dev")
MYSQL = next(each for each in STRATEGY.stores if each.name == "mysql").model_copy(update={"read_replica": True})
TABLE = next(each for each in STRATEGY.stores if each.name == "audit-logs").model_copy(update={"replica": True})
NOT_OPERATIONAL = [word for word, state in INSTANCE.items() if state.course is not Course.OPERATIONAL]
NAME, MINUTE = names.read_replica(DEV.prefix, "mysql"), timedelta(minutes=1)


class Aws:
    """RDS with one instance, a table, and the lag that was published; it is its own clients."""

    class exceptions:  # noqa: N801  as boto3 spells it
        ResourceNotFoundException = type(refused("ResourceNotFoundException"))

    def __init__(self, **changes: Any) -> None:
        self.instance: dict[str, Any] | None = {
            "DBInstanceIdentifier": NAME,
            "DBInstanceArn": names.store_arn("mysql", HERE, DEV.account, NAME),
            "DBInstanceStatus": "available",
            "ReadReplicaSourceDBInstanceIdentifier": "arn:of:the:source",
            "TagList": [],
            **changes,
        }
        self.lags: list[tuple[datetime, float]] = [(INCIDENT - 6 * MINUTE, 0.0), (INCIDENT - MINUTE, -1.0)]
        self.table: dict[str, Any] | None = {"TableStatus": "ACTIVE", "TableArn": "arn:table", "GlobalTableVersion": "2019.11.21"}
        self.calls: list[str] = []

    def __call__(self, _service: str) -> Any:
        return self

    def describe_db_instances(self, **_: Any) -> Any:
        if self.instance is None:
            raise refused("DBInstanceNotFound")
        return {"DBInstances": [self.instance]}

    def describe_table(self, **_: Any) -> Any:
        if self.table is None:
            raise refused("ResourceNotFoundException")
        return {"Table": self.table}

    def get_metric_statistics(self, *, StartTime: datetime, EndTime: datetime, **_: Any) -> Any:  # noqa: N803
        within = [(at, lag) for at, lag in self.lags if StartTime <= at < EndTime]
        return {"Datapoints": [{"Timestamp": at, "Maximum": lag, "Minimum": lag} for at, lag in within]}

    def get_item(self, **_: Any) -> Any:
        return {}

    def add_tags_to_resource(self, *, ResourceName: str, Tags: Any) -> None:  # noqa: N803
        assert self.instance is not None
        assert ResourceName == self.instance["DBInstanceArn"]
        self.calls.append("marked")
        self.instance["TagList"] = Tags

    def promote_read_replica(self, *, DBInstanceIdentifier: str, BackupRetentionPeriod: int) -> None:  # noqa: N803
        assert self.instance is not None
        assert (DBInstanceIdentifier, BackupRetentionPeriod) == (NAME, 7)
        self.calls.append("promoted")
        del self.instance["ReadReplicaSourceDBInstanceIdentifier"]


def test_what_it_had_reached_is_what_rds_said_while_it_followed() -> None:
    aws = Aws()
    aws.lags.insert(0, (INCIDENT - 11 * MINUTE, 0.0))
    found = find(STRATEGY, HERE, MYSQL, aws, incident=INCIDENT)
    assert (found.place.name, found.moment) == (NAME, INCIDENT - 6 * MINUTE)
    aws.lags = [(INCIDENT - 6 * MINUTE, 600.0)]
    assert find(STRATEGY, HERE, MYSQL, aws, incident=INCIDENT).moment == INCIDENT - 16 * MINUTE


@pytest.mark.parametrize("status", of_course("mysql", Course.OPERATIONAL))
def test_a_read_replica_that_serves_is_taken(status: str) -> None:
    assert find(STRATEGY, HERE, MYSQL, Aws(DBInstanceStatus=status), incident=INCIDENT).place.name == NAME


@pytest.mark.proves("region-loss.freshest-source")
@pytest.mark.parametrize(
    ("changes", "lags", "because"),
    [
        (None, None, "there is no read replica"),
        ({"ReadReplicaSourceDBInstanceIdentifier": None}, None, "it was promoted before"),
        *(({"DBInstanceStatus": word}, None, f"is {word}") for word in ("levitating", *NOT_OPERATIONAL)),
        ({}, [], "not known to have replicated since"),
        ({}, [(INCIDENT - MINUTE, -1.0)], "not known to have replicated since"),
        ({}, [(INCIDENT - MINUTE, 13 * 3600.0)], "more is lost than is promised"),
    ],
)
def test_why_a_read_replica_is_passed_over(changes: Any, lags: Any, because: str) -> None:
    aws = Aws(**(changes or {}))
    if changes is None:
        aws.instance = None
    if lags is not None:
        aws.lags = lags
    with pytest.raises(NoReplica, match=because):
        find(STRATEGY, HERE, MYSQL, aws, incident=INCIDENT)


def test_a_table_of_the_same_name_is_not_yet_a_replica() -> None:
    aws = Aws()
    assert find(STRATEGY, HERE, TABLE, aws, incident=INCIDENT).moment == INCIDENT - timedelta(seconds=1)
    assert aws.table is not None
    del aws.table["GlobalTableVersion"]
    with pytest.raises(NoReplica, match="is no replica"):
        find(STRATEGY, HERE, TABLE, aws, incident=INCIDENT)
    aws.table = None
    with pytest.raises(NoReplica, match="there is no table"):
        find(STRATEGY, HERE, TABLE, aws, incident=INCIDENT)


@pytest.mark.proves("region-loss.freshest-source")
def test_a_replica_goes_first_unless_it_is_clearly_behind() -> None:
    """What AWS publishes of a replica and of a backup is minutes apart; half an hour is not."""
    fresh, late = following(), replace(following(), moment=INCIDENT - timedelta(minutes=40))
    backup = copy(1, timedelta(minutes=2))
    assert freshest_first(fresh, backup) == (fresh, backup)
    assert freshest_first(late, backup) == (backup, late)


def test_it_is_promoted_once_and_marked_before() -> None:
    aws = Aws()
    assert begin(following(), aws).to_json() == {"job_id": "", "found": False}
    assert begin(following(), aws).to_json() == {"job_id": "", "found": True}
    assert aws.calls == ["marked", "promoted"]


def test_a_crash_between_the_two_is_no_doubt() -> None:
    aws = Aws(TagList=[{"Key": names.PLAN_TAG, "Value": following().plan_id}])
    assert begin(following(), aws).found is False
    assert aws.calls == ["promoted"]


@pytest.mark.parametrize("tags", [[], [{"Key": names.PLAN_TAG, "Value": "r0ther000"}]])
def test_what_another_promoted_is_left_alone(tags: list[dict[str, str]]) -> None:
    aws = Aws(TagList=tags, ReadReplicaSourceDBInstanceIdentifier=None)
    with pytest.raises(NameTaken):
        begin(following(), aws)
    (checked, *_) = [each for each in preflight_of(following(), aws) if each.problem]
    assert "no replica any more" in str(checked.problem)
    assert aws.calls == []


def test_one_that_is_gone_is_not_restored_instead() -> None:
    aws = Aws()
    aws.instance = None
    with pytest.raises(RestoreRefused, match="there is no replica"):
        begin(following(), aws)
    assert aws.calls == []


def test_a_replica_of_a_table_is_taken_as_it_is_and_never_restored_over() -> None:
    """The fake has no call that restores: under its own name, a table would be gone by it."""
    name = names.store(DEV.prefix, "audit-logs")
    plan = replace(
        following(), route=Route.DYNAMODB_TO_A_MOMENT, store="audit-logs", target=replace(following().target, name=name)
    )
    plan.check()
    aws = Aws()
    assert begin(plan, aws).to_json() == {"job_id": "", "found": True}
    with pytest.raises(PlanError, match="ends in its own id"):
        replace(plan, replica=False).check()


def preflight_of(plan: Plan, aws: Aws) -> Any:
    class Here(Aws):
        meta = type("Meta", (), {"region_name": HERE})

    here = Here()
    here.instance, here.table = aws.instance, aws.table
    return preflight(replace(plan, settings={"credentials": "theirs"}), here, NOW)


# ---------------------------------------------------------------------- what it is compared with
EXPECTED = Content("mysql", {"crm": {"tables": {"t": {"kind": "BASE TABLE"}}, "checks": {}}}, {"crm.t": Part((Chunk(10, 1),))})
OLDEST = not_before(MYSQL, INCIDENT)
FINE = Replica("mysql", EXPECTED.schema, {"crm.t": 12}, INCIDENT - MINUTE)


def verdicts(live: Replica) -> dict[str, Verdict]:
    return {each.name: each.verdict for each in levels(EXPECTED, live, not_before=OLDEST)}


def test_a_replica_that_followed_to_the_end_passes() -> None:
    assert set(verdicts(FINE).values()) == {Verdict.PASSED}


@pytest.mark.proves("region-loss.freshest-source")
@pytest.mark.parametrize(
    ("live", "level", "verdict"),
    [
        (replace(FINE, schema={}), "schema", Verdict.FAILED),
        (replace(FINE, rows={"crm.t": 0}), "counts", Verdict.FAILED),
        (replace(FINE, rows={}), "counts", Verdict.FAILED),
        (replace(FINE, newest=OLDEST - MINUTE), "freshness", Verdict.FAILED),
        (replace(FINE, newest=None), "freshness", Verdict.NOT_CHECKED),
    ],
)
def test_what_is_wrong_with_one_is_found(live: Replica, level: str, verdict: Verdict) -> None:
    assert verdicts(live)[level] is verdict
