"""The bank: the same from the same seed, accepted by a real server, and judged exactly whatever happens to it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Self

import boto3
import pymysql
import pytest
from botocore.config import Config
from moto import mock_aws

from aws_support.mariadb import Database, database
from rehearsal.bank import (
    Application,
    Counts,
    Ledger,
    Service,
    create_service_user,
    create_verifier,
    judge_items,
    judge_rows,
    load,
    total,
)
from rehearsal.bank.connections import Connected, Items, Sql
from rehearsal.bank.generator import HISTORY_END, Bank, Generator, generate
from rehearsal.bank.tables import ACCOUNTS, CLIENTS, DATABASES, TABLES, TRANSACTIONS, USERS, item_key
from strategy.catalogue.names import VERIFIER

AUDIT = "audit"
OLD, NEW, ITEMS = "arn:old", "arn:new", "arn:items"
"""Stores, as the ledger knows them."""
KEY = ("client_id", "timestamp")
SIZES = {
    "crm_users.users": 40,
    "crm_clients.clients": 2_000,
    "crm_clients.accounts": 2_000,
    "crm_transactions.transactions": 20_000,
}
SECOND = timedelta(seconds=1)
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
def branch(bank: Bank) -> Bank:
    """A hundredth of the bank, where size is not the point."""
    return bank.branch(40, 20)


@pytest.fixture
def ledger(branch: Bank, server: Database, dynamodb: Any) -> Ledger:
    """A loaded branch."""
    server.empty()
    return loaded(server, dynamodb, branch)


def loaded(server: Database, dynamodb: Any, bank: Bank, progress: Any = lambda *_: None) -> Ledger:
    with server.connect() as connection:
        return load(connection, dynamodb, AUDIT, bank=bank, stores=(OLD, ITEMS), progress=progress)


def judged(server: Database, ledger: Ledger, store: str = OLD) -> dict[str, Counts]:
    with server.connect() as connection:
        return judge_rows(connection, ledger, store)


def test_all_that_is_loaded_is_there(server: Database, dynamodb: Any, bank: Bank) -> None:
    server.empty()
    progress: list[tuple[int, int]] = []
    ledger = loaded(server, dynamodb, bank, lambda done, total: progress.append((done, total)))
    tables = judged(server, ledger)
    assert {name: counts.present for name, counts in tables.items()} == SIZES
    assert total(tables) == Counts(present=24_040)
    assert judge_items(dynamodb, AUDIT, ledger, ITEMS) == Counts(present=2_000)
    assert progress == sorted(progress)
    assert progress[-1] == (26_040, 26_040)


def test_a_loaded_server_is_not_loaded_over(server: Database, dynamodb: Any, ledger: Ledger, branch: Bank) -> None:
    with pytest.raises(pymysql.err.ProgrammingError, match="database exists"):
        loaded(server, dynamodb, branch)
    assert total(judged(server, ledger)) == Counts(present=160)


def test_rows_are_judged_one_by_one(server: Database, ledger: Ledger) -> None:
    server.run(
        "DELETE FROM crm_transactions.transactions ORDER BY id LIMIT 3",
        "UPDATE crm_transactions.transactions SET `date` = `date` + INTERVAL 1 MICROSECOND ORDER BY id LIMIT 1",
        STRANGER,
    )
    tables = judged(server, ledger)
    found = tables["crm_transactions.transactions"]
    assert found == Counts(present=36, lost=3, missing=3, altered=1, unexpected=1)
    assert not total(tables).sound


def test_a_row_that_came_back_twice_is_unexpected(server: Database, ledger: Ledger) -> None:
    server.run(
        "ALTER TABLE crm_transactions.transactions MODIFY id BIGINT UNSIGNED NOT NULL, DROP PRIMARY KEY",
        "INSERT INTO crm_transactions.transactions SELECT * FROM crm_transactions.transactions ORDER BY id LIMIT 1",
    )
    assert judged(server, ledger)["crm_transactions.transactions"] == Counts(present=40, unexpected=1)


@pytest.mark.parametrize("damage", ["DROP TABLE crm_users.users", "DROP DATABASE crm_users"])
def test_a_table_that_did_not_come_back_is_all_lost(damage: str, server: Database, ledger: Ledger) -> None:
    server.run(damage)
    assert judged(server, ledger)["crm_users.users"] == Counts(lost=40, missing=40)


def test_items_are_judged_one_by_one(dynamodb: Any, ledger: Ledger, branch: Bank) -> None:
    first, second = branch.items[:2]
    dynamodb.delete_item(TableName=AUDIT, Key={name: first[name] for name in KEY})
    dynamodb.put_item(TableName=AUDIT, Item=second | {"ttl": {"N": "1"}})
    dynamodb.put_item(TableName=AUDIT, Item=Generator("stranger").item("CLT-x", HISTORY_END))
    found = judge_items(dynamodb, AUDIT, ledger, ITEMS)
    assert found == Counts(present=18, lost=1, missing=1, altered=1, unexpected=1)


def test_what_was_never_acknowledged_is_neither_lost_nor_unexpected(server: Database, ledger: Ledger) -> None:
    day = datetime(2026, 11, 2)  # noqa: DTZ001  as PyMySQL reads it back
    arrived, vanished = ((number, "CLT-x", "DEPOSIT", Decimal(1), day, "FAILED") for number in (99_999, 99_998))
    ledger.begin([(TRANSACTIONS, arrived), (TRANSACTIONS, vanished)], store=OLD)
    server.run(STRANGER)
    assert total(judged(server, ledger)) == Counts(present=160)


def transaction(number: int, status: str = "FAILED") -> tuple[Any, Any]:
    return TRANSACTIONS, (number, "CLT-x", "DEPOSIT", Decimal(1), datetime(2026, 11, 2), status)  # noqa: DTZ001  as above


@pytest.fixture
def moment(server: Database, ledger: Ledger) -> datetime:
    """A second after which the old store took one row more, changed one row, and is restored from as `NEW`."""
    at = datetime.now(UTC)
    ledger.commit([transaction(99_997)], at=at, store=OLD)
    ledger.commit([transaction(99_997, "PENDING"), transaction(99_998)], at=at + SECOND, store=OLD)
    ledger.restored(NEW, of=OLD, moment=at)
    ledger.commit([transaction(99_999)], at=at + 2 * SECOND, store=NEW)
    server.run(STRANGER, STRANGER.replace("99999", "99997"))
    return at


def test_a_restored_store_holds_its_origins_moment_and_what_it_took_itself(
    server: Database, ledger: Ledger, moment: datetime
) -> None:
    assert judged(server, ledger, NEW)["crm_transactions.transactions"] == Counts(present=42, lost=1, reverted=1)
    held = ledger.content(ledger.rows[TRANSACTIONS], OLD, moment)
    assert held[99_997].value == transaction(99_997)[1]
    assert 99_998 not in held


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ("UPDATE crm_transactions.transactions SET status = 'PENDING' WHERE id = 99997", Counts(41, lost=1, altered=1)),
        (STRANGER.replace("99999", "99998"), Counts(42, reverted=1, unexpected=1)),
        ("DELETE FROM crm_transactions.transactions WHERE id = 99997", Counts(41, lost=2, missing=1)),
        ("DELETE FROM crm_transactions.transactions WHERE id = 99999", Counts(41, lost=1, reverted=1, missing=1)),
    ],
    ids=["a later value", "a later row", "an earlier row is gone", "what it took itself is gone"],
)
def test_another_moment_than_the_origins_is_convicted(
    wrong: str, found: Counts, server: Database, ledger: Ledger, moment: datetime
) -> None:
    assert moment
    server.run(wrong)
    assert judged(server, ledger, NEW)["crm_transactions.transactions"] == found
    assert not found.sound


def test_a_restore_of_a_restore_goes_back_through_both(ledger: Ledger, moment: datetime) -> None:
    ledger.restored("arn:newest", of=NEW, moment=moment + SECOND)
    held = ledger.content(ledger.rows[TRANSACTIONS], "arn:newest")
    assert 99_997 in held
    assert {99_998, 99_999}.isdisjoint(held)


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


@pytest.mark.proves("vaults.verifier-login")
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
    assert recorder.statements[1:] == [f"GRANT SELECT, SHOW VIEW, LOCK TABLES ON {name}.* TO verifier@'%'" for name in DATABASES]


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 300
    while not done() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert done()


class Town:
    """One service at work on the server, which knows it by a login of its own."""

    def __init__(self, server: Database, dynamodb: Any, ledger: Ledger, name: str = "client") -> None:
        self.server, self.dynamodb = server, dynamodb
        self.user, self.password = f"{name}_service", "secret of the service"
        self.service = Service(name, self.find, ledger, seed=1)
        with server.connect(autocommit=True) as connection:
            create_service_user(connection, name, user=self.user, password=self.password)

    def find(self) -> Connected:
        at = self.server
        return Connected(
            Sql(OLD, at.host, at.port, self.user, self.password, str(at.authority)), Items(ITEMS, AUDIT, self.dynamodb)
        )

    def work(self, rounds: int) -> None:
        target = self.service.rounds + rounds
        wait_until(lambda: self.service.rounds >= target)


@pytest.fixture
def town(server: Database, dynamodb: Any, ledger: Ledger) -> Iterator[Town]:
    made = Town(server, dynamodb, ledger)
    made.service.start()
    yield made
    made.service.stop()
    server.run(f"DROP USER {made.user}@'%'")


def test_a_service_knows_exactly_what_was_committed(server: Database, dynamodb: Any, ledger: Ledger, town: Town) -> None:
    with town.service.turn:  # no statement begins before, and is committed after
        began = datetime.now(UTC)
    town.work(12)
    town.service.stop()
    rounds = town.service.rounds
    assert town.service.ended_by is None
    assert total(judged(server, ledger)) == Counts(present=160 + 2 * (rounds // 3))
    assert judge_items(dynamodb, AUDIT, ledger, ITEMS) == Counts(present=20 + rounds)
    changed = ledger.since(ledger.rows[CLIENTS], OLD, began)
    assert len(changed) > rounds // 3, "it only added clients: none was changed"
    updated = [entry.value[-1] for entry in changed.values() if isinstance(entry.value, tuple)]
    assert len(updated) == len(changed)
    assert min(updated) >= began.replace(tzinfo=None)


def test_a_service_that_is_held_still_writes_nothing(ledger: Ledger, town: Town) -> None:
    town.work(3)
    with town.service.turn:
        rounds, begun = town.service.rounds, datetime.now(UTC)
        time.sleep(0.1)
        assert town.service.rounds == rounds
        assert not ledger.since(ledger.rows[CLIENTS], OLD, begun)
    town.work(1)


def test_a_lost_connection_is_made_again(server: Database, town: Town) -> None:
    """Like any pool: so, to stop a service, ending its connections is not enough."""
    town.work(3)
    disconnect(server, town.user)
    town.work(3)
    assert town.service.running


def test_a_locked_account_stops_a_service_until_it_is_started_again(server: Database, ledger: Ledger, town: Town) -> None:
    town.work(3)
    server.run(f"ALTER USER {town.user}@'%' ACCOUNT LOCK")
    disconnect(server, town.user)
    wait_until(lambda: not town.service.running)
    assert "locked" in str(town.service.ended_by)
    assert total(judged(server, ledger)).sound
    town.service.stop()
    town.service.start()
    assert not town.service.running
    server.run(f"ALTER USER {town.user}@'%' ACCOUNT UNLOCK")
    town.service.stop()
    town.service.start()
    town.work(3)


def test_a_service_ends_with_its_server_and_nothing_acknowledged_is_lost(server: Database, ledger: Ledger, town: Town) -> None:
    town.work(4)
    try:
        server.kill()
        wait_until(lambda: not town.service.running)
        assert isinstance(town.service.ended_by, pymysql.err.MySQLError)
    finally:
        server.start()
    rows = total(judged(server, ledger))
    assert rows.present > 160
    assert (rows.sound, rows.lost) == (True, 0)
    assert sum(len(account.uncertain) for account in ledger.rows.values()) <= 2


def test_a_service_may_change_its_own_database_only(town: Town) -> None:
    sql = town.find().sql
    assert sql
    with sql.connect() as connection, connection.cursor() as cursor:
        assert cursor.execute("UPDATE crm_clients.clients SET city = 'Westmere' LIMIT 1") == 1
        connection.rollback()
        cursor.execute("SELECT COUNT(*) FROM crm_users.users")
        with pytest.raises(pymysql.err.OperationalError, match="command denied"):
            cursor.execute("DELETE FROM crm_clients.clients")
        with pytest.raises(pymysql.err.OperationalError, match="command denied"):
            cursor.execute("UPDATE crm_users.users SET role = 'ADMIN'")


def test_an_error_a_service_did_not_expect_is_not_swallowed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("rehearsal.bank.customers.Customers.work", broken)
    wait_until(lambda: not town.service.running)
    with pytest.raises(ZeroDivisionError):
        town.service.stop()
    town.service.ended_by = None


def disconnect(server: Database, user: str) -> None:
    with server.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM information_schema.processlist WHERE user = %s", (user,))
        for (number,) in cursor.fetchall():
            cursor.execute(f"KILL {number}")


class Trying:
    """A service that gives up, or serves, after so many looks at it."""

    def __init__(self, *, gives_up: int = 10**6, serves: int = 10**6) -> None:
        self.gives_up, self.serves, self.looks = gives_up, serves, 0

    @property
    def running(self) -> bool:
        self.looks += 1
        return self.looks < self.gives_up

    @property
    def rounds(self) -> int:
        return int(self.looks >= self.serves)


@pytest.mark.parametrize(
    ("services", "looked"),
    [
        ([Trying(gives_up=3), Trying(gives_up=7)], [3, 7]),
        ([Trying(gives_up=3), Trying(serves=5)], [3, 5]),
    ],
    ids=["all give up", "one serves"],
)
def test_services_have_tried_when_all_have_given_up_or_one_has_served(services: list[Any], looked: list[int]) -> None:
    Application({str(number): each for number, each in enumerate(services)}).tried()
    assert [min(each.looks, most) for each, most in zip(services, looked, strict=True)] == looked
    assert any(each.rounds for each in services) or not any(each.running for each in services)


class OnlyGranted:
    """DynamoDB as far as the services' roles allow it: `tests/stacks/test_grants.py` holds that they may do this and not scan."""

    def __init__(self, *operations: str) -> None:
        self._held = operations

    def query(self, **request: Any) -> dict[str, int]:
        asked = request["ExpressionAttributeValues"][":operation"]["S"]
        return {"Count": int(asked in self._held)}


@pytest.mark.parametrize(("held", "readable"), [(("DELETE",), True), ((), False)])
def test_the_read_check_asks_nothing_that_a_services_role_does_not_allow(held: tuple[str, ...], readable: bool) -> None:
    client: Any = OnlyGranted(*held)
    assert Items(store="arn", table="audit-logs", client=client).readable() is readable
