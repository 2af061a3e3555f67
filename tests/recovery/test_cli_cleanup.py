"""`python -m recovery cleanup`: it lists what restores left, and takes away what a drill made, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from recovery.__main__ import main
from recovery.aws import Region
from recovery.cli.exit_codes import ExitCode
from recovery.restore import leftovers
from strategy.catalogue import names
from strategy.catalogue.routes import Kind
from strategy.catalogue.store_states import DELETING, STATES, Course, of
from tests.recovery.fake_night import DEV, MYSQL, NOW, PLAN_ID, REGION, Execution, Night, plan

WHERE = ["--env", "dev", "--now", NOW.isoformat()]
TABLE = names.store(DEV.prefix, "audit-logs")
OTHER = "r99999999"
DRILL = names.restored(TABLE, PLAN_ID)
INSTANCE = names.restored(MYSQL, OTHER)


class Region_(Night):  # noqa: N801  `Region` is the client's own
    """The stores are moto's; what runs, is claimed and is in use is the night's."""

    def client(self, service: str) -> Any:
        make: Any = boto3.client
        found = make(service, region_name=REGION)
        if service == "rds":
            return found
        return _Tables(found, self) if service == "dynamodb" else super().client(service)


class _Tables:
    def __init__(self, tables: Any, night: Night) -> None:
        self._tables, self.get_item = tables, night.get_item

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tables, name)


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    made = Region_()
    with mock_aws():
        monkeypatch.setattr(Region, "client", lambda _self, service: made.client(service))
        yield made


def table(name: str, plan_id: str, *, drill: bool) -> None:
    dynamodb: Any = boto3.client("dynamodb", region_name=REGION)
    tags = [{"Key": names.PLAN_TAG, "Value": plan_id}] + ([{"Key": names.DRILL_TAG, "Value": "true"}] if drill else [])
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=tags,
    )


def instance(name: str, plan_id: str, *, drill: bool) -> None:
    tags = [{"Key": names.PLAN_TAG, "Value": plan_id}] + ([{"Key": names.DRILL_TAG, "Value": "true"}] if drill else [])
    rds: Any = boto3.client("rds", region_name=REGION)
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="mysql",
        MasterUsername="admin",
        MasterUserPassword="not a secret",
        AllocatedStorage=20,
        Tags=tags,
    )


def left() -> set[str]:
    instances = boto3.client("rds", region_name=REGION).describe_db_instances()["DBInstances"]
    tables = boto3.client("dynamodb", region_name=REGION).list_tables()["TableNames"]
    return {each["DBInstanceIdentifier"] for each in instances} | set(tables)


def test_it_lists_what_restores_left_and_deletes_nothing(night: Night, capsys: pytest.CaptureFixture[str]) -> None:
    table(TABLE, "", drill=False)
    table(DRILL, PLAN_ID, drill=True)
    instance(INSTANCE, OTHER, drill=False)
    assert main(["cleanup", "--json", "--yes", *WHERE]) == ExitCode.DONE
    told = json.loads(capsys.readouterr().out)
    assert {each["name"]: each["kept_because"] for each in told["found"]} == {DRILL: "", INSTANCE: "no drill made it"}
    assert (told["deleted"], left()) == ([], {TABLE, DRILL, INSTANCE})
    assert main(["cleanup", *WHERE]) == ExitCode.DONE
    shown = capsys.readouterr().out
    assert f"yes: python -m recovery cleanup {PLAN_ID} --env dev --region {REGION}" in shown
    assert night.resource == MYSQL


def test_a_table_that_aws_lists_and_does_not_describe_yet_is_told_and_left(
    night: Night, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both answers are eventually consistent: a table that was just made, or deleted."""
    table(DRILL, PLAN_ID, drill=True)
    dynamodb = night.client("dynamodb")
    unknown = dynamodb.exceptions.ResourceNotFoundException({"Error": {"Code": "ResourceNotFoundException"}}, "DescribeTable")

    def describe_table(**_: Any) -> None:
        raise unknown

    monkeypatch.setattr(dynamodb, "describe_table", describe_table)
    monkeypatch.setattr(Region, "client", lambda _self, service: dynamodb if service == "dynamodb" else night.client(service))
    assert main(["cleanup", "--json", *WHERE]) == ExitCode.DONE
    (told,) = json.loads(capsys.readouterr().out)["found"]
    assert (told["name"], told["state"], told["kept_because"]) == (DRILL, "not described", "no drill made it")


