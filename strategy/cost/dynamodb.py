"""A DynamoDB table: every recovery point is a full copy, in every tier and region, and every transfer of one is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from strategy import Strategy
from strategy.cost.assumptions import Assumptions
from strategy.cost.lines import Line, Purpose, Writer
from strategy.cost.prices import Prices
from strategy.cost.retained_storage import GB, Runs, runs
from strategy.model.stores import DynamoDbStore

_MILLION = 10**6


def lines(strategy: Strategy, store: DynamoDbStore, prices: Prices, assumed: Assumptions, today: date) -> Iterator[Line]:
    here, there = (Writer(prices, region, store.name) for region in (strategy.regions.primary, strategy.regions.recovery))
    size = store.size / GB
    yield here.line(
        Purpose.POINT_IN_TIME, "point-in-time recovery", size, "dynamodb_pitr", f"{size:g} GB; the window makes no difference"
    )
    for run in runs(strategy, today):
        if run.in_a_month:
            yield from _kept(here, Purpose.RECOVERY_POINTS, "recovery points", _tiers(run, run.rule.keep), size)
            yield from _kept(there, Purpose.COPIES, "copied recovery points", _tiers(run, run.rule.copy_keep), size)
            how = f"{run.in_a_month:.3g} copies in a month x {size:g} GB, each whole"
            moved = run.in_a_month * size
            yield here.line(Purpose.COPIES, "transfer of copies", moved, "transfer", how, rule=run.rule.name)
    if store.replica:
        yield from _replica(store, here, there, assumed)


@dataclass(frozen=True, slots=True)
class _Tier:
    """Recovery points of a rule that are in one kind of storage at a time."""

    rule: str
    points: float
    price: str
    note: str


def _tiers(run: Runs, keep: timedelta) -> Iterator[_Tier]:
    warm = keep if run.rule.cold_after is None else min(keep, run.rule.cold_after)
    yield _Tier(run.rule.name, run.kept(warm), "dynamodb_backup", "")
    if keep > warm:
        yield _Tier(run.rule.name, run.kept(keep - warm), "dynamodb_cold_backup", ", cold")


def _kept(write: Writer, purpose: Purpose, what: str, tiers: Iterable[_Tier], size: float) -> Iterator[Line]:
    for tier in tiers:
        how = f"{tier.points:.3g} kept at a time x {size:g} GB, each a full copy"
        yield write.line(purpose, what + tier.note, tier.points * size, tier.price, how, rule=tier.rule)


def _replica(store: DynamoDbStore, here: Writer, there: Writer, assumed: Assumptions) -> Iterator[Line]:
    size, grown = store.size / GB, store.growth_per_month / GB
    yield there.line(Purpose.MINUTES_AWAY, "replica of the table", size, "dynamodb_storage", f"{size:g} GB")
    how = f"{size:g} GB: a replica has its own, or it could not go back once it serves"
    yield there.line(Purpose.MINUTES_AWAY, "replica's point-in-time recovery", size, "dynamodb_pitr", how)
    writes = store.growth_per_month / assumed.item_bytes / _MILLION
    how = f"{grown:g} GB of growth / {assumed.item_bytes} bytes, each written once"
    yield there.line(Purpose.MINUTES_AWAY, "replicated writes", writes, "dynamodb_replicated_write", how)
    yield here.line(Purpose.MINUTES_AWAY, "transfer to the replica", grown, "transfer", f"{grown:g} GB of growth in a month")
