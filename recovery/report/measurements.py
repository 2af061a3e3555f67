"""What was measured, by the records: how old the data was that came back, and how long it took. Asks nobody.

A number counts for a promise only where it measures the whole of it; what a record does not say is not measured.

    recoveries    RTO: from the incident to the record; RPO: what each store lost. Both of a region that was lost
    restores      RTO: from the start of the workflow to the store in use (not for a restore beside); RPO: of a recovery point,
                  its age at the start. A moment that a person chose measures nothing
    restore-tests RPO: the age of the recovery point that was restored, when its restore began
    drills, …     `rpo_seconds` and `rto_seconds` of a record with a store, by its route or scenario: to verified data
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from recovery.evidence.records import Record, State
from strategy.catalogue import names
from strategy.catalogue.routes import Mode, Route
from strategy.model.stores import Scenario

Objective = Literal["rpo", "rto"]
_TOLD: dict[Objective, str] = {
    "rpo": "age of the newest data that came back",
    "rto": "from the start of the restore to its data verified",
}


@dataclass(frozen=True, slots=True)
class Measurement:
    store: str
    scenario: Scenario
    objective: Objective
    value: timedelta
    what: str
    """From what to what."""
    record: Record


def measurements(records: Iterable[Record], recovery_region: str) -> list[Measurement]:
    """Of records that passed; a failed one measured a failure, and is shown as that."""
    return [found for each in records if each.state is State.PASSED for found in _of(each, recovery_region)]


def _of(record: Record, recovery_region: str) -> Iterator[Measurement]:
    match record.folder:
        case names.RECOVERIES:
            yield from _recovery(record)
        case names.RESTORES:
            yield from _restore(record)
        case names.RESTORE_TESTS:
            yield from _test(record, recovery_region)
        case _:
            yield from _told(record, recovery_region)


def _recovery(record: Record) -> Iterator[Measurement]:
    took = _duration(record.body.get("since_incident_seconds"))
    for each in _listed(record.body.get("stores")):
        store, lost = str(each.get("store", "")), _duration(each.get("lost_seconds"))
        if store and each.get("recovered") is not False:
            if took is not None:
                yield Measurement(store, Scenario.REGION_LOSS, "rto", took, "from the incident to the record", record)
            if lost is not None:
                yield Measurement(store, Scenario.REGION_LOSS, "rpo", lost, "from the moment of the data to the incident", record)


def _restore(record: Record) -> Iterator[Measurement]:
    route = route_of(record)
    started, finished = _moment_in_a_zone(record.body.get("started")), _moment_in_a_zone(record.body.get("finished"))
    store, data_of = record.text("store"), _moment_in_a_zone(record.body.get("data_of"))
    if route is None or started is None or not store:
        return
    scenario = Scenario.POINT_IN_TIME if route.to_a_moment else Scenario.RECOVERY_POINT
    if finished is not None and record.text("mode") != Mode.BESIDE:
        yield Measurement(store, scenario, "rto", finished - started, "from the start of the restore to the store in use", record)
    if data_of is not None and not route.to_a_moment and record.text("mode") != Mode.BESIDE:
        yield Measurement(
            store, scenario, "rpo", started - data_of, "age of the newest usable recovery point at the start", record
        )


def _test(record: Record, recovery_region: str) -> Iterator[Measurement]:
    """AWS restores what is newest in the vault: its age then is what would have been lost. Restoring alone is no RTO."""
    job = record.body.get("job")
    began = _moment_in_a_zone(job.get("started")) if isinstance(job, dict) else None
    store, data_of, scenario = (
        record.text("store"),
        _moment_in_a_zone(record.body.get("data_of")),
        _scenario(record, recovery_region),
    )
    if store and began is not None and data_of is not None and scenario is not None and began >= data_of:
        yield Measurement(store, scenario, "rpo", began - data_of, "age of the recovery point in a restore test", record)


def _told(record: Record, recovery_region: str) -> Iterator[Measurement]:
    store, scenario = record.text("store"), _scenario(record, recovery_region)
    if not store or scenario is None:
        return
    measured = record.body.get("measured")
    body = {**record.body, **(measured if isinstance(measured, dict) else {})}
    objectives: tuple[Objective, ...] = ("rpo", "rto")
    for objective in objectives:
        found = _duration(body.get(f"{objective}_seconds"))
        # One store back from its copy is not the region: how old it was counts, how long it took does not.
        if found is not None and not (objective == "rto" and scenario is Scenario.REGION_LOSS):
            kind = (record.text("kind") or record.folder).replace("-", " ")
            yield Measurement(store, scenario, objective, found, f"{kind}: {_TOLD[objective]}", record)


def route_of(record: Record) -> Route | None:
    found = record.text("route")
    return Route(found) if found in set(Route) else None


def _scenario(record: Record, recovery_region: str) -> Scenario | None:
    told = record.text("scenario")
    if told in set(Scenario):
        return Scenario(told)
    if record.text("region") == recovery_region:
        return Scenario.REGION_LOSS
    route = route_of(record)
    if route is None:
        return Scenario.RECOVERY_POINT if record.folder == names.RESTORE_TESTS else None
    return Scenario.POINT_IN_TIME if route.to_a_moment else Scenario.RECOVERY_POINT


def _listed(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _duration(value: Any) -> timedelta | None:
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    return timedelta(seconds=float(value)) if whole else None


def _moment_in_a_zone(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else None
