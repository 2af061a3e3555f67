"""The written strategy's own estimate, $1 to 2 a month for 5 GB of MySQL and 1 GB of DynamoDB: reproduced, then put right.

The estimate does not say its sums. These are the ones that give its figure: prices of us-east-1, one copy of each store kept in
each region, one transfer a month. Each step after it adds what that leaves out, as the difference of two whole bills.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from strategy import Strategy
from strategy.cost.lines import Line, Purpose
from strategy.cost.monthly import altered, monthly
from strategy.cost.prices import Prices
from strategy.model.stores import DynamoDbStore, MySqlStore

LOW, HIGH = 1.0, 2.0
"""US dollars a month, as the strategy says."""
MYSQL, DYNAMODB = 5, 1
"""GB, as the strategy says."""
_HOME = "us-east-1"


@dataclass(frozen=True, slots=True)
class Step:
    usd: float
    """What this adds; the first is the estimate itself."""
    what: str
    why: str


def steps(strategy: Strategy, prices: Prices, today: date) -> tuple[Step, ...]:
    """From the estimate to the bill of this strategy at the estimate's sizes; the sum of them all is that bill."""
    return tuple(_steps(strategy, prices, today))


def _steps(strategy: Strategy, prices: Prices, today: date) -> Iterator[Step]:
    kinds = {MySqlStore: MYSQL, DynamoDbStore: DYNAMODB}
    sizes = {store.name: kinds[type(store)] * 10**9 for store in strategy.stores}
    bill = monthly(altered(strategy, sizes=sizes), prices, today)
    primary, recovery = strategy.regions.primary, strategy.regions.recovery
    first = _one_of_each(prices, _HOME, _HOME)
    yield Step(
        first,
        "the strategy's estimate",
        f"one copy of {MYSQL} GB and of {DYNAMODB} GB in each region, one transfer, at the prices of {_HOME}",
    )
    local = _one_of_each(prices, primary, recovery)
    yield Step(local - first, "prices of these regions", f"{primary} and {recovery} cost more than {_HOME}, transfer most of all")
    free = MYSQL * prices.of("rds_backup_storage", primary).usd
    snapshots = bill.sum(lambda line: _is(line, strategy, MySqlStore, Purpose.RECOVERY_POINTS)) - free
    yield Step(
        snapshots,
        "MySQL in the primary region",
        "snapshots and automated backups are free up to the provisioned size of the instance: the estimate is too high here",
    )
    full = bill.sum(lambda line: _is(line, strategy, DynamoDbStore, Purpose.RECOVERY_POINTS))
    full -= DYNAMODB * prices.of("dynamodb_backup", primary).usd
    yield Step(full, "DynamoDB in the primary region", "every recovery point is a full copy: they are all paid for, not one")
    copies = bill.of(Purpose.COPIES)
    copies -= MYSQL * prices.of("rds_backup_storage", recovery).usd + DYNAMODB * prices.of("dynamodb_backup", recovery).usd
    copies -= (MYSQL + DYNAMODB) * prices.of("transfer", primary).usd
    yield Step(
        copies,
        "the copies",
        "every copy of DynamoDB is stored and moved whole; MySQL's are incremental, but nothing is free where no instance runs",
    )
    for purpose, why in (
        (Purpose.POINT_IN_TIME, "DynamoDB's point-in-time recovery is paid by the size of the table, whatever its window"),
        (Purpose.MINUTES_AWAY, "replicas and replicated backups are not in the estimate"),
        (Purpose.PROOF, "restores are tested, and controls evaluated: the estimate counts storage only"),
        (Purpose.GUARD, "keys and secrets cost the same however small the data is"),
        (Purpose.WATCHING, "it watches nothing: alarms and metrics cost the same however small the data is"),
        (Purpose.STANDBY, "a load balancer stands ahead in the recovery region, for the failover record to point at"),
    ):
        yield Step(bill.of(purpose), str(purpose), why)


def _one_of_each(prices: Prices, here: str, there: str) -> float:
    kept = sum(
        MYSQL * prices.of("rds_backup_storage", region).usd + DYNAMODB * prices.of("dynamodb_backup", region).usd
        for region in (here, there)
    )
    return kept + (MYSQL + DYNAMODB) * prices.of("transfer", here).usd


def _is(line: Line, strategy: Strategy, kind: type, purpose: Purpose) -> bool:
    return line.purpose is purpose and line.store is not None and isinstance(strategy.store(line.store), kind)


def sum_of(found: tuple[Step, ...]) -> float:
    return sum(each.usd for each in found)
