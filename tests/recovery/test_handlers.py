# ruff: noqa: S608 - the statements are of this test's own making
"""The Lambda handlers, whole: a real MariaDB over verified TLS, S3 and DynamoDB from moto; manifests written and used."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.signers
import pytest

from aws_support.mariadb import Database
from recovery.handlers import verify_dynamodb, verify_mysql, write_manifest
from recovery.mysql import DatabaseUnreachable, connect
from recovery.verify.mysql import MeasurementError
from rehearsal.bank import create_verifier
from tests.recovery import signing
from tests.recovery.conftest import BUCKET

TOKEN = "a-token"
STORES = [{"name": "mysql", "kind": "mysql", "databases": ["crm_users"]}, {"name": "audit-logs", "kind": "dynamodb"}]


@pytest.fixture
def stores(server: Database, aws: Any, s3: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database and a table with something in them, and the environment a function finds."""
    server.empty()
    server.run(
        *(f"CREATE DATABASE {name}" for name in ("crm_users", "crm_clients", "crm_transactions")),
        "CREATE TABLE crm_users.users (id INT NOT NULL PRIMARY KEY, email VARCHAR(40))",
        "CREATE VIEW crm_users.emails AS SELECT email FROM crm_users.users",
        "INSERT INTO crm_users.users VALUES (1, 'one@bank.example'), (2, 'two@bank.example')",
    )
    with server.connect(autocommit=True) as connection:
        create_verifier(connection, token=TOKEN)
    dynamodb = aws.client("dynamodb")
    dynamodb.create_table(
        TableName="audit",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="audit", Item={"id": {"S": "one"}})
    monkeypatch.setattr(botocore.signers, "generate_db_auth_token", lambda *_args, **_options: TOKEN)
    environment = {
        "DATABASE_HOST": server.host,
        "DATABASE_PORT": str(server.port),
        "DATABASE_USER": "verifier",
        "DATABASE_CA_BUNDLE": str(server.authority),
        "TABLE_NAME": "audit",
        "STORES": json.dumps(STORES),
        "EVIDENCE_BUCKET": BUCKET,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield server
    dynamodb.delete_table(TableName="audit")
    for entry in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=entry["Key"])


@pytest.fixture
def keys(stores: Database) -> dict[str, str]:
    assert stores.port
    written: dict[str, str] = signing.write(BUCKET)
    return written


def check_mysql(server: Database, key: str | None, **more: Any) -> dict[str, Any]:
    event = {"store": "mysql", "host": server.host, "port": server.port, "bucket": BUCKET, "manifest_key": key} | more
    return verify_mysql.handler(event, None)


def check_table(key: str | None, *, table: str = "audit", **more: Any) -> dict[str, Any]:
    return verify_dynamodb.handler({"store": "audit-logs", "table": table, "bucket": BUCKET, "manifest_key": key} | more, None)


def report(s3: Any, answer: dict[str, Any]) -> Any:
    return json.loads(s3.get_object(Bucket=BUCKET, Key=answer["report_key"])["Body"].read())


@pytest.mark.proves("verification.manifest")
def test_what_was_written_down_is_what_is_there(stores: Database, keys: dict[str, str], s3: Any) -> None:
    rows, items = check_mysql(stores, keys["mysql"]), check_table(keys["audit-logs"])
    assert (rows["verdict"], rows["rows"]) == ("passed", 2)
    assert (items["verdict"], items["items"]) == ("passed", 1)
    assert [level["level"] for level in rows["levels"]] == ["schema", "counts", "content"]
    assert report(s3, rows)["manifest_key"] == keys["mysql"]
    assert json.loads(json.dumps(rows)) == rows


