"""The bank: the same from the same seed, accepted by a real server, and judged exactly whatever happens to it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import boto3
import pymysql
import pytest
from botocore.config import Config
from moto import mock_aws

from rehearsal.bank import Counts, Judgement, Ledger, Writer, create_verifier, judge, load
from rehearsal.bank.generator import HISTORY_END, Bank, Generator, generate
from rehearsal.bank.tables import ACCOUNTS, CLIENTS, DATABASES, TABLES, TRANSACTIONS, USERS, item_key
from strategy.naming import VERIFIER
from tests.mariadb import Database, database

AUDIT = "audit"
AUTOMATIC = ("client_id", "timestamp")
UNTOUCHED = {
    "crm_users.users": 40,
    "crm_clients.clients": 2_000,
    "crm_clients.accounts": 2_000,
    "crm_transactions.transactions": 20_000,
}


@pytest.fixture(scope="module")
def bank() -> Bank:
    return generate(7)


def test_the_same_seed_gives_the_same_bank(bank: Bank) -> None:
    assert generate(7) == bank
    assert generate(8).rows[CLIENTS] != bank.rows[CLIENTS]


def test_the_bank_is_as_large_as_promised(bank: Bank) -> None:
    assert {str(table): len(rows) for table, rows in bank.rows.items()} == UNTOUCHED
    assert len({item_key(item) for item in bank.items}) == 2_000


def test_money_adds_up(bank: Bank) -> None:
    moved: dict[str, Decimal] = defaultdict(Decimal)
    for _, client_id, kind, amount, _, status in bank.rows[TRANSACTIONS]:
        if status == "COMPLETED":
            moved[client_id] += amount if kind == "DEPOSIT" else -amount
    deposit, balance = ACCOUNTS.columns.index("initial_deposit"), ACCOUNTS.columns.index("balance")
    assert all(row[deposit] + moved[row[1]] == row[balance] >= 0 for row in bank.rows[ACCOUNTS])


def test_nobody_is_real(bank: Bank) -> None:
    email, phone = CLIENTS.columns.index("email"), CLIENTS.columns.index("phone_number")
    assert all(row[email].endswith(".example") for row in bank.rows[CLIENTS])
    assert all(row[phone].startswith("+65 0") for row in bank.rows[CLIENTS])
    assert all(row[1].endswith(".example") for row in bank.rows[USERS])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with database(tmp_path_factory.mktemp("mariadb")) as running:
        yield running


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="ap-southeast-1", config=Config(retries={"total_max_attempts": 1}))
        client.create_table(
            TableName=AUDIT,
            KeySchema=[{"AttributeName": "client_id", "KeyType": "HASH"}, {"AttributeName": "timestamp", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in AUTOMATIC],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


@pytest.fixture(scope="module")
def progress() -> list[tuple[int, int]]:
    return []


@pytest.fixture(scope="module")
def ledger(server: Database, dynamodb: Any, progress: list[tuple[int, int]]) -> Ledger:
    """A loaded bank. Tests that change it put it back."""
    with server.connect() as connection:
        return load(connection, dynamodb, AUDIT, seed=7, progress=lambda done, total: progress.append((done, total)))


def judged(server: Database, dynamodb: Any, ledger: Ledger) -> Judgement:
    with server.connect() as connection:
        return judge(connection, dynamodb, AUDIT, ledger)


def test_what_was_loaded_is_there(server: Database, dynamodb: Any, ledger: Ledger) -> None:
    judgement = judged(server, dynamodb, ledger)
    assert {name: counts.present for name, counts in judgement.tables.items()} == UNTOUCHED
    assert (judgement.rows, judgement.items) == (Counts(present=24_040), Counts(present=2_000))
    assert judgement.oldest_lost is None


def test_progress_reaches_its_end(ledger: Ledger, progress: list[tuple[int, int]]) -> None:
    assert ledger.rows
    assert progress[-1] == (26_040, 26_040)
    assert progress == sorted(progress)


def test_a_loaded_server_is_not_loaded_over(server: Database, dynamodb: Any, ledger: Ledger) -> None:
    assert ledger.rows
    with server.connect() as connection, pytest.raises(pymysql.err.ProgrammingError, match="database exists"):
        load(connection, dynamodb, AUDIT, seed=7)


@contextmanager
def undone(server: Database, *undo: str) -> Iterator[None]:
    try:
        yield
    finally:
        server.run(*undo)


def test_rows_are_judged_one_by_one(server: Database, dynamodb: Any, ledger: Ledger) -> None:
    server.run(
        "CREATE TABLE crm_transactions.kept AS SELECT * FROM crm_transactions.transactions",
        "DELETE FROM crm_transactions.transactions WHERE id <= 3",
        "UPDATE crm_transactions.transactions SET `date` = `date` + INTERVAL 1 MICROSECOND WHERE id = 10",
        "INSERT INTO crm_transactions.transactions VALUES (99999, 'CLT-x', 'DEPOSIT', 1, '2026-11-02', 'FAILED')",
    )
    refill = "INSERT INTO crm_transactions.transactions SELECT * FROM crm_transactions.kept"
    with undone(server, "DELETE FROM crm_transactions.transactions", refill, "DROP TABLE crm_transactions.kept"):
        judgement = judged(server, dynamodb, ledger)
    assert judgement.tables["crm_transactions.transactions"] == Counts(present=19_996, lost=3, altered=1, unexpected=1)
    assert not judgement.rows.sound
    assert judgement.oldest_lost is not None


def test_a_table_that_did_not_come_back_is_all_lost(server: Database, dynamodb: Any, ledger: Ledger) -> None:
    server.run("RENAME TABLE crm_users.users TO crm_users.elsewhere")
    with undone(server, "RENAME TABLE crm_users.elsewhere TO crm_users.users"):
        assert judged(server, dynamodb, ledger).tables["crm_users.users"] == Counts(lost=40)


def test_items_are_judged_one_by_one(server: Database, dynamodb: Any, ledger: Ledger, bank: Bank) -> None:
    first, second, third = bank.items[:3]
    stranger = Generator("stranger").item("CLT-x", HISTORY_END)
    key = {name: first[name] for name in AUTOMATIC}
    dynamodb.delete_item(TableName=AUDIT, Key=key)
    dynamodb.put_item(TableName=AUDIT, Item=second | {"ttl": {"N": "1"}})
    dynamodb.put_item(TableName=AUDIT, Item=stranger)
    judgement = judged(server, dynamodb, ledger)
    dynamodb.delete_item(TableName=AUDIT, Key={name: stranger[name] for name in AUTOMATIC})
    for item in (first, second, third):
        dynamodb.put_item(TableName=AUDIT, Item=item)
    assert judgement.items == Counts(present=1_998, lost=1, altered=1, unexpected=1)


def test_what_was_never_acknowledged_is_neither_lost_nor_unexpected(server: Database, dynamodb: Any, ledger: Ledger) -> None:
    moment = HISTORY_END + timedelta(days=1)
    arrived, vanished = ((number, "CLT-x", "DEPOSIT", Decimal(1), moment, "FAILED") for number in (90_001, 90_002))
    ledger.begin([(TRANSACTIONS, arrived), (TRANSACTIONS, vanished)])
    with undone(server, "DELETE FROM crm_transactions.transactions WHERE id = 90001"):
        server.run("INSERT INTO crm_transactions.transactions VALUES (90001, 'CLT-x', 'DEPOSIT', 1, '2026-11-02', 'FAILED')")
        assert judged(server, dynamodb, ledger).tables["crm_transactions.transactions"] == Counts(present=20_000)
    ledger.rows[TRANSACTIONS].uncertain.clear()


def test_the_verifier_reads_the_bank_over_tls_and_no_more(server: Database, ledger: Ledger) -> None:
    assert ledger.rows
    with server.connect(autocommit=True) as connection:
        create_verifier(connection, token="fixed")
    known: dict[str, Any] = {"host": server.host, "port": server.port, "user": VERIFIER, "password": "fixed"}
    with pymysql.connect(**known, ssl_ca=str(server.authority)) as connection, connection.cursor() as cursor:
        for table in TABLES:
            assert cursor.execute(f"{table.select} LIMIT 1") == 1
        with pytest.raises(pymysql.err.OperationalError, match="command denied"):
            cursor.execute("DELETE FROM crm_users.users")
        with pytest.raises(pymysql.err.OperationalError, match="denied"):
            cursor.execute("SELECT * FROM mysql.global_priv")
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        pymysql.connect(**known, ssl_disabled=True)


def test_on_rds_the_verifier_has_no_password() -> None:
    class Recorder:
        def __init__(self) -> None:
            self.statements: list[str] = []

        def cursor(self) -> Recorder:
            return self

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None: ...

        def execute(self, statement: str, values: tuple[str, ...]) -> None:
            self.statements.append(statement % values)

    recorder = Recorder()
    create_verifier(recorder, token=None)  # type: ignore[arg-type]  # stands in for a connection to RDS
    assert recorder.statements[0] == "CREATE USER verifier@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL"
    assert recorder.statements[1:] == [f"GRANT SELECT ON {name}.* TO verifier@'%'" for name in DATABASES]


def wait_for(writer: Writer, rounds: int) -> None:
    deadline = time.monotonic() + 20
    while writer.rounds < rounds and writer.running and time.monotonic() < deadline:
        time.sleep(0.005)
    assert writer.rounds >= rounds


def test_the_writer_knows_exactly_what_was_committed(server: Database, dynamodb: Any, ledger: Ledger) -> None:
    began = datetime.now(UTC)
    with Writer(server.connect(), dynamodb, AUDIT, ledger, seed=1) as writer:
        wait_for(writer, 12)
    assert writer.ended_by is None
    judgement = judged(server, dynamodb, ledger)
    assert judgement.rows == Counts(present=24_040 + writer.rounds + 2 * (writer.rounds // 4))
    assert judgement.items == Counts(present=2_000 + writer.rounds // 2)
    assert judgement.newest_present is not None
    assert judgement.newest_present > began


def test_the_writer_ends_with_its_server_and_nothing_acknowledged_is_lost(
    dynamodb: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rehearsal.bank.loader.generate", _small)
    with database(tmp_path) as mortal:
        with mortal.connect() as connection:
            ledger = load(connection, dynamodb, AUDIT, seed=3)
        writer = Writer(mortal.connect(), dynamodb, AUDIT, ledger, seed=2)
        with writer:
            wait_for(writer, 4)
            mortal.kill()
            deadline = time.monotonic() + 20
            while writer.running and time.monotonic() < deadline:
                time.sleep(0.005)
        assert isinstance(writer.ended_by, pymysql.err.MySQLError)
        mortal.start()
        with mortal.connect() as connection:
            rows = judge(connection, dynamodb, AUDIT, ledger).rows
        uncertain = sum(len(account.uncertain) for account in ledger.rows.values())
    assert (rows.lost, rows.altered, rows.unexpected) == (0, 0, 0)
    assert uncertain <= 2


def test_an_error_the_writer_did_not_expect_is_not_swallowed(
    server: Database, dynamodb: Any, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(server.connect(), dynamodb, AUDIT, ledger, seed=5)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(writer, "_round", broken)
    with pytest.raises(ZeroDivisionError), writer:
        pass


def _small(seed: int) -> Bank:
    whole = generate(seed)
    return Bank({table: rows[:50] for table, rows in whole.rows.items()}, whole.items[:5])
