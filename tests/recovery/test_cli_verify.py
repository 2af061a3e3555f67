"""`python -m recovery verify`: two real servers, a manifest in moto's bucket; what passes, what fails, what is not checked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import botocore.signers
import pytest
from moto import mock_aws
from pymysql.constants import COMMAND

from aws_support.mariadb import Database, database
from recovery.__main__ import main
from recovery.aws import Region
from recovery.cli import verify_run
from recovery.cli.exit_codes import ExitCode
from recovery.evidence import bucket
from recovery.verify import dynamodb, dynamodb_slices, heartbeat, manifest, mysql, pace
from recovery.verify.manifest import Manifest
from recovery.verify.slices import Sizes, Slice
from rehearsal.bank import create_verifier
from strategy.catalogue import names
from tests.mutations.copies import Restores
from tests.recovery import signing
from tests.recovery.fake_night import DEV, MYSQL, NOW, REGION

WHERE = ["--env", "dev", "--now", NOW.isoformat()]
LIVE = ["verify", "mysql", "--against", "live", "--target", "copy", *WHERE]
BUCKET = names.evidence_bucket(DEV.prefix, REGION, DEV.account)
TOKEN = "a-token"


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with database(tmp_path_factory.mktemp("second")) as running:
        yield running


@pytest.fixture
def copy(server: Database, second: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A restored copy; the server in use is the session's."""
    server.empty()
    server.run(
        *(f"CREATE DATABASE {name}" for name in ("crm_users", "crm_clients", "crm_transactions")),
        "CREATE TABLE crm_transactions.moves (id INT NOT NULL PRIMARY KEY, client VARCHAR(9) NOT NULL, amount INT NOT NULL)",
        "INSERT INTO crm_transactions.moves SELECT seq, CONCAT('CLT-', seq MOD 9), seq FROM crm_transactions.seq_1_to_200",
        "CREATE TABLE crm_users.log (what VARCHAR(9) NULL)",
        "INSERT INTO crm_users.log VALUES ('in'), ('in'), ('out'), (NULL)",
    )
    Restores(server, second).again()
    for each in (server, second):
        with each.connect(autocommit=True) as connection:
            create_verifier(connection, token=TOKEN)
    hosts = {MYSQL: server, "copy": second}
    monkeypatch.setattr(
        verify_run,
        "_place",
        lambda region, name: verify_run.Place(
            {"host": "localhost", "port": hosts[name].port, "user": names.VERIFIER, "region": region.name},
            f"db-{name}",
            lambda: None,
        ),
    )
    monkeypatch.setattr(botocore.signers, "generate_db_auth_token", lambda *_args, **_options: TOKEN)
    yield second
    server.empty()


@pytest.fixture(autouse=True)
def aws_(monkeypatch: pytest.MonkeyPatch, server: Database, second: Database, tmp_path: Any) -> Iterator[None]:
    bundle = tmp_path / "both.pem"
    bundle.write_text(server.authority.read_text() + second.authority.read_text())
    monkeypatch.setenv("DATABASE_CA_BUNDLE", str(bundle))
    with mock_aws():
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        make: Any = boto3.client
        monkeypatch.setattr(Region, "client", lambda _self, service: make(service, region_name=REGION))
        signing.evidence_bucket(boto3, BUCKET, DEV.prefix)
        yield


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def written(server: Database, *, body: Any = None) -> str:
    with server.connect(charset="utf8mb4", binary_prefix=True) as connection:
        measured = mysql.measure(connection)
    key = bucket.manifest_key("mysql", NOW)
    data = manifest.dump(Manifest("mysql", NOW, measured.engine, measured.content))
    s3 = boto3.client("s3", region_name=REGION)
    signing.put(s3, BUCKET, key, data)
    if body is not None:
        bucket.write_manifest(s3, BUCKET, key, body(data))
    return key


