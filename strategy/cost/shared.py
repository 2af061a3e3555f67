"""What is paid for proof and guard, whichever store it is about: restore tests, audit evaluations, keys, secrets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from strategy import Strategy
from strategy.checks.schedule import horizon
from strategy.cost.assumptions import DAYS, HOURS, Assumptions
from strategy.cost.lines import Line, Purpose, Writer
from strategy.cost.prices import Prices
from strategy.cost.retained_storage import GB, runs
from strategy.model.cron import runs as cron_runs
from strategy.model.stores import DynamoDbStore, MySqlStore

_HOUR = timedelta(hours=1)
_MONTHS = 12
POINT_CONTROLS = 3
"""Controls of `backup_stack/framework.py` that look at recovery points, in both regions."""


def store_controls(strategy: Strategy, region: str) -> int:
    """Its controls that look at stores: one in both regions, the rest where the plan is, and one more with a vault lock."""
    locked = strategy.vault.lock.mode != "off"
    return 1 if region != strategy.regions.primary else 5 + locked


def lines(strategy: Strategy, prices: Prices, assumed: Assumptions, today: date) -> Iterator[Line]:
    for region in (strategy.regions.primary, strategy.regions.recovery):
        yield from _tests(strategy, region, prices, today)
        yield from _audits(strategy, Writer(prices, region), assumed, today)
        yield from _guards(strategy, Writer(prices, region))


def _tests(strategy: Strategy, region: str, prices: Prices, today: date) -> Iterator[Line]:
    """The newest recovery point of each store, restored and kept for its verification."""
    span = horizon(today)
    testing = strategy.restore_testing
    times = sum(1 for _ in cron_runs(testing.schedule, span.start, span.end)) / _MONTHS
    hours = times * (testing.validation_window / _HOUR)
    often = f"{times * _MONTHS:g} tests in a year"
    for store in strategy.stores:
        write, size = Writer(prices, region, store.name), store.size / GB
        yield write.line(Purpose.PROOF, "restore tests", times, "restore_test", often)
        kept = f"{often} x {testing.validation_window / _HOUR:g} hours until it is deleted"
        if isinstance(store, MySqlStore):
            yield write.line(Purpose.PROOF, f"tested {store.instance_class}", hours, f"rds {store.instance_class}", kept)
            stored = store.allocated_storage_gb * hours / HOURS
            yield write.line(Purpose.PROOF, "tested instance's storage", stored, "rds_storage", kept)
        elif isinstance(store, DynamoDbStore):
            yield write.line(Purpose.PROOF, "tested data", times * size, "dynamodb_restore", f"{often} x {size:g} GB")
            yield write.line(Purpose.PROOF, "tested table", size * hours / HOURS, "dynamodb_storage", kept)


def _audits(strategy: Strategy, write: Writer, assumed: Assumptions, today: date) -> Iterator[Line]:
    points = sum(run.in_a_month for run in runs(strategy, today)) * len(strategy.stores)
    looked = points * assumed.evaluations_of_a_point
    daily = store_controls(strategy, write.region)
    evaluations = looked * POINT_CONTROLS + daily * len(strategy.stores) * DAYS
    how = (
        f"{points:.3g} recovery points in a month x {assumed.evaluations_of_a_point} looks x {POINT_CONTROLS} controls, "
        f"and {daily} controls x {len(strategy.stores)} stores, daily"
    )
    yield write.line(Purpose.PROOF, "audit evaluations", evaluations / 1000, "audit_evaluations", how)
    if strategy.audit.config_recorder == "managed":
        how = f"{points:.3g} recovery points, each recorded when it is made and when it expires"
        yield write.line(Purpose.PROOF, "configuration items", looked, "config_item", how)


def _guards(strategy: Strategy, write: Writer) -> Iterator[Line]:
    held = ["copy vault", "alerts", "evidence"]
    held += ["backup vault"] if strategy.vault.key == "customer-managed" else []
    held += ["replicated backups"] if strategy.replicates_backups else []
    yield write.line(Purpose.GUARD, "keys", len(held), "key", f"of {', '.join(held)}")
    made = [store for store in strategy.stores if isinstance(store, MySqlStore) and store.source == "managed"]
    secrets = sum(1 + len(strategy.services_of(store.name)) for store in made)
    if secrets:
        yield write.line(Purpose.GUARD, "secrets", secrets, "secret", "the master user's and each service's, in both regions")