def test_a_copy_of_a_later_moment_is_explained_by_its_dates(stores: Database, aws: Any, s3: Any) -> None:
    stores.run("ALTER TABLE crm_users.users ADD COLUMN made DATETIME(6) NOT NULL DEFAULT '2026-01-01'")
    keys = signing.write(BUCKET)
    later = datetime.now(UTC) + timedelta(hours=3)
    stores.run(f"INSERT INTO crm_users.users VALUES (3, 'three@bank.example', '{later:%Y-%m-%d %H:%M:%S}')")
    aws.client("dynamodb").put_item(TableName="audit", Item={"id": {"S": "two"}, "at": {"S": later.isoformat()}})
    event: dict[str, Any] = {"moment": (later + timedelta(seconds=2)).isoformat(), "tolerance_seconds": 1}
    rows = check_mysql(stores, keys["mysql"], **event, changes={"crm_users.users": {"created": "made", "changed": "made"}})
    items = check_table(keys["audit-logs"], **event, written_at="at")
    assert (rows["verdict"], rows["rows"], items["verdict"], items["items"]) == ("passed", 3, "passed", 2)
    for answer in (rows, items):
        assert [level["level"] for level in answer["levels"]] == ["schema", "counts", "content", "moment"]
        assert "s before the moment" in answer["levels"][3]["detail"]
        assert report(s3, answer)["verdict"] == "passed"
    for answer in (
        check_mysql(stores, keys["mysql"], **event, changes=None),
        check_table(keys["audit-logs"], **event, written_at=None),
    ):
        assert answer["verdict"] == "not_checked"
    for answer in (check_mysql(stores, keys["mysql"], moment=None), check_table(keys["audit-logs"], moment=None)):
        assert answer["verdict"] == "failed"


def test_a_point_may_be_younger_than_its_creation_by_the_given_tolerance(stores: Database) -> None:
    created = datetime.now(UTC) + timedelta(seconds=5)
    stores.run("CREATE TABLE crm_users.later (id INT NOT NULL PRIMARY KEY, made DATETIME(6))")
    keys = signing.write(BUCKET)
    stores.run(f"INSERT INTO crm_users.later VALUES (1, '{created + timedelta(minutes=30):%Y-%m-%d %H:%M:%S}')")
    event = {"moment": created.isoformat(), "changes": {"crm_users.later": {"created": "made", "changed": "made"}}}
    assert check_mysql(stores, keys["mysql"], **event, tolerance_seconds=3600)["verdict"] == "passed"
    assert check_mysql(stores, keys["mysql"], **event)["verdict"] == "failed"


def test_a_replica_is_held_against_schema_and_newest_write(stores: Database, aws: Any, s3: Any) -> None:
    """It goes on where the manifest ends: what is new or changed since is no damage."""
    stores.run("ALTER TABLE crm_users.users ADD COLUMN made DATETIME(6) NOT NULL DEFAULT '2026-01-01'")
    keys = signing.write(BUCKET)
    newest = datetime(2026, 11, 2, 9, tzinfo=UTC)
    stores.run(f"INSERT INTO crm_users.users VALUES (3, 'three@bank.example', '{newest:%Y-%m-%d %H:%M:%S}')")
    aws.client("dynamodb").put_item(TableName="audit", Item={"id": {"S": "two"}, "at": {"S": newest.isoformat()}})
    dated: dict[str, Any] = {"changes": {"crm_users.users": {"created": "made", "changed": "made"}}}
    for behind, verdict in ((timedelta(0), "passed"), (timedelta(seconds=1), "failed")):
        event: dict[str, Any] = {"replica": True, "not_before": (newest + behind).isoformat(), "moment": None}
        for answer, counted in (
            (check_mysql(stores, keys["mysql"], **event, **dated), 3),
            (check_table(keys["audit-logs"], **event, written_at="at"), 2),
        ):
            assert (answer["verdict"], answer["counted"], answer["newest"]) == (verdict, counted, newest.isoformat())
            assert [level["level"] for level in answer["levels"]] == ["schema", "counts", "freshness"]
            assert report(s3, answer)["newest"] == newest.isoformat()
    event = {"replica": True, "not_before": newest.isoformat(), "moment": None}
    assert check_mysql(stores, keys["mysql"], **event)["verdict"] == "not_checked", "no column says when"
    stores.run("ALTER TABLE crm_users.users DROP COLUMN email")
    assert check_mysql(stores, keys["mysql"], **event, **dated)["verdict"] == "failed", "it is another schema"
    assert check_mysql(stores, None, **event, **dated)["verdict"] == "not_checked", "no manifest says which schema it must have"


