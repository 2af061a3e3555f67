"""What the stores in use hold, in whichever region they are, against what the bank was told that they have."""

from __future__ import annotations

from datetime import datetime

from rehearsal.bank import judge_items, judge_rows
from rehearsal.bank.judge import Counts
from rehearsal.scenarios.base import World

KINDS = ("mysql", "dynamodb")


def names(world: World, region: str) -> dict[str, str]:
    return {kind: world.stores.used(kind, region) for kind in KINDS}


def used(world: World, region: str) -> dict[str, str]:
    return {kind: world.stores.arn(kind, region, name) for kind, name in names(world, region).items()}


def came_back(
    world: World, region: str, names: dict[str, str], *, of: dict[str, str], moment: datetime
) -> tuple[dict[str, Counts], Counts]:
    """What came back, against all that the bank was told that the old stores had."""
    here = {kind: world.stores.arn(kind, region, name) for kind, name in names.items()}
    for kind, arn in here.items():
        world.ledger.restored(arn, of=of[kind], moment=moment)
    with world.stores.mysql(region, names["mysql"]) as connection:
        tables = judge_rows(connection, world.ledger, here["mysql"], before=of["mysql"])
    items = judge_items(world.stores.dynamodb(region), names["dynamodb"], world.ledger, here["dynamodb"], before=of["dynamodb"])
    return tables, items


def judged(world: World, region: str) -> tuple[dict[str, Counts], Counts]:
    """What is in use now, against the ledger."""
    in_use, here = names(world, region), used(world, region)
    with world.stores.mysql(region, in_use["mysql"]) as connection:
        tables = judge_rows(connection, world.ledger, here["mysql"], before=here["mysql"])
    items = judge_items(
        world.stores.dynamodb(region), in_use["dynamodb"], world.ledger, here["dynamodb"], before=here["dynamodb"]
    )
    return tables, items


def written(world: World, used: dict[str, str]) -> int:
    """Versions that these stores took themselves."""
    accounts = [(account, used["mysql"]) for account in world.ledger.rows.values()] + [(world.ledger.items, used["dynamodb"])]
    return sum(entry.store == store for account, store in accounts for each in account.versions.values() for entry in each)
