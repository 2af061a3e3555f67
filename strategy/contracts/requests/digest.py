"""What the daily digest of a region reads."""

from __future__ import annotations

from collections.abc import Iterator

from strategy.catalogue import metrics, names
from strategy.catalogue.alarm_table import BILL_PERCENT, ages
from strategy.catalogue.metrics import Metric
from strategy.contracts.digest import COST, FRESHNESS, LATENESS, STORAGE, DigestNumber, DigestRequest
from strategy.contracts.requests.drills import proofs_for
from strategy.model.strategy import Strategy

FORMAT = 1


def request_for(strategy: Strategy, region: str) -> DigestRequest:
    return DigestRequest(
        format=FORMAT,
        environment=strategy.environment,
        prefix=strategy.prefix,
        region=region,
        role="primary" if region == strategy.regions.primary else "recovery",
        evidence=names.evidence_bucket(strategy.prefix, region, strategy.account),
        proofs=proofs_for(strategy, region),
        numbers=tuple(_numbers(strategy, region)),
    )


def _numbers(strategy: Strategy, region: str) -> Iterator[DigestNumber]:
    """Each number of the monitor's, with what it may be at most; `unit` is `minutes` or `percent`."""
    primary, prefix = region == strategy.regions.primary, strategy.prefix
    for store in strategy.stores:
        for kind, limit in ages(strategy, store, primary=primary):
            read = metrics.monitor(prefix, metrics.AGE, region, Store=store.name, Kind=kind)
            yield _number(FRESHNESS, f"{store.name}, {kind.replace('-', ' ')}", read, limit.total_seconds() / 60, "minutes")
    for store in strategy.stores:
        read = metrics.monitor(prefix, metrics.LATE if primary else metrics.COPY_LATE, region, Store=store.name)
        what = f"{store.name}, {'backup' if primary else 'copy'} late by"
        yield _number(LATENESS, what, read, strategy.alerts.late_after.total_seconds() / 60, "minutes")
    vault = names.backup_vault(prefix) if primary else names.copy_vault(prefix)
    read = metrics.monitor(prefix, metrics.VAULT_PERCENT, region, Vault=vault)
    yield _number(
        STORAGE,
        f"{vault.removeprefix(f'{prefix}-')}, of what is expected",
        read,
        strategy.alerts.storage_above_percent,
        "percent",
    )
    read = metrics.monitor(prefix, metrics.BILL_PERCENT, region)
    yield _number(COST, "the last reviewed bill, of the computed cost", read, BILL_PERCENT, "percent")


def _number(part: str, what: str, read: Metric, limit: float, unit: str) -> DigestNumber:
    return DigestNumber(
        part=part,
        what=what,
        namespace=read.namespace,
        name=read.name,
        dimensions=tuple((name, value) for name, value in read.dimensions),
        limit=float(limit),
        unit=unit,
    )