def test_a_moment_before_all_manifests_is_not_checked(stores: Database) -> None:
    answer = check_mysql(stores, None, moment="2026-11-02T09:00:00Z")
    assert (answer["verdict"], answer["levels"][0]["detail"]) == (
        "not_checked",
        "no manifest at or before 2026-11-02T09:00:00+00:00",
    )


def test_a_naive_moment_is_an_error(stores: Database, keys: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="a moment with its zone"):
        check_mysql(stores, keys["mysql"], moment="2026-11-02T09:00:00")


@pytest.mark.proves("verification.manifest")
def test_a_manifest_names_nobody(keys: dict[str, str], s3: Any) -> None:
    for key in keys.values():
        body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        assert b"bank.example" not in body
        assert b'"one"' not in body


def test_an_altered_row_fails_and_the_report_says_where(stores: Database, keys: dict[str, str], s3: Any) -> None:
    stores.run("UPDATE crm_users.users SET email = 'two@bank.example ' WHERE id = 2")
    answer = check_mysql(stores, keys["mysql"])
    assert answer["verdict"] == "failed"
    assert "crm_users.users: 1 of 1 chunks differ" in answer["summary"]
    assert report(s3, answer)["levels"][2]["findings"][0]["where"] == "crm_users.users"


@pytest.mark.proves("verification.invariants")
def test_a_copy_that_equals_its_manifest_fails_by_what_it_means(
    stores: Database, keys: dict[str, str], s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keys of what offends are in the report, and in nothing that is sent to people."""
    asked = {"name": "nobody-of-bank", "meaning": "nobody has that address", "offending": "SELECT email FROM crm_users.users"}
    monkeypatch.setenv("INVARIANTS", json.dumps({"mysql": [asked], "another": []}))
    answer = check_mysql(stores, keys["mysql"])
    assert [(each["level"], each["verdict"]) for each in answer["levels"]][-2:] == [("content", "passed"), ("meaning", "failed")]
    assert answer["verdict"] == "failed"
    assert "@bank.example" not in json.dumps(answer)
    assert report(s3, answer)["levels"][-1]["findings"][0]["keys"] == ["one@bank.example", "two@bank.example"]
    monkeypatch.setenv("INVARIANTS", json.dumps({"mysql": [asked | {"offending": "SELECT 1 FROM crm_users.users WHERE id > 9"}]}))
    assert check_mysql(stores, keys["mysql"])["verdict"] == "passed"


def test_an_altered_item_fails(keys: dict[str, str], aws: Any) -> None:
    aws.client("dynamodb").put_item(TableName="audit", Item={"id": {"S": "one"}, "more": {"S": ""}})
    assert check_table(keys["audit-logs"])["verdict"] == "failed"


@pytest.mark.proves("verification.not-checked")
@pytest.mark.parametrize("key", [None, "manifests/mysql/20260101T000000Z.json"])
def test_without_a_manifest_nothing_is_passed(stores: Database, key: str | None) -> None:
    for answer in (check_mysql(stores, key), check_table(key)):
        assert answer["verdict"] == "not_checked"
        assert "no manifest" in answer["summary"]


def test_the_manifest_of_another_store_is_not_compared_with(stores: Database, keys: dict[str, str]) -> None:
    answer = check_mysql(stores, keys["audit-logs"])
    assert (answer["verdict"], answer["rows"]) == ("not_checked", 0)
    assert "is of store audit-logs, not of mysql" in answer["summary"]


@pytest.mark.proves("verification.not-checked")
def test_a_truncated_manifest_is_not_compared_with(stores: Database, keys: dict[str, str], s3: Any) -> None:
    whole = s3.get_object(Bucket=BUCKET, Key=keys["mysql"])["Body"].read()
    s3.put_object(Bucket=BUCKET, Key=keys["mysql"], Body=whole[:100])
    assert check_mysql(stores, keys["mysql"])["verdict"] == "not_checked"


class Ending:
    """What a function is told when it has `seconds` left."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds * 1000)


@pytest.mark.proves("region-loss.verification-time", "verification.pace")
def test_a_store_too_large_for_the_function_s_time_is_not_checked_and_says_what_to_do(
    stores: Database, keys: dict[str, str], s3: Any
) -> None:
    event = {"store": "mysql", "host": stores.host, "port": stores.port, "bucket": BUCKET, "manifest_key": keys["mysql"]}
    answer = verify_mysql.handler(event, Ending(61))
    assert answer["verdict"] == "passed"
    answer = verify_mysql.handler(event, Ending(59))
    assert (answer["verdict"], answer["rows"]) == ("not_checked", 0)
    assert "there was no time for more than 0 rows" in answer["summary"]
    assert "`recovery verify`" in answer["summary"]
    assert report(s3, answer)["verdict"] == "not_checked"
    event = {"store": "audit-logs", "table": "audit", "bucket": BUCKET, "manifest_key": keys["audit-logs"]}
    assert verify_dynamodb.handler(event, Ending(61))["verdict"] == "passed"
    assert verify_dynamodb.handler(event, Ending(59))["verdict"] == "not_checked"


@pytest.mark.proves("verification.not-checked")
def test_a_crash_is_an_error_not_a_verdict(keys: dict[str, str]) -> None:
    with pytest.raises(Exception, match="ResourceNotFoundException"):
        check_table(keys["audit-logs"], table="not-there")


@pytest.mark.proves("stores.missing-database")
def test_a_promised_database_that_is_missing_leaves_no_manifest(stores: Database, s3: Any) -> None:
    stores.run("DROP DATABASE crm_users")
    with pytest.raises(MeasurementError, match=r"\['crm_users'\] are missing"):
        write_manifest.handler({}, None)
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET)


