# ruff: noqa: S311 - a seed must give the same damage again
"""The whole suite: rounds over the bank, over schemas of Hypothesis's making, and over a table of audit items."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import boto3
from hypothesis import HealthCheck, Phase, given, seed, settings
from moto import mock_aws

from aws_support.mariadb import Database, database
from recovery.verify import ranges
from rehearsal.bank.generator import generate
from rehearsal.bank.tables import create_databases
from tests.mutations import dynamodb_kinds, mysql_kinds, schemas
from tests.mutations.copies import Restores
from tests.mutations.score import Score, dynamodb_run, mysql_run

REGION = "ap-southeast-2"
INDEX = {
    "IndexName": "ByAgent",
    "KeySchema": [{"AttributeName": "agent", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}


def suite(runs: int, number: int) -> Score:
    """`runs` rounds of all kinds over the bank and over a table, and over as many generated schemas with some kinds each."""
    score = Score()
    with servers() as (origin, copy):
        for each in range(runs):
            random = Random(f"{number} {each}")
            fill_bank(origin, random.randrange(1_000_000))
            mysql_run(Restores(origin, copy), mysql_kinds.KINDS, random, score)

        @seed(number)
        @settings(
            max_examples=runs, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
        )
        @given(schemas.databases())
        def made(statements: schemas.Database) -> None:
            random = Random(repr(statements))
            fill(origin, statements)
            mysql_run(Restores(origin, copy), random.sample(mysql_kinds.KINDS, 12), random, score)

        made()
    with mock_aws():
        client = boto3.client("dynamodb", region_name=REGION)
        for each in range(runs):
            random = Random(f"{number} {each}")
            audit(client, f"audit-{each}", random)
            dynamodb_run(client, (f"audit-{each}", f"copy-{each}"), dynamodb_kinds.KINDS, random, score)
    return score


@contextmanager
def servers() -> Iterator[tuple[Database, Database]]:
    """Where data was, and where it is restored to."""
    first = ranges.FIRST_ROWS
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.callback(setattr, ranges, "FIRST_ROWS", first)
        for name in ("origin", "copy"):
            (directory / name).mkdir()
        yield stack.enter_context(database(directory / "origin")), stack.enter_context(database(directory / "copy"))


def fill(origin: Database, statements: schemas.Database) -> None:
    origin.empty()
    add(origin, statements)


def add(origin: Database, statements: schemas.Database) -> None:
    with origin.connect(autocommit=True, charset="utf8mb4") as connection, connection.cursor() as cursor:
        for statement, rows in statements:
            if rows:
                cursor.executemany(statement, rows)
            else:
                cursor.execute(statement)


def fill_bank(origin: Database, number: int) -> None:
    """A small branch of the bank, and what its tables lack."""
    origin.empty()
    branch = generate(number).branch(60, 0)
    clients = {row[0] for table, rows in branch.rows.items() if table.name == "clients" for row in rows}
    with origin.connect(charset="utf8mb4") as connection:
        create_databases(connection)
        with connection.cursor() as cursor:
            for table, rows in branch.rows.items():
                kept = [row for row in rows if table.name != "accounts" or row[1] in clients]
                cursor.executemany(table.insert, kept)
        connection.commit()
    add(origin, schemas.BESIDE_THE_BANK)


def audit(client: Any, table: str, random: Random) -> None:
    """Items of every type of attribute."""
    client.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "client", "KeyType": "HASH"}, {"AttributeName": "moment", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("client", "moment", "agent")],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[INDEX],
    )
    client.update_time_to_live(TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    for number in range(random.randrange(20, 40)):
        item = {
            "client": {"S": f"CLT-{random.randrange(9)}"},
            "moment": {"S": f"2026-11-02T00:00:{number:02d}Z"},
            "agent": {"S": str(random.randrange(5))},
            "expires": {"N": str(random.randrange(10**9))},
            "done": {"BOOL": random.random() < 0.5},
            "raw": {"B": random.randbytes(4)},
            "steps": {"L": [{"N": str(number)}, {"S": "a"}]},
            "tags": {"SS": ["a", "b", f"c{number}"]},
            "note": {"S": f"note {number} é"},
            "detail": {"M": {"n": {"N": str(number)}, "t": {"S": "é🪁"}}},
        }
        client.put_item(TableName=table, Item=item)
