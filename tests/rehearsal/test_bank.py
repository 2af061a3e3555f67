"""The bank: the same from the same seed, accepted by a real server, and judged exactly whatever happens to it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
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
KEY = ("client_id", "timestamp")
SIZES = {
    "crm_users.users": 40,
    "crm_clients.clients": 2_000,
    "crm_clients.accounts": 2_000,
    "crm_transactions.transactions": 20_000,
}
STRANGER = "INSERT INTO crm_transactions.transactions VALUES (99999, 'CLT-x', 'DEPOSIT', 1, '2026-11-02', 'FAILED')"


@pytest.fixture(scope="module")
def bank() -> Bank:
    return generate(7)


def test_the_same_seed_gives_the_same_bank(bank: Bank) -> None:
    assert generate(7) == bank
    assert generate(8).rows[CLIENTS] != bank.rows[CLIENTS]


def test_the_bank_is_as_large_as_promised(bank: Bank) -> None:
    assert {str(table): len(rows) for table, rows in bank.rows.items()} == SIZES
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
def aws() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("dynamodb", region_name="ap-southeast-1", config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def dynamodb(aws: Any) -> Iterator[Any]:
    aws.create_table(
        TableName=AUDIT,
        KeySchema=[{"AttributeName": "client_id", "KeyType": "HASH"}, {"AttributeName": "timestamp", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in KEY],
        BillingMode="PAY_PER_REQUEST",
    )
    yield aws
    aws.delete_table(TableName=AUDIT)


@pytest.fixture
def branch(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> Bank:
    """A hundredth of the bank, where size is not the point."""
    small = Bank({table: rows[:40] for table, rows in bank.rows.items()}, bank.items[:20])
    monkeypatch.setattr("rehearsal.bank.loader.generate", lambda _: small)
    return small


@pytest.fixture
def ledger(branch: Bank, server: Database, dynamodb: Any) -> Ledger:
    """A loaded branch."""
    assert branch.items
    server.empty()
    return loaded(server, dynamodb)


def loaded(server: Database, dynamodb: Any, progress: Any = lambda *_: None) -> Ledger:
    with server.connect() as connection:
        return load(connection, dynamodb, AUDIT, seed=7, progress=progress)


def judged(server: Database, dynamodb: Any, ledger: Ledger) -> Judgement:
    with server.connect() as connection:
        return judge(connection, dynamodb, AUDIT, ledger)


def test_all_that_is_loaded_is_there(server: Database, dynamodb: Any) -> None:
    server.empty()
    progress: list[tuple[int, int]] = []
    ledger = loaded(server, dynamodb, lambda done, total: progress.append((done, total)))
    judgement = judged(server, dynamodb, ledger)
    assert {name: counts.present for name, counts in judgement.tables.items()} == SIZES
    assert (judgement.rows, judgement.items) == (Counts(present=24_040), Counts(present=2_000))
    assert judgement.oldest_lost is None
    assert progress == sorted(progress)
    assert progress[-1] == (26_040, 26_040)


def test_a_loaded_server_is_not_loaded_over(server: Database, dynamodb: Any, ledger: Ledger) -> None:
    with pytest.raises(pymysql.err.ProgrammingError, match="database exists"):
        loaded(server, dynamodb)
    assert judged(server, dynamodb, ledger).rows == Counts(present=160)


def test_rows_are_judged_one_by_one(server: Database, dynamodb: Any, ledger: Ledger) -> None:
    server.run(
        "DELETE FROM crm_transactions.transactions WHERE id <= 3",
        "UPDATE crm_transactions.transactions SET `date` = `date` + INTERVAL 1 MICROSECOND WHERE id = 10",
        STRANGER,
    )
    judgement = judged(server, dynamodb, ledger)
    assert judgement.tables["crm_transactions.transactions"] == Counts(present=36, lost=3, altered=1, unexpected=1)
    assert not judgement.rows.sound
    assert judgement.oldest_lost is not None


def test_a_row_that_came_back_twice_is_unexpected(server: Database, dynamodb: Any, ledger: Ledger) -> None:
    server.run(
        "ALTER TABLE crm_transactions.transactions MODIFY id BIGINT UNSIGNED NOT NULL, DROP PRIMARY KEY",
        "INSERT INTO crm_transactions.transactions SELECT * FROM crm_transactions.transactions WHERE id = 5",
    )
    assert judged(server, dynamodb, ledger).tables["crm_transactions.transactions"] == Counts(present=40, unexpected=1)


@pytest.mark.parametrize("damage", ["DROP TABLE crm_users.users", "DROP DATABASE crm_users"])
def test_a_table_that_did_not_come_back_is_all_lost(damage: str, server: Database, dynamodb: Any, ledger: Ledger) -> None:
    server.run(damage)
    assert judged(server, dynamodb, ledger).tables["crm_users.users"] == Counts(lost=40)


def test_items_are_judged_one_by_one(server: Database, dynamodb: Any, ledger: Ledger, branch: Bank) -> None:
    first, second = branch.items[:2]
    dynamodb.delete_item(TableName=AUDIT, Key={name: first[name] for name in KEY})
    dynamodb.put_item(TableName=AUDIT, Item=second | {"ttl": {"N": "1"}})
    dynamodb.put_item(TableName=AUDIT, Item=Generator("stranger").item("CLT-x", HISTORY_END))
    assert judged(server, dynamodb, ledger).items == Counts(present=18, lost=1, altered=1, unexpected=1)


def test_what_was_never_acknowledged_is_neither_lost_nor_unexpected(server: Database, dynamodb: Any, ledger: Ledger) -> None:
    arrived, vanished = ((number, "CLT-x", "DEPOSIT", Decimal(1), HISTORY_END, "FAILED") for number in (99_999, 99_998))
    ledger.begin([(TRANSACTIONS, arrived), (TRANSACTIONS, vanished)])
    server.run(STRANGER)
    assert judged(server, dynamodb, ledger).rows == Counts(present=160)


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
    assert recorder.statements[1:] == [f"GRANT SELECT, SHOW VIEW ON {name}.* TO verifier@'%'" for name in DATABASES]


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not done() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert done()


def test_the_writer_knows_exactly_what_was_committed(server: Database, dynamodb: Any, ledger: Ledger) -> None:
    began = datetime.now(UTC)
    with Writer(server.connect(), dynamodb, AUDIT, ledger, seed=1) as writer:
        wait_until(lambda: writer.rounds >= 12)
    assert writer.ended_by is None
    judgement = judged(server, dynamodb, ledger)
    assert judgement.rows == Counts(present=160 + writer.rounds + 2 * (writer.rounds // 4))
    assert judgement.items == Counts(present=20 + writer.rounds // 2)
    assert judgement.newest_present is not None
    assert judgement.newest_present > began


def test_the_writer_ends_with_its_server_and_nothing_acknowledged_is_lost(
    server: Database, dynamodb: Any, ledger: Ledger
) -> None:
    writer = Writer(server.connect(), dynamodb, AUDIT, ledger, seed=2)
    try:
        with writer:
            wait_until(lambda: writer.rounds >= 4)
            server.kill()
            wait_until(lambda: not writer.running)
        assert isinstance(writer.ended_by, pymysql.err.MySQLError)
    finally:
        server.start()
    rows = judged(server, dynamodb, ledger).rows
    assert rows.present > 160
    assert (rows.lost, rows.altered, rows.unexpected) == (0, 0, 0)
    assert sum(len(account.uncertain) for account in ledger.rows.values()) <= 2


def test_an_error_the_writer_did_not_expect_is_not_swallowed(
    server: Database, dynamodb: Any, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(server.connect(), dynamodb, AUDIT, ledger, seed=5)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(writer, "_round", broken)
    with pytest.raises(ZeroDivisionError), writer:
        pass