@pytest.mark.proves("vaults.verifier-login")
def test_no_certificate_bundle_no_token(stores: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_CA_BUNDLE")
    with pytest.raises(DatabaseUnreachable, match="DATABASE_CA_BUNDLE"), reach(stores.host, stores.port):
        pass


@pytest.mark.proves("vaults.verifier-login")
def test_a_server_of_another_authority_gets_no_token(stores: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    from aws_rehearsal import Authority

    Authority(tmp_path / "other.pem")
    monkeypatch.setenv("DATABASE_CA_BUNDLE", str(tmp_path / "other.pem"))
    with pytest.raises(DatabaseUnreachable, match="certificate verify failed"), reach(stores.host, stores.port):
        pass


@pytest.mark.proves("vaults.verifier-login")
def test_a_server_of_another_name_gets_no_token(stores: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest, **options: resolve(stores.host, *rest, **options))
    with pytest.raises(DatabaseUnreachable, match="certificate is not valid"), reach("database.example", stores.port):
        pass


def test_the_wrong_token_is_unreachable_not_a_verdict(
    stores: Database, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(botocore.signers, "generate_db_auth_token", lambda *_args, **_options: "another")
    with pytest.raises(DatabaseUnreachable, match="Access denied"):
        check_mysql(stores, keys["mysql"])


def reach(host: str, port: int) -> Any:
    return connect(host=host, port=port, user="verifier")


def test_a_lost_time_to_live_is_seen_once_the_settings_are_back(stores: Database, aws: Any) -> None:
    assert stores.port
    aws.client("dynamodb").update_time_to_live(
        TableName="audit", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    key = signing.write(BUCKET)["audit-logs"]
    aws.client("dynamodb").update_time_to_live(
        TableName="audit", TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires"}
    )
    assert check_table(key)["verdict"] == "passed"
    answer = check_table(key, settings=True)
    assert (answer["verdict"], answer["levels"][0]["verdict"]) == ("failed", "failed")
    assert "time_to_live" in answer["summary"]
