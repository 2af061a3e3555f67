"""Fills the page's template: the night, and each workflow, as a Gantt in virtual time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from recovery.pages import environment as pages
from recovery.pages.gantt import Gantt, Kind, Span, gantt
from rehearsal.real_vs_modelled import MODELLED, REAL
from rehearsal.result import Event, Result

_TEMPLATE = Path(__file__).with_name("page.html.j2")


def render(result: Result, path: Path) -> Path:
    """Write the report to `path` and return it."""
    html = pages.render(
        _TEMPLATE,
        result=result,
        workflows={each.name: workflow(each.timeline) for each in result.scenarios},
        nights={each.name: night(each.moments) for each in result.scenarios},
        span=span,
        real=REAL,
        modelled=MODELLED,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8")
    return path


def span(seconds: float) -> str:
    """Seconds as a person says them: `5 h 15 min`, `42 min`, `8.2 s`."""
    whole = timedelta(seconds=round(seconds))
    if whole < timedelta(minutes=1):
        return f"{seconds:.1f} s"
    hours, rest = divmod(int(whole.total_seconds()), 3600)
    minutes = rest // 60
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part)


def night(moments: Mapping[str, str]) -> Gantt | None:
    """From each moment of the night to the next, to scale; the last is the way back, what is before it was at risk."""
    times = [(f"{moment:%a %H:%M} {label}", moment) for label, moment in _read(moments)]
    if len(times) < 2:
        return None
    begin = times[0][1]
    spans = [
        Span(after, since - begin, at - begin, f"{span((at - since).total_seconds())} of work at risk", Kind.LOST)
        for (_, since), (after, at) in pairwise(times)
    ]
    *risky, last = spans
    recovering = Span(last.label, last.start, last.end, f"{span((last.end - last.start).total_seconds())} to recover")
    return gantt([*risky, recovering], ", ".join(label for label, _ in times))


def _read(moments: Mapping[str, str]) -> list[tuple[str, datetime]]:
    return [(label, datetime.fromisoformat(moment)) for label, moment in moments.items()]


def workflow(events: list[Event]) -> Gantt | None:
    """The tasks of a workflow on one virtual time axis, in the order they began."""
    if not events:
        return None
    begun = sorted(events, key=lambda each: each.started)
    times = [(each.state, datetime.fromisoformat(each.started), datetime.fromisoformat(each.ended)) for each in begun]
    begin = times[0][1]
    spans = [Span(name, start - begin, end - begin, span((end - start).total_seconds())) for name, start, end in times]
    return gantt(spans, ", ".join(f"{each.label} {each.text}" for each in spans))
