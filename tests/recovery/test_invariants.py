"""The strategy's own invariants on a real server: they hold for the bank, each sees what breaks it, silence proves nothing."""

from __future__ import annotations

import pytest

from aws_support.mariadb import Database
from recovery.verify import invariants
from recovery.verify.invariants import check
from recovery.verify.result import Level, Verdict
from rehearsal.bank.generator import generate
from rehearsal.bank.tables import create_databases
from strategy import load
from strategy.contracts.verify import InvariantQuery
from strategy.model.stores import MOST_TEXT, Invariant
from strategy.model.strategy import MySqlStore

BROKEN_BY = {
    "account-has-client": "UPDATE crm_clients.accounts SET client_id = 'CLT-nobody' LIMIT 2",
    "transaction-has-client": "UPDATE crm_transactions.transactions SET client_id = 'CLT-nobody' LIMIT 1",
    "client-has-agent": "UPDATE crm_clients.clients SET agent_id = 9999 LIMIT 1",
    "balance-not-negative": "UPDATE crm_clients.accounts SET balance = -0.01 LIMIT 1",
    "completed-amount-positive": "UPDATE crm_transactions.transactions SET amount = 0 WHERE status = 'COMPLETED' LIMIT 3",
}
"""What no server of the bank would take, as a lost constraint or a torn restore leaves it."""


def asked(environment: str = "dev") -> list[InvariantQuery]:
    store = load(environment).store("mysql")
    assert isinstance(store, MySqlStore)
    return [InvariantQuery(**each.model_dump()) for each in store.invariants]


@pytest.fixture
def bank(server: Database) -> Database:
    server.empty()
    with server.connect() as connection:
        create_databases(connection)
        with connection.cursor() as cursor:
            for table, rows in generate(3).branch(100, 0).rows.items():
                cursor.executemany(table.insert, rows)
        connection.commit()
    return server


def found(bank: Database, given: list[InvariantQuery] | None = None) -> Level:
    with bank.connect() as connection:
        (level,) = check(connection, asked() if given is None else given)
    return level


def test_they_hold_for_the_bank(bank: Database) -> None:
    level = found(bank)
    assert (level.name, level.verdict) == ("meaning", Verdict.PASSED)
    assert level.detail == f"{len(asked())} invariants hold"


def test_every_one_of_every_environment_is_broken_here() -> None:
    for environment in ("dev", "staging", "prod"):
        assert {each.name for each in asked(environment)} == set(BROKEN_BY)


@pytest.mark.proves("verification.invariants")
@pytest.mark.parametrize("name", BROKEN_BY)
def test_what_breaks_one_is_seen_by_it_with_its_keys(name: str, bank: Database) -> None:
    bank.run("SET GLOBAL check_constraint_checks = 0", "SET GLOBAL foreign_key_checks = 0")
    try:
        bank.run(BROKEN_BY[name])
    finally:
        bank.run("SET GLOBAL check_constraint_checks = 1", "SET GLOBAL foreign_key_checks = 1")
    level = found(bank)
    assert level.verdict is Verdict.FAILED
    (finding,) = level.findings
    assert finding.where == f"invariant {name}"
    assert 1 <= len(finding.keys) <= 3
    assert finding.as_json()["keys"] == list(finding.keys)
    meaning = next(each.meaning for each in asked() if each.name == name)
    rows = {1: "1 row", 2: "2 rows", 3: "3 rows"}[len(finding.keys)]
    assert str(finding) == f"invariant {name}: does not hold for {rows}: {meaning}"


def test_many_offences_are_counted_so_far_and_a_few_are_shown(bank: Database) -> None:
    bank.run("UPDATE crm_transactions.transactions SET client_id = 'CLT-nobody'")
    query = "SELECT a.id, b.id AS other FROM crm_transactions.transactions AS a JOIN crm_transactions.transactions AS b"
    level = found(bank, [InvariantQuery(name="many", meaning="none", offending=query)])
    assert "more than 1,000 rows" in level.findings[0].what
    assert len(level.findings[0].keys) == invariants.MOST_SHOWN


@pytest.mark.proves("verification.invariants")
@pytest.mark.parametrize(
    "query", ["SELECT nothing FROM crm_users.users", "DELETE FROM crm_users.users", "SELECT id FROM crm_users.users) -- "]
)
def test_what_cannot_be_asked_is_not_checked_and_changes_nothing(query: str, bank: Database) -> None:
    given = [*asked(), InvariantQuery(name="unasked", meaning="none", offending=query)]
    level = found(bank, given)
    assert level.verdict is Verdict.NOT_CHECKED
    assert "unasked" in level.detail
    assert found(bank, [InvariantQuery(name="any", meaning="all", offending="SELECT id FROM crm_users.users")]).findings


def test_one_that_offends_fails_though_another_could_not_be_asked(bank: Database) -> None:
    given = [
        InvariantQuery(name="unasked", meaning="none", offending="SELECT nothing FROM crm_users.users"),
        InvariantQuery(name="all", meaning="nobody", offending="SELECT id FROM crm_users.users"),
    ]
    assert found(bank, given).verdict is Verdict.FAILED


def test_a_server_that_goes_leaves_it_not_checked(bank: Database) -> None:
    with bank.connect() as connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT CONNECTION_ID()")
            bank.run(f"KILL {(cursor.fetchone() or (0,))[0]}")
        (level,) = check(connection, asked())
    assert level.verdict is Verdict.NOT_CHECKED


def test_none_declared_is_no_level(bank: Database) -> None:
    with bank.connect() as connection:
        assert check(connection, ()) == ()


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM crm_users.users",
        "SELECT 1; DROP DATABASE crm_users",
        "SELECT id FROM crm_users.users FOR UPDATE",
        "SELECT id FROM crm_users.users INTO OUTFILE '/tmp/users'",
        "SELECT SLEEP(1000)",
    ],
)
def test_a_query_that_does_more_than_read_is_refused(query: str) -> None:
    with pytest.raises(ValueError, match="offending"):
        Invariant(name="bad", meaning="none", offending=query)


def test_too_many_are_refused_at_synthesis() -> None:
    store = load("dev").store("mysql")
    many = [{"name": f"n-{n}", "meaning": "x" * 200, "offending": "SELECT 1"} for n in range(1 + MOST_TEXT // 200)]
    with pytest.raises(ValueError, match=f"allowed: {MOST_TEXT}"):
        MySqlStore.model_validate(store.model_dump() | {"invariants": many})
