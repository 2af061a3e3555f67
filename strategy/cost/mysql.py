"""A MySQL store: incremental snapshots, free up to the provisioned size where the instance is, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from strategy import Strategy
from strategy.cost.assumptions import DAYS, HOURS, Assumptions
from strategy.cost.lines import Line, Purpose, Writer
from strategy.cost.prices import Prices
from strategy.cost.retained_storage import GB, Held, Holder, Runs, changed_in_a_day, holders, incremental, runs
from strategy.model.stores import MySqlStore

_DAY = timedelta(days=1)
_STORED = "rds_backup_storage"


def lines(strategy: Strategy, store: MySqlStore, prices: Prices, assumed: Assumptions, today: date) -> Iterator[Line]:
    found = runs(strategy, today)
    here, there = (Writer(prices, region, store.name) for region in (strategy.regions.primary, strategy.regions.recovery))
    yield from _primary(store, found, here, assumed)
    yield from _copies(store, found, here, there, assumed)
    if store.replicated_backups:
        yield from _replicated(store, here, there, assumed)
    if store.read_replica:
        yield from _read_replica(store, here, there, assumed)


def _primary(store: MySqlStore, found: tuple[Runs, ...], write: Writer, assumed: Assumptions) -> Iterator[Line]:
    days = store.point_in_time / _DAY
    automated = Holder("automated backups", store.point_in_time)
    held = incremental(store, [*holders(found, "snapshots", lambda rule: rule.keep), automated], assumed)
    logs = changed_in_a_day(store, assumed) * assumed.log_factor * days
    held.append(Held("transaction logs", None, logs, f"{days:g} days x the log of a day's changes"))
    total, free = sum(each.gigabytes for each in held), store.allocated_storage_gb
    note = f"; of {total:.3g} GB in all, {free} GB are free with the instance"
    for each in held:
        purpose = Purpose.RECOVERY_POINTS if each.rule else Purpose.POINT_IN_TIME
        billed = each.gigabytes * _share_billed(total, free)
        yield write.line(purpose, each.what, billed, _STORED, each.how + note, rule=each.rule)


def _copies(store: MySqlStore, found: tuple[Runs, ...], here: Writer, there: Writer, assumed: Assumptions) -> Iterator[Line]:
    held = incremental(store, holders(found, "copied snapshots", lambda rule: rule.copy_keep), assumed)
    free = store.allocated_storage_gb if store.read_replica else 0
    share = _share_billed(sum(each.gigabytes for each in held), free)
    note = f"; {free} GB are free with the read replica" if free else "; no instance there, so nothing is free"
    for each in held:
        yield there.line(Purpose.COPIES, each.what, each.gigabytes * share, _STORED, each.how + note, rule=each.rule)
    moved = changed_in_a_day(store, assumed) * DAYS
    copies = sum(each.in_a_month for each in found)
    for run in found:
        if run.in_a_month:
            how = f"{moved:.3g} GB changed in a month, shared among {copies:.3g} copies; the first copy, once, is whole"
            part = moved * run.in_a_month / copies
            yield here.line(Purpose.COPIES, "transfer of copies", part, "transfer", how, rule=run.rule.name)


def _share_billed(total: float, free: float) -> float:
    return max(0.0, total - free) / total if total else 0.0


def _replicated(store: MySqlStore, here: Writer, there: Writer, assumed: Assumptions) -> Iterator[Line]:
    change = changed_in_a_day(store, assumed)
    days = store.replicated_backups_keep / _DAY
    stored = store.size / GB + days * change * (1 + assumed.log_factor)
    how = f"{store.size / GB:g} GB, a full snapshot of its own, + {days:g} days x {change:.3g} GB changed, and their logs"
    yield there.line(Purpose.MINUTES_AWAY, "replicated automated backups", stored, _STORED, how)
    moved = change * (1 + assumed.log_factor) * DAYS
    how = f"{change:.3g} GB changed in a day, as snapshots and as logs"
    yield here.line(Purpose.MINUTES_AWAY, "transfer of replicated backups", moved, "transfer", how)


def _read_replica(store: MySqlStore, here: Writer, there: Writer, assumed: Assumptions) -> Iterator[Line]:
    how = "one instance, all month, in one zone"
    yield there.line(Purpose.MINUTES_AWAY, f"read replica {store.instance_class}", HOURS, f"rds {store.instance_class}", how)
    yield there.line(
        Purpose.MINUTES_AWAY, "read replica's storage", store.allocated_storage_gb, "rds_storage", "as much as the instance has"
    )
    moved = changed_in_a_day(store, assumed) * assumed.log_factor * DAYS
    yield here.line(Purpose.MINUTES_AWAY, "transfer to the read replica", moved, "transfer", "the log of a month's changes")
