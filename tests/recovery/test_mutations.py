# ruff: noqa: S311 - a seed must give the same damage again
"""Every kind of damage once, on real restores of the bank, and of generated schemas: caught; no alarm over what is undamaged.

`make bench ONLY=mutations` does the same with many seeds.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from aws_support.mariadb import Database, database
from recovery.verify import ranges
from tests.mutations import dynamodb_kinds, mysql_kinds, schemas
from tests.mutations.copies import Restores
from tests.mutations.everything import audit, fill, fill_bank
from tests.mutations.score import Score, dynamodb_run, mysql_run


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with database(tmp_path_factory.mktemp("restored")) as running:
        yield running


@pytest.fixture
def origin(server: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(ranges, "FIRST_ROWS", ranges.FIRST_ROWS)  # the suite chooses sizes; they are put back
    return server


def test_there_are_at_least_forty_kinds_of_damage_and_each_says_what_it_is() -> None:
    kinds = (*mysql_kinds.KINDS, *dynamodb_kinds.KINDS)
    assert len({kind.name for kind in kinds}) == len(kinds) >= 40
    assert all(kind.what and kind.store in {"mysql", "dynamodb"} for kind in kinds)


@pytest.mark.proves("verification.damage")
def test_every_damage_to_the_bank_is_caught_and_no_undamaged_copy_is_called_damaged(origin: Database, copy: Database) -> None:
    score = Score()
    fill_bank(origin, 1)
    mysql_run(Restores(origin, copy), mysql_kinds.KINDS, Random("bank"), score, undamaged=1)
    assert score.missed == score.alarms == []
    assert set(score.runs) == {kind.name for kind in mysql_kinds.KINDS}
    assert score.undamaged == score.restores == len(mysql_kinds.KINDS)


@pytest.mark.proves("verification.damage")
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(schemas.databases())
def test_damage_to_any_schema_is_caught(origin: Database, copy: Database, statements: schemas.Database) -> None:
    score, random = Score(), Random(repr(statements))
    fill(origin, statements)
    mysql_run(Restores(origin, copy), random.sample(mysql_kinds.KINDS, 8), random, score, undamaged=1)
    assert score.missed == score.alarms == []


@pytest.mark.proves("verification.damage")
def test_every_damage_to_a_table_is_caught(aws: Any) -> None:
    score, client = Score(), aws.client("dynamodb")
    audit(client, "mutations", Random(1))
    dynamodb_run(client, ("mutations", "mutated"), dynamodb_kinds.KINDS, Random(1), score)
    client.delete_table(TableName="mutations")
    assert score.missed == score.alarms == []
    assert set(score.runs) == {kind.name for kind in dynamodb_kinds.KINDS}


@pytest.mark.proves("verification.damage")
def test_a_prover_that_sees_nothing_is_told_so(origin: Database, copy: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite itself can fail: a verifier that calls everything equal misses every damage."""
    score = Score()
    fill(origin, schemas.BESIDE_THE_BANK)
    monkeypatch.setattr("tests.mutations.score.compare", lambda expected, _live: _equal(expected))
    mysql_run(Restores(origin, copy), [kind for kind in mysql_kinds.KINDS if kind.name == "row lost"], Random(1), score)
    assert (score.figures()["mutations.caught"], len(score.missed)) == (0, 1)


def _equal(expected: Any) -> Any:
    from recovery.verify.compare import compare

    return compare(expected, expected)
