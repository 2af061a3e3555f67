"""Retention: backups outlive the wait for the next, cold storage and locks fit every rule, records live as long as they must."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from strategy.checks.guards.finding import Finding, error
from strategy.checks.schedule import effective, horizon, moment_text
from strategy.model.field_types import duration_text
from strategy.model.stores import DynamoDbStore, MySqlStore, StoreKind
from strategy.model.strategy import Strategy

_COLD_AT_LEAST = timedelta(days=90)
_POINT_IN_TIME_AT_MOST = timedelta(days=35)
_KEEP_AT_MOST = timedelta(days=36500)
_GRACE = (timedelta(days=3), timedelta(days=36500))
_HAVE_A_COLD_TIER = {StoreKind.DYNAMODB}
"""AWS Backup moves recovery points of these kinds to cold storage (DynamoDB with advanced features); RDS has no such tier."""


def retention(strategy: Strategy, today: date) -> Iterator[Finding]:
    """AWS's limits, and never a moment without a backup: each is kept until its successor is there."""
    for store in strategy.stores:
        windows = {"point_in_time": store.point_in_time}
        if isinstance(store, MySqlStore) and store.replicated_backups:
            windows["replicated_backups_keep"] = store.replicated_backups_keep
        for key, value in windows.items():
            if value > _POINT_IN_TIME_AT_MOST:
                yield error("retention", f"stores[{store.name}].{key}", f"found {duration_text(value)}; AWS allows 1d to 35d")
    for rule in strategy.rules:
        for key, value in (("keep", rule.keep), ("copy_keep", rule.copy_keep)):
            if value > _KEEP_AT_MOST:
                yield error("retention", f"rules[{rule.name}].{key}", f"found {duration_text(value)}; AWS allows 1d to 36500d")
    yield from _gaps(strategy, today)


def cold_storage(strategy: Strategy, _today: date) -> Iterator[Finding]:
    """What goes cold stays for 90 days at least, and not every kind of store can."""
    for rule in strategy.rules:
        if rule.cold_after is None:
            continue
        key = f"rules[{rule.name}].cold_after"
        least = rule.cold_after + _COLD_AT_LEAST
        if rule.keep < least:
            sums = f"{duration_text(rule.cold_after)} + AWS's 90d in the cold = {duration_text(least)}"
            means = "keep longer, or leave cold_after out"
            yield error("cold-storage", key, f"{sums}, but keep is {duration_text(rule.keep)}; {means}")
        for store in strategy.stores:
            if store.kind not in _HAVE_A_COLD_TIER:
                yield error("cold-storage", key, f"{store.name} is {store.kind}, which has no cold storage; leave cold_after out")


def vault_lock(strategy: Strategy, _today: date) -> Iterator[Finding]:
    """A lock makes jobs outside its bounds fail; a compliance lock is for ever, so it takes two switches."""
    lock = strategy.vault.lock
    if lock.min_keep is None or lock.max_keep is None:
        return
    if lock.min_keep > lock.max_keep:
        bounds = f"{duration_text(lock.min_keep)} is more than max_keep {duration_text(lock.max_keep)}"
        yield error("vault-lock", "vault.lock.min_keep", bounds)
    for rule in strategy.rules:
        for key, value in (("keep", rule.keep), ("copy_keep", rule.copy_keep)):
            if not lock.min_keep <= value <= lock.max_keep:
                yield error(
                    "vault-lock",
                    f"rules[{rule.name}].{key}",
                    f"found {duration_text(value)}, outside the vault lock's {duration_text(lock.min_keep)} to "
                    f"{duration_text(lock.max_keep)}: its jobs would fail; change the lock or the rule",
                )
    if lock.mode == "compliance":
        switches = {"production": strategy.production, "vault.lock.irreversible": lock.irreversible}
        off = [name for name, on in switches.items() if not on]
        if off:
            message = f"'compliance' can never be undone and needs {' and '.join(off)} = true as well; or choose 'governance'"
            yield error("vault-lock", "vault.lock.mode", message)
    if lock.grace is not None and not _GRACE[0] <= lock.grace <= _GRACE[1]:
        yield error("vault-lock", "vault.lock.grace", f"found {duration_text(lock.grace)}; AWS allows 3d to 36500d")


def records(strategy: Strategy, _today: date) -> Iterator[Finding]:
    """No TTL and no archive rule deletes what the law wants readable."""
    for store in strategy.stores:
        if not isinstance(store, DynamoDbStore):
            continue
        for key, value in (("time_to_live", store.time_to_live), ("archive_keep", store.archive_keep)):
            if value is not None and value < store.must_live:
                yield error(
                    "records",
                    f"stores[{store.name}].{key}",
                    f"found {duration_text(value)}, but its items must live {duration_text(store.must_live)}: "
                    f"{(store.must_live - value).days} days too short",
                )


def _gaps(strategy: Strategy, today: date) -> Iterator[Finding]:
    span = horizon(today)
    done = effective(strategy.rules, span.start, span.end)
    told: set[str] = set()
    kept_until = span.start
    for run, later in pairwise(done):
        # A longer-lived predecessor may bridge the gap, so what counts is the last of all that are still kept.
        kept_until = max(kept_until, run.at + min(run.rule.keep, run.rule.copy_keep))
        if kept_until < later.window.end and run.rule.name not in told:
            told.add(run.rule.name)
            yield error(
                "retention",
                f"rules[{run.rule.name}].keep",
                f"the backup of {moment_text(run.at)} is gone on {moment_text(kept_until)}, and the next may start as late as "
                f"{moment_text(later.window.end)}; keep it longer or back up more often",
            )
