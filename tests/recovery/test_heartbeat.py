# ruff: noqa: S608 - the statements are of this test's own making
"""The heartbeat: written where the application finds its stores, no part of the content, and what a restored one says."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.signers
import pymysql
import pytest
from botocore.exceptions import ClientError

from aws_support.mariadb import Database
from recovery.handlers import heartbeat_mysql, verify_dynamodb, verify_mysql
from recovery.heartbeat.writer import beat, embedded
from recovery.verify import heartbeat
from recovery.verify.gap import Gap
from recovery.verify.heartbeat import freshness
from recovery.verify.result import Verdict
from rehearsal.bank import create_heartbeat, create_verifier
from strategy.catalogue import names
from strategy.contracts.heartbeat import HeartbeatsRequest
from tests.recovery import signing
from tests.recovery.conftest import BUCKET

TOKEN = "a-token"
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WANTED: dict[str, Any] = {"prefix": "bank", "region": "here", "stores": [{"name": "audit", "kind": "dynamodb"}]}


@pytest.fixture
def stores(server: Database, aws: Any, s3: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database and a table with something in them, and the environment a function finds."""
    server.empty()
    server.run(
        *(f"CREATE DATABASE {name}" for name in ("crm_users", "crm_clients", "crm_transactions")),
        "CREATE TABLE crm_users.users (id INT NOT NULL PRIMARY KEY, email VARCHAR(40))",
        "INSERT INTO crm_users.users VALUES (1, 'one@bank.example')",
    )
    with server.connect(autocommit=True) as connection:
        create_verifier(connection, token=TOKEN)
        create_heartbeat(connection, token=TOKEN)
    dynamodb = aws.client("dynamodb")
    dynamodb.create_table(
        TableName="audit",
        KeySchema=[{"AttributeName": "client", "KeyType": "HASH"}, {"AttributeName": "number", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "client", "AttributeType": "S"},
            {"AttributeName": "number", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="audit", Item={"client": {"S": "one"}, "number": {"N": "1"}})
    monkeypatch.setattr(botocore.signers, "generate_db_auth_token", lambda *_args, **_options: TOKEN)
    manifest_of = [{"name": "mysql", "kind": "mysql"}, {"name": "audit", "kind": "dynamodb"}]
    environment = {
        "DATABASE_HOST": server.host,
        "DATABASE_PORT": str(server.port),
        "DATABASE_CA_BUNDLE": str(server.authority),
        "TABLE_NAME": "audit",
        "STORES": json.dumps(manifest_of),
        "EVIDENCE_BUCKET": BUCKET,
        "DATABASE_USER": names.VERIFIER,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield server
    dynamodb.delete_table(TableName="audit")
    for entry in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=entry["Key"])


def beat_row(server: Database, monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_USER", names.HEARTBEAT_USER)
        heartbeat_mysql.handler({"host": server.host, "port": server.port, "moment": moment.isoformat()}, None)


def beat_item(aws: Any, moment: datetime) -> dict[str, str]:
    """With an endpoint that names the table, as a stack or a recovery leaves it."""

    def client(service: str) -> Any:
        return Endpoints({names.endpoint("bank", "audit"): {"resource": "audit"}}) if service == "ssm" else aws.client(service)

    return beat(HeartbeatsRequest.from_json(WANTED), client, moment)


class Endpoints:
    """SSM's parameters."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def get_parameter(self, **parameters: str) -> dict[str, Any]:
        if parameters["Name"] not in self._values:
            raise ClientError({"Error": {"Code": "ParameterNotFound", "Message": "-"}}, "GetParameter")
        return {"Parameter": {"Value": json.dumps(self._values[parameters["Name"]])}}


def rows(server: Database, key: str, **more: Any) -> dict[str, Any]:
    event = {"store": "mysql", "host": server.host, "port": server.port, "bucket": BUCKET, "manifest_key": key}
    return verify_mysql.handler(event | more, None)


def items(key: str, **more: Any) -> dict[str, Any]:
    event = {"store": "audit", "table": "audit", "bucket": BUCKET, "manifest_key": key}
    return verify_dynamodb.handler(event | more, None)


def level(answer: dict[str, Any]) -> tuple[str, str]:
    (found,) = (each for each in answer["levels"] if each["level"] == "freshness")
    return found["verdict"], found["detail"]


@pytest.mark.proves("verification.heartbeat")
def test_it_is_in_the_manifest_and_no_part_of_the_content(stores: Database, aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    beat_row(stores, monkeypatch, NOON)
    assert beat_item(aws, NOON) == {"audit": ""}
    keys = signing.write(BUCKET)
    for key in keys.values():
        body = json.loads(aws.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())["content"]
        assert body["heartbeat"] == NOON.isoformat()
        assert names.HEARTBEAT_DATABASE not in body["schema"]
    beat_row(stores, monkeypatch, NOON + MINUTE)  # the store goes on, and nothing of the application's changed
    beat_item(aws, NOON + MINUTE)
    for answer, counted in ((rows(stores, keys["mysql"]), "rows"), (items(keys["audit"]), "items")):
        assert (answer["verdict"], answer[counted]) == ("passed", 1)
        assert answer["lost_since"] == (NOON + MINUTE).isoformat()
        assert level(answer)[0] == "passed"
        report = json.loads(aws.client("s3").get_object(Bucket=BUCKET, Key=answer["report_key"])["Body"].read())
        assert report["lost_since"] == (NOON + MINUTE).isoformat()


@pytest.mark.proves("verification.heartbeat")
def test_a_copy_older_than_its_manifest_or_without_a_heartbeat_fails(
    stores: Database, aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Content that happens to be equal is not enough."""
    beat_row(stores, monkeypatch, NOON)
    beat_item(aws, NOON)
    keys = signing.write(BUCKET)
    beat_row(stores, monkeypatch, NOON - HOUR)
    beat_item(aws, NOON - HOUR)
    for answer in (rows(stores, keys["mysql"]), items(keys["audit"])):
        assert answer["verdict"] == "failed"
        assert "older than the manifest's own" in level(answer)[1]
    stores.run(f"DROP DATABASE {names.HEARTBEAT_DATABASE}")
    aws.client("dynamodb").delete_item(
        TableName="audit", Key={"client": {"S": names.HEARTBEAT_KEY}, "number": {"N": names.HEARTBEAT_NUMBER}}
    )
    for answer in (rows(stores, keys["mysql"]), items(keys["audit"])):
        assert (answer["verdict"], answer["lost_since"]) == ("failed", None)
        assert "this copy has none" in level(answer)[1]


def test_a_replica_says_by_its_heartbeat_since_when_writes_are_lost(
    stores: Database, aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is no item of the application's."""
    beat_row(stores, monkeypatch, NOON)
    beat_item(aws, NOON)
    keys = signing.write(BUCKET)
    asked = {"replica": True, "not_before": NOON.isoformat()}
    for answer in (rows(stores, keys["mysql"], **asked), items(keys["audit"], **asked)):
        assert (answer["lost_since"], answer["counted"]) == (NOON.isoformat(), 1)


def test_without_heartbeats_nothing_is_said_of_freshness(stores: Database) -> None:
    keys = signing.write(BUCKET)
    answer = rows(stores, keys["mysql"])
    assert (answer["verdict"], answer["lost_since"]) == ("passed", None)
    assert "freshness" not in [each["level"] for each in answer["levels"]]


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (NOON + HOUR - MINUTE, Verdict.PASSED),
        (NOON + HOUR + timedelta(seconds=4), Verdict.PASSED),
        (NOON + HOUR + MINUTE, Verdict.FAILED),
        (NOON - MINUTE, Verdict.FAILED),
        (None, Verdict.FAILED),
    ],
    ids=["the minute before", "within the clocks", "of a later moment", "older than the manifest", "none"],
)
def test_a_copy_is_of_its_moment_by_its_heartbeat(found: datetime | None, verdict: Verdict) -> None:
    gap = Gap(NOON, NOON, NOON + HOUR, timedelta(seconds=1))
    (said,) = freshness(NOON, found, gap)
    assert said.verdict is verdict


def test_a_copy_that_may_be_older_than_its_manifest_is_not_failed_for_it() -> None:
    """The nearest manifest may be of minutes after the backup."""
    gap = Gap(NOON, NOON, NOON - 3 * MINUTE, HOUR)
    (said,) = freshness(NOON, NOON - 4 * MINUTE, gap)
    assert said.verdict is Verdict.PASSED


def test_its_user_may_write_it_and_nothing_else(stores: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    beat_row(stores, monkeypatch, NOON)
    beat_row(stores, monkeypatch, NOON + MINUTE)
    known: dict[str, Any] = {"host": stores.host, "port": stores.port, "user": names.HEARTBEAT_USER, "password": TOKEN}
    with pymysql.connect(**known, ssl_ca=str(stores.authority)) as connection, connection.cursor() as cursor:
        for statement in (
            "SELECT * FROM crm_users.users",
            "SELECT user FROM mysql.global_priv",
            f"DELETE FROM {names.HEARTBEAT_DATABASE}.{heartbeat.TABLE}",
            f"DROP TABLE {names.HEARTBEAT_DATABASE}.{heartbeat.TABLE}",
        ):
            with pytest.raises(pymysql.err.OperationalError, match="denied"):
                cursor.execute(statement)
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        pymysql.connect(**known, ssl_disabled=True)


def test_an_item_of_the_application_under_its_key_is_never_written_over(stores: Database, aws: Any) -> None:
    assert stores.port
    theirs = {"client": {"S": names.HEARTBEAT_KEY}, "number": {"N": names.HEARTBEAT_NUMBER}, "amount": {"N": "7"}}
    dynamodb = aws.client("dynamodb")
    dynamodb.put_item(TableName="audit", Item=theirs)
    assert "ConditionalCheckFailed" in beat_item(aws, NOON)["audit"]
    assert dynamodb.get_item(TableName="audit", Key={k: theirs[k] for k in ("client", "number")})["Item"] == theirs
    keys = signing.write(BUCKET)
    assert items(keys["audit"])["items"] == 2, "it is theirs, so it is content"


def test_a_store_that_fails_does_not_keep_the_others_from_theirs_and_its_metric_says_so() -> None:
    class Function:
        def invoke(self, **_: Any) -> dict[str, Any]:
            said = {"errorType": "DatabaseUnreachable", "errorMessage": "no route"}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(said).encode())}

    class Table:
        def describe_table(self, **_: Any) -> dict[str, Any]:
            definitions = [{"AttributeName": "id", "AttributeType": "S"}]
            return {"Table": {"KeySchema": [{"AttributeName": "id"}], "AttributeDefinitions": definitions}}

        def put_item(self, **parameters: Any) -> None:
            assert parameters["Item"]["id"] == {"S": names.HEARTBEAT_KEY}

    endpoints = Endpoints(
        {
            names.endpoint("bank", "mysql"): {"resource": "db", "host": "h", "port": 1},
            names.endpoint("bank", "audit"): {"resource": "audit"},
        }
    )
    clients: dict[str, Any] = {"ssm": endpoints, "lambda": Function(), "dynamodb": Table()}
    wanted = WANTED | {"stores": [{"name": name, "kind": kind} for name, kind in (("mysql", "mysql"), ("audit", "dynamodb"))]}
    said = beat(HeartbeatsRequest.from_json(wanted), clients.__getitem__, NOON)
    assert said == {"mysql": "DatabaseUnreachable: no route", "audit": ""}
    metrics = {each["Store"]: each[names.HEARTBEAT_METRIC] for each in map(json.loads, embedded(said, "bank", "here", NOON))}
    assert metrics == {"mysql": 0, "audit": 1}


def test_a_region_without_endpoints_beats_for_nothing() -> None:
    assert beat(HeartbeatsRequest.from_json(WANTED), {"ssm": Endpoints({})}.__getitem__, NOON) == {}


def test_a_table_whose_key_can_hold_none_is_said() -> None:
    with pytest.raises(ValueError, match="allowed: S and N"):
        heartbeat.item({"id": "B"}, NOON)
