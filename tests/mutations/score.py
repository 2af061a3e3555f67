"""Counting: of every damage that the oracle confirms, was it caught; of every copy that the oracle calls equal, was it passed?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from typing import Any

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from aws_support.mariadb import Database
from recovery.verify import dynamodb, mysql, ranges
from recovery.verify.compare import compare
from recovery.verify.content import Content
from recovery.verify.mode import Mode
from recovery.verify.result import Verdict
from tests.mutations import oracle
from tests.mutations.copies import Restores
from tests.mutations.kind import Kind


@dataclass
class Score:
    """`runs` are confirmed damages by kind; `missed` and `alarms` say where to look."""

    runs: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    undamaged: int = 0
    restores: int = 0
    alarms: list[str] = field(default_factory=list)

    def damaged(self, kind: str, verdict: Verdict, where: str) -> None:
        self.runs[kind] += 1
        if verdict is not Verdict.FAILED:
            self.missed.append(f"{kind} ({where}): {verdict}")

    def equal(self, verdict: Verdict, where: str) -> None:
        self.undamaged += 1
        if verdict is not Verdict.PASSED:
            self.alarms.append(f"{where}: {verdict}")

    def figures(self) -> dict[str, int]:
        total = sum(self.runs.values())
        return {
            "mutations.kinds": len(self.runs),
            "mutations.runs": total,
            "mutations.caught": total - len(self.missed),
            "mutations.undamaged": self.undamaged,
            "mutations.restores": self.restores,
            "mutations.false_alarms": len(self.alarms),
        }


def mysql_run(restores: Restores, kinds: Sequence[Kind], random: Random, score: Score, *, undamaged: int = 3) -> None:
    """The origin is restored again for every kind of damage; each fresh copy is also verified undamaged, in several ways."""
    before = {mode: _content(restores.origin, random, None, mode) for mode in Mode}
    truth = _truth(restores.origin)
    for kind in kinds:
        mode, counted = random.choice(tuple(Mode)), restores.count
        restores.again()
        score.restores += restores.count - counted
        assert _truth(restores.copy) == truth, "the restore itself is not equal: nothing can be learned from it"
        for _ in range(undamaged):
            each = random.choice(tuple(Mode))
            score.equal(_mysql_verdict(before[each], restores.copy, random), f"an undamaged copy, {each}")
        if _damage(kind, restores.copy, random) and _truth(restores.copy) != truth:
            score.damaged(kind.name, _mysql_verdict(before[mode], restores.copy, random), str(mode))


def _damage(kind: Kind, copy: Database, random: Random) -> bool:
    with copy.connect(autocommit=True, charset="utf8mb4", binary_prefix=True) as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION sql_mode = '', foreign_key_checks = 0, check_constraint_checks = 0, unique_checks = 0")
        return kind.damage(cursor, random)


def _mysql_verdict(expected: Content, copy: Database, random: Random) -> Verdict:
    live = _content(copy, random, expected, expected.mode)
    return Verdict.over(level.verdict for level in compare(expected, live))


def _content(database: Database, random: Random, expected: Content | None, mode: Mode) -> Content:
    """With ranges of any size, over one or two connections, and with or without the short way."""
    ranges.FIRST_ROWS = random.choice((3, 17, 50_000))
    ways = [mysql.Like(expected.chunk_counts(), mode=mode), mysql.Like(expected=expected.parts, mode=mode)] if expected else []
    like = random.choice(ways) if ways else mysql.Like(mode=mode)
    with ExitStack() as stack:
        made = [stack.enter_context(_connect(database)) for _ in range(random.choice((1, 3)))]
        return mysql.measure(made[0], beside=made[1:], like=like).content


def _connect(database: Database) -> Connection[Cursor]:
    return database.connect(charset="utf8mb4", binary_prefix=True)


def _truth(database: Database) -> dict[str, Any]:
    with _connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION time_zone = '+00:00', sql_mode = ''")
        return oracle.of_mysql(cursor)


def dynamodb_run(client: Any, tables: tuple[str, str], kinds: Sequence[Kind], random: Random, score: Score) -> None:
    """`tables` are the origin, and the name of the copy."""
    origin, copy = tables
    _, expected = dynamodb.measure(client, origin)
    truth = oracle.of_dynamodb(client, origin)
    for kind in kinds:
        _copy_table(client, origin, copy, random)
        score.restores += 1
        assert oracle.of_dynamodb(client, copy) == truth, "the copy itself is not equal: nothing can be learned from it"
        score.equal(_dynamodb_verdict(client, expected, copy), "an undamaged table")
        if kind.damage((client, copy), random) and oracle.of_dynamodb(client, copy) != truth:
            score.damaged(kind.name, _dynamodb_verdict(client, expected, copy), copy)
        client.delete_table(TableName=copy)


def _dynamodb_verdict(client: Any, expected: Content, table: str) -> Verdict:
    segments = expected.chunk_counts()[dynamodb.ITEMS]
    return Verdict.over(level.verdict for level in compare(expected, dynamodb.measure(client, table, segments=segments)[1]))


def _copy_table(client: Any, origin: str, copy: str, random: Random) -> None:
    """Item by item, in another order, as a restore would."""
    described = client.describe_table(TableName=origin)["Table"]
    client.create_table(
        TableName=copy,
        KeySchema=described["KeySchema"],
        AttributeDefinitions=described["AttributeDefinitions"],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
            for index in described["GlobalSecondaryIndexes"]
        ],
    )
    kept = client.describe_time_to_live(TableName=origin)["TimeToLiveDescription"]
    if "AttributeName" in kept:
        client.update_time_to_live(
            TableName=copy, TimeToLiveSpecification={"Enabled": True, "AttributeName": kept["AttributeName"]}
        )
    items = client.scan(TableName=origin)["Items"]
    random.shuffle(items)
    for item in items:
        client.put_item(TableName=copy, Item=item)
