"""A recovery of the region as a Gantt, from the incident to its record, beside the RTO that is promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from recovery.evidence.records import Record
from recovery.pages.formats import span
from recovery.pages.gantt import Gantt, Span, gantt
from recovery.report.report import steps
from strategy.catalogue.region_steps import RegionStep

_BESIDE = frozenset({RegionStep.STORES, RegionStep.WORKLOAD, RegionStep.BUCKETS})
"""Steps that begin together."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """`gantt`'s limit is the promise."""

    record: Record
    gantt: Gantt
    promised: str
    took: str


def timeline(record: Record, promised: timedelta) -> Timeline | None:
    """None for a record that does not say its steps."""
    found = [(step, timedelta(seconds=end)) for step, end in steps(record)]
    if not found:
        return None
    since = record.body.get("since_incident_seconds")
    took = max(found[-1][1], timedelta(seconds=since if isinstance(since, int) else 0))
    starts = [_together(found) if step in _BESIDE else before for (step, _), before in zip(found, _ends(found), strict=True)]
    spans = [Span(step, start, end, span(end)) for (step, end), start in zip(found, starts, strict=True)]
    words = ", ".join(f"{each.label} {each.text} after the incident" for each in spans)
    drawn = gantt(spans, f"{words}; {span(promised)} are promised", limit=promised, scale=took)
    return Timeline(record, drawn, span(promised), span(took))


def _ends(found: list[tuple[str, timedelta]]) -> list[timedelta]:
    """Of the step before each."""
    return [timedelta(), *(end for _, end in found[:-1])]


def _together(found: list[tuple[str, timedelta]]) -> timedelta:
    """When the steps that run beside one another began: at the end of the last one before them all."""
    first = next(place for place, (each, _) in enumerate(found) if each in _BESIDE)
    return found[first - 1][1] if first else timedelta()
