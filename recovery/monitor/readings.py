"""All readings of a region, each on its own, and what they come to as lines of the log.

One that fails leaves the others, emits nothing of its own, and is counted as not checked: never as 0.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from recovery import metric
from recovery.monitor import drift, freshness, lateness, proofs, vaults
from recovery.monitor.snapshot import Client, Look, Number, Reading
from strategy.catalogue import metrics, names
from strategy.contracts.monitor import MonitorRequest

EVERYWHERE: tuple[Reading, ...] = (
    freshness.ages,
    vaults.fullness,
    vaults.expired,
    vaults.messages,
    drift.vaults,
    drift.region,
    proofs.proved,
    proofs.tests,
    proofs.duties,
    proofs.bill,
)
IN_PRIMARY: tuple[Reading, ...] = (lateness.backups, vaults.changes, vaults.gone, drift.stores, drift.plan)
IN_RECOVERY: tuple[Reading, ...] = (lateness.copies, proofs.preflight)


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look found. `not_checked`: the readings that could not be made, and why."""

    region: str
    now: datetime
    numbers: tuple[Number, ...]
    not_checked: Mapping[str, str]


def run(wanted: MonitorRequest, client: Client, now: datetime) -> Looked:
    """Raises nothing that a reading met."""
    look = Look(wanted, client, now)
    readings = (*EVERYWHERE, *(IN_PRIMARY if wanted.primary else IN_RECOVERY))
    numbers: list[Number] = []
    failed: dict[str, str] = {}
    for reading in readings:
        try:
            numbers += list(reading(look))
        except Exception as error:  # noqa: BLE001  whatever it was, the other readings are made, and an alarm says so
            failed[f"{reading.__module__.rpartition('.')[2]}.{reading.__name__}"] = f"{type(error).__name__}: {error}"
    return Looked(wanted.region, now, tuple(numbers), failed)


def lines(looked: Looked, prefix: str) -> Iterator[str]:
    """Of the log: what is off, in words, then every number in the embedded metric format, the beat last."""
    for name, why in looked.not_checked.items():
        yield f"not checked: {name}: {why}"
    by_dimensions: dict[tuple[tuple[str, str], ...], dict[str, float]] = defaultdict(dict)
    for each in looked.numbers:
        if each.because and each.value:
            yield f"{each.name} {each.value:g} {dict(each.dimensions)}: {each.because}"
        by_dimensions[each.dimensions][each.name] = each.value
    by_dimensions[()] |= {metrics.NOT_CHECKED: len(looked.not_checked), metrics.BEAT: 1}
    for dimensions, values in by_dimensions.items():
        units = {name: metrics.measure(name).unit for name in values}
        named = {"Region": looked.region, **dict(dimensions)}
        yield json.dumps(metric.document(names.monitor_namespace(prefix), named, values, looked.now, units))