@pytest.mark.parametrize("mode", ["cryptographic", "fast"])
def test_a_good_copy_passes_against_the_live_store(mode: str, copy: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert copy.port
    code, told = asked(capsys, *LIVE, "--mode", mode)
    assert (code, told["verdict"], told["counted"], told["rows"]) == (ExitCode.DONE, "passed", 204, [])


@pytest.mark.proves("verification.command")
@pytest.mark.parametrize("mode", ["cryptographic", "fast"])
def test_the_rows_that_differ_are_named_with_their_columns(mode: str, copy: Database, capsys: pytest.CaptureFixture[str]) -> None:
    copy.run(
        "UPDATE crm_transactions.moves SET client = IF(id = 7, 'CLT-8', 'CLT-7') WHERE id IN (7, 8)",
        "DELETE FROM crm_transactions.moves WHERE id = 33",
        "INSERT INTO crm_transactions.moves VALUES (999, 'x', 1)",
        "INSERT INTO crm_users.log VALUES ('in')",
    )
    code, told = asked(capsys, *LIVE, "--mode", mode)
    assert (code, told["verdict"]) == (ExitCode.NOT_KEPT, "failed")
    moves = {tuple(row["key"]): (row["what"], row["columns"]) for row in told["rows"] if row["part"] == "crm_transactions.moves"}
    assert moves == {
        ("7",): ("differs", ["client"]),
        ("8",): ("differs", ["client"]),
        ("33",): ("is missing", []),
        ("999",): ("is not there in the other", []),
    }
    assert [row["part"] for row in told["rows"]].count("crm_users.log") == 1
    assert main(LIVE) == ExitCode.NOT_KEPT
    said = capsys.readouterr().out
    assert "crm_transactions.moves 7: differs in client" in said
    assert "CLT-8" not in said


def test_a_lost_table_fails_and_asks_for_no_rows(copy: Database, capsys: pytest.CaptureFixture[str]) -> None:
    copy.run("DROP TABLE crm_transactions.moves")
    code, told = asked(capsys, *LIVE)
    assert (code, told["rows"]) == (ExitCode.NOT_KEPT, [])


@pytest.mark.proves("verification.command")
def test_a_manifest_judges_the_copy(server: Database, copy: Database, capsys: pytest.CaptureFixture[str]) -> None:
    key = written(server)
    words = ("verify", "mysql", "--target", "copy", "--manifest", key, *WHERE)
    code, told = asked(capsys, *words)
    assert (code, told["verdict"], told["against"]) == (ExitCode.DONE, "passed", key)
    copy.run("UPDATE crm_transactions.moves SET amount = 8 WHERE id = 7")
    assert asked(capsys, *words)[0] == ExitCode.NOT_KEPT


@pytest.mark.proves("verification.command", "verification.trouble")
@pytest.mark.parametrize("trouble", ["truncated", "forged", "of another store", "none"])
def test_what_cannot_be_compared_is_one_line_and_never_passed(
    trouble: str, server: Database, copy: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert copy.port
    bodies = {
        "truncated": lambda data: data[:-50],
        "forged": lambda data: data.replace(b'"engine":"', b'"engine":"x', 1),
        "of another store": lambda data: data,
    }
    if trouble != "none":
        written(server, body=bodies[trouble])
    words = ["verify", "mysql", "--target", "copy", *WHERE]
    if trouble == "of another store":
        key = bucket.manifest_key("mysql", NOW)
        words = ["verify", "audit-logs", "--manifest", key, *WHERE]
    if trouble in {"truncated", "forged"}:
        words += ["--manifest", bucket.manifest_key("mysql", NOW)]
    assert main(words) == ExitCode.AWS_TROUBLE
    said = capsys.readouterr()
    assert "passed" not in said.out
    assert len(said.err.splitlines()) == 1
    assert "was not checked" in said.err


def test_without_the_right_to_read_nothing_is_passed(copy: Database, capsys: pytest.CaptureFixture[str]) -> None:
    copy.run("REVOKE ALL PRIVILEGES ON crm_transactions.* FROM verifier@'%'")
    code, told = asked(capsys, *LIVE)
    assert code != ExitCode.DONE
    assert told["verdict"] == "failed"


def test_the_live_store_is_not_held_against_itself(copy: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert copy.port
    assert main(["verify", "mysql", "--against", "live", *WHERE]) == ExitCode.WRONG_INPUT
    assert main(["verify", "nothing", *WHERE]) == ExitCode.WRONG_INPUT
    assert "the strategy has mysql" in capsys.readouterr().err


def against_manifest(key: str, *more: str) -> list[str]:
    return ["verify", "mysql", "--target", "copy", "--manifest", key, *more, *WHERE]


def test_a_manifest_names_chunks_and_the_command_that_names_the_rows(
    server: Database, copy: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    key = written(server)
    copy.run("UPDATE crm_transactions.moves SET amount = 8 WHERE id = 7")
    assert main(against_manifest(key)) == ExitCode.NOT_KEPT
    said = capsys.readouterr().out
    assert "1 of 16 chunks differ" in said
    (command,) = (line.strip() for line in said.splitlines() if line.strip().startswith("python -m recovery verify"))
    words = command.removeprefix("python -m recovery ").split()
    code, told = asked(capsys, *words, "--now", NOW.isoformat())
    assert (code, [row["key"] for row in told["rows"]]) == (ExitCode.NOT_KEPT, [["7"]])


@pytest.mark.proves("verification.pace")
def test_a_killed_verification_goes_on_after_the_last_finished_table(
    server: Database, copy: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert copy.port
    key, file = written(server), tmp_path / "journal"
    words = against_manifest(key, "--resume", str(file))
    measure, read = mysql._measure, list[str]()

    def killed(cursors: Any, table: Any, one: Slice, *rest: Any) -> Any:
        if len(read) == 1 and read != ["again"]:
            raise KeyboardInterrupt
        read.append(one.part)
        return measure(cursors, table, one, *rest)

    monkeypatch.setattr(mysql, "_measure", killed)
    assert main(words) == ExitCode.STOPPED
    capsys.readouterr()
    (first,) = read
    (second,) = {"crm_transactions.moves", "crm_users.log"} - {first}
    with file.open("ab") as torn:
        torn.write(b'{"table": "crm_')  # as a kill in the middle of a line leaves it
    # Of another manifest, moment or instance it is refused, in one line.
    for other in (
        [*against_manifest(key, "--resume", str(file)), "--at", NOW.isoformat()],
        ["verify", "mysql", "--manifest", key, "--resume", str(file), *WHERE],
    ):
        assert main(other) == ExitCode.WRONG_INPUT
        assert "is of another verification" in capsys.readouterr().err
    read[:] = ["again"]
    assert main(words) == ExitCode.DONE
    assert read == ["again", second]
    assert "1 tables or slices were read by an earlier run" in capsys.readouterr().err
    assert not file.exists(), "there is a verdict: the next run begins anew"


def test_what_an_earlier_run_found_damaged_stays_damaged_and_another_schema_is_refused(
    server: Database, copy: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = against_manifest(written(server), "--resume", str(tmp_path / "journal"))
    copy.run("UPDATE crm_transactions.moves SET amount = 8 WHERE id = 7", "INSERT INTO crm_users.log VALUES ('more')")
    measure, read = mysql._measure, list[str]()

    def killed(cursors: Any, table: Any, one: Slice, *rest: Any) -> Any:
        if read:
            raise KeyboardInterrupt
        read.append(one.part)
        return measure(cursors, table, one, *rest)

    monkeypatch.setattr(mysql, "_measure", killed)
    assert main(words) == ExitCode.STOPPED
    monkeypatch.setattr(mysql, "_measure", measure)
    copy.run("ALTER TABLE crm_users.log ADD COLUMN more INT")
    assert main(words) == ExitCode.AWS_TROUBLE
    assert "the schema was altered since the verification began" in capsys.readouterr().err
    copy.run(
        "ALTER TABLE crm_users.log DROP COLUMN more",
        "UPDATE crm_transactions.moves SET amount = 7 WHERE id = 7",
        "DELETE FROM crm_users.log WHERE what = 'more'",
    )
    assert main(words) == ExitCode.NOT_KEPT
    assert read[0] in capsys.readouterr().out


def test_a_killed_verification_goes_on_within_a_large_table(
    server: Database, copy: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert copy.port
    key, file = written(server), tmp_path / "journal"
    words = against_manifest(key, "--resume", str(file))
    measure, read = mysql._measure, list[Slice]()

    def killed(cursors: Any, table: Any, one: Slice, *rest: Any) -> Any:
        if len(read) == 3:
            raise KeyboardInterrupt
        read.append(one)
        return measure(cursors, table, one, *rest)

    monkeypatch.setattr(mysql, "ROWS_AT_ONCE", 20)
    monkeypatch.setattr(mysql, "_measure", killed)
    assert main(words) == ExitCode.STOPPED
    capsys.readouterr()
    before = tuple(read)
    assert any(one.of > 3 for one in before), "killed inside a table"
    read[:] = []

    def kept(cursors: Any, table: Any, one: Slice, *rest: Any) -> Any:
        read.append(one)
        return measure(cursors, table, one, *rest)

    monkeypatch.setattr(mysql, "_measure", kept)
    assert main(words) == ExitCode.DONE
    assert read
    assert not set(read) & set(before)
    assert "3 tables or slices were read by an earlier run" in capsys.readouterr().err
    copy.run("UPDATE crm_transactions.moves SET amount = 8 WHERE id = 7")
    assert main(words) == ExitCode.NOT_KEPT
    assert "1 of 16 chunks differ" in capsys.readouterr().out


@pytest.mark.parametrize("connections", ["1", "2"])
def test_a_killed_verification_of_a_table_goes_on_after_its_last_segment(
    connections: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make: Any = boto3.client
    client, s3 = make("dynamodb", region_name=REGION), make("s3", region_name=REGION)
    _table(client, "audit-copy")
    client.put_item(TableName="audit-copy", Item=heartbeat.item({"id": "S"}, NOW))
    _, content = dynamodb.measure(client, "audit-copy")
    key = bucket.manifest_key("audit-logs", NOW)
    signing.put(s3, BUCKET, key, manifest.dump(Manifest("audit-logs", NOW, "DynamoDB", content, until=NOW)))
    words = ["verify", "audit-logs", "--target", "audit-copy", "--manifest", key, "--connections", connections, *WHERE]
    words += ["--resume", str(tmp_path / "journal")]
    read, segments = dynamodb_slices.read, list[int]()

    def killed(client: Any, table: str, piece: Any, **how: Any) -> Any:
        if len(segments) >= 2:
            raise KeyboardInterrupt
        segments.append(piece[0].number)
        return read(client, table, piece, **how)

    monkeypatch.setattr(dynamodb_slices.cut, "__defaults__", (Sizes(rows=8, most=40),))
    monkeypatch.setattr(dynamodb_slices, "read", killed)
    assert main(words) == ExitCode.STOPPED
    monkeypatch.setattr(dynamodb_slices, "read", read)
    capsys.readouterr()
    assert main(words) == ExitCode.DONE
    told = capsys.readouterr()
    assert "2 tables or slices were read by an earlier run" in told.err
    assert "40" in told.out
    client.put_item(TableName="audit-copy", Item={"id": {"S": "i4"}, "what": {"S": "logout"}, "n": {"N": "1"}})
    assert main(words) == ExitCode.NOT_KEPT
    client.delete_table(TableName="audit-copy")
    _table(client, "audit-copy")
    monkeypatch.setattr(dynamodb_slices, "read", killed)
    segments[:] = []
    assert main(words) == ExitCode.STOPPED
    client.delete_table(TableName="audit-copy")
    _table(client, "audit-copy")
    capsys.readouterr()
    assert main(words) == ExitCode.WRONG_INPUT, "another table of the same name"
    assert "is of another verification" in capsys.readouterr().err


def _table(client: Any, name: str) -> None:
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(40):
        client.put_item(TableName=name, Item={"id": {"S": f"i{number}"}, "what": {"S": "login"}, "n": {"N": "1.0"}})


@pytest.mark.parametrize("words", [["mysql", "--against", "live", "--target", "copy"]])
def test_only_what_stands_still_can_be_gone_on_with(
    words: list[str], copy: Database, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert copy.port
    assert main(["verify", *words, "--resume", str(tmp_path / "journal"), *WHERE]) == ExitCode.WRONG_INPUT
    assert "--resume: goes with --against manifest" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "no journal", '{"format": "another"}\n', "[]\n"])
def test_a_file_that_is_no_journal_is_refused(
    text: str, server: Database, copy: Database, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert copy.port
    file = tmp_path / "journal"
    file.write_text(text)
    code = main(against_manifest(written(server), "--resume", str(file)))
    assert code == (ExitCode.WRONG_INPUT if text else ExitCode.DONE)
    assert ("is no journal of a verification" in capsys.readouterr().err) == bool(text)


def asleep(connection: Any, seconds: float) -> None:
    """Without waiting for the answer."""
    connection._execute_command(COMMAND.COM_QUERY, f"SELECT SLEEP({seconds})".encode())


@pytest.mark.proves("verification.pace")
def test_a_busy_server_is_not_read_and_nothing_is_passed(
    server: Database, copy: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's work: threads that sleep count as running."""
    key = written(server)
    monkeypatch.setattr(pace, "_PAUSE", 0.05)
    with copy.connect(autocommit=True) as busy:
        asleep(busy, 20)
        code = main(against_manifest(key, "--max-running", "1", "--patience", "0.1"))
    said = capsys.readouterr()
    assert (code, "passed" in said.out) == (ExitCode.AWS_TROUBLE, False)
    assert "threads at once, more than 1" in said.err
    assert len(said.err.splitlines()) == 1


def test_a_busy_server_is_waited_for(server: Database, copy: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    key = written(server)
    monkeypatch.setattr(pace, "_PAUSE", 0.05)
    with copy.connect(autocommit=True) as busy:
        asleep(busy, 0.5)
        assert main(against_manifest(key, "--max-running", "2", "--connections", "1")) == ExitCode.DONE


def test_items_that_differ_are_named_with_their_attributes(capsys: pytest.CaptureFixture[str]) -> None:
    make: Any = boto3.client
    client = make("dynamodb", region_name=REGION)
    for table in (names.store(DEV.prefix, "audit-logs"), "audit-copy"):
        _table(client, table)
    words = ["verify", "audit-logs", "--against", "live", "--target", "audit-copy", *WHERE]
    assert asked(capsys, *words)[1]["rows"] == []
    client.delete_item(TableName="audit-copy", Key={"id": {"S": "i3"}})
    client.put_item(TableName="audit-copy", Item={"id": {"S": "i4"}, "what": {"S": "logout"}, "n": {"N": "1"}})
    client.put_item(TableName="audit-copy", Item={"id": {"S": "i99"}, "what": {"S": "login"}})
    code, told = asked(capsys, *words)
    assert code == ExitCode.NOT_KEPT
    assert {tuple(row["key"]): (row["what"], row["columns"]) for row in told["rows"]} == {
        ("i3",): ("is missing", []),
        ("i4",): ("differs", ["what"]),
        ("i99",): ("is not there in the other", []),
    }
    assert main(words) == ExitCode.NOT_KEPT
    assert "logout" not in capsys.readouterr().out


def _kill(copy: Database) -> None:
    with copy.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = %s", (names.VERIFIER,))
        copy.run(*(f"KILL {number}" for (number,) in cursor.fetchall()))


DATED = "CREATE TABLE crm_transactions.transactions (id INT NOT NULL PRIMARY KEY, date DATETIME NOT NULL)"
LATE = f"INSERT INTO crm_transactions.transactions VALUES (1, '{NOW + timedelta(hours=1):%F %T}')"  # noqa: S608
TROUBLES: dict[str, tuple[tuple[str, ...], Any, str]] = {
    "no privileges": (("REVOKE ALL PRIVILEGES, GRANT OPTION FROM verifier@'%'",), None, "crm_"),
    "a view that no longer works": (("DROP TABLE crm_users.log",), None, "crm_users"),
    "a table without a key, a row of it gone": (("DELETE FROM crm_users.log WHERE what = 'out'",), None, "crm_users.log"),
    "a table without a key, a row of it twice": (("INSERT INTO crm_users.log VALUES ('out')",), None, "crm_users.log"),
    "the server ends the connections": ((), _kill, "could not be read"),
    "a table is altered meanwhile": ((), lambda copy: copy.run("CREATE TABLE crm_users.late (id INT)"), "altered while"),
    "clocks apart": ((LATE,), None, "dated after"),
}


@pytest.mark.proves("verification.trouble")
@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_trouble_is_one_clear_line_and_never_a_pass(
    trouble: str, server: Database, copy: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, meanwhile, said = TROUBLES[trouble]
    for each in (server, copy):
        each.run("CREATE VIEW crm_users.seen AS SELECT what FROM crm_users.log", DATED)
    words = against_manifest(written(server))
    copy.run(*before)
    if trouble == "clocks apart":
        words += ["--at", NOW.isoformat()]
    if meanwhile is not None:
        once = [meanwhile]
        monkeypatch.setattr(pace.Pace, "before", lambda _self, _cursor: once.pop()(copy) if once else None)
    code, told = asked(capsys, *words)
    assert code in {ExitCode.NOT_KEPT, ExitCode.AWS_TROUBLE}
    wrong = [level for level in told["levels"] if level["verdict"] != "passed"]
    assert told["verdict"] == ("failed" if code == ExitCode.NOT_KEPT else "not_checked")
    assert wrong
    assert any(said in level["detail"] for level in wrong)
    assert not any("\n" in level["detail"] for level in wrong)