@pytest.mark.parametrize(("kind", "word"), [(kind, word) for kind, words in STATES.items() for word in (*words, "levitating")])
def test_what_never_becomes_usable_may_be_taken_away_too(kind: Kind, word: str) -> None:
    """AWS deletes an instance in any state that lasts; only what is on its way to another is waited for."""
    made = leftovers.Leftover("s", kind, "name", PLAN_ID, word, drill=True, live=False, running=False)
    course = of(kind, word).course
    may = word not in DELETING and course not in {Course.PASSES, Course.UNKNOWN}
    assert made.kept_because == ("" if may else f"it is {word}")


def test_what_a_drill_made_is_deleted_when_its_name_is_said_and_is_seen_to_be_gone(
    night: Night, capsys: pytest.CaptureFixture[str]
) -> None:
    table(DRILL, PLAN_ID, drill=True)
    instance(names.restored(MYSQL, PLAN_ID), PLAN_ID, drill=True)
    assert main(["cleanup", PLAN_ID, *WHERE]) == ExitCode.WRONG_INPUT, "nobody can be asked"
    assert len(left()) == 2
    capsys.readouterr()
    assert main(["cleanup", PLAN_ID, "--yes", *WHERE]) == ExitCode.DONE
    assert left() == set()
    assert f"Deleted {DRILL}, and AWS no longer has it." in capsys.readouterr().out
    assert main(["cleanup", PLAN_ID, "--yes", *WHERE]) == ExitCode.DONE, "again: nothing is left"
    assert night.resource == MYSQL


@pytest.mark.parametrize(
    ("because", "tagged", "drill"),
    [
        ("the application uses it", PLAN_ID, True),
        ("its plan is running", PLAN_ID, True),
        ("no drill made it", PLAN_ID, False),
        ("no drill made it", OTHER, True),
    ],
)
def test_nothing_else_is_deleted(
    night: Night, capsys: pytest.CaptureFixture[str], because: str, tagged: str, *, drill: bool
) -> None:
    name = names.restored(MYSQL, PLAN_ID)
    instance(name, tagged, drill=drill)
    if because == "the application uses it":
        night.resource = name
    if because == "its plan is running":
        night.claimed[PLAN_ID] = (plan(), "")
        night.states.executions[f"{PLAN_ID}-1"] = Execution(json.dumps(plan().as_json()), lasts=99)
    assert main(["cleanup", PLAN_ID, "--yes", *WHERE]) == ExitCode.NOT_KEPT
    assert f"no: {because}" in capsys.readouterr().out
    assert left() == {name}


def test_what_changed_since_it_was_listed_is_looked_at_again(night: Night) -> None:
    table(DRILL, PLAN_ID, drill=True)
    (found,) = leftovers.leftovers(DEV, Region(REGION))
    assert found.kept_because == ""
    night.resource = DRILL
    with pytest.raises(leftovers.NotDeletable, match="the application uses it: nothing was deleted"):
        leftovers.delete(DEV, Region(REGION), found)
    assert left() == {DRILL}


def test_a_deletion_that_does_not_end_is_told(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    table(DRILL, PLAN_ID, drill=True)
    (found,) = leftovers.leftovers(DEV, Region(REGION))
    monkeypatch.setattr(leftovers, "_exists", lambda *_asked: True)
    slept: list[float] = []
    with pytest.raises(leftovers.StillThere, match="not gone 30 minutes after"):
        leftovers.delete(DEV, Region(REGION), found, sleep=slept.append)
    assert 1800 <= sum(slept) < 1810
    assert night.resource == MYSQL
