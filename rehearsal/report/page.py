"""Fills the page's template. The template holds words and shapes; the picture's coordinates are computed here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from jinja2 import Environment, PackageLoader, select_autoescape

from rehearsal.real_vs_modelled import MODELLED, REAL
from rehearsal.result import Event, Result

WIDTH = 1000
"""Width of the pictures in SVG user units."""


@dataclass(frozen=True)
class Bar:
    """One row of a picture: where it starts and how wide it is (0…WIDTH), and its words."""

    label: str
    start: float
    width: float
    text: str


def render(result: Result, path: Path) -> Path:
    """Write the report to `path` and return it."""
    environment = Environment(loader=PackageLoader("rehearsal.report", "."), autoescape=select_autoescape(default=True))
    environment.filters["span"] = span
    environment.filters["number"] = lambda value: f"{value:,}".replace(",", "\u202f")
    template = environment.get_template("page.html.j2")
    html = template.render(
        result=result,
        bars={each.name: workflow_bars(each.timeline) for each in result.scenarios},
        marks={each.name: night(each.moments) for each in result.scenarios},
        width=WIDTH,
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


@dataclass(frozen=True)
class Mark:
    """One moment of the night: where it stands on the line (0…WIDTH), and how long after the one before it."""

    label: str
    moment: str
    at: float
    since: str
    anchor: str


def night(moments: dict[str, str]) -> list[Mark]:
    """The night on one line, to scale, in virtual time."""
    times = [(label, datetime.fromisoformat(moment)) for label, moment in moments.items()]
    if not times:
        return []
    begin, total = times[0][1], max((times[-1][1] - times[0][1]).total_seconds(), 1.0)
    marks, before = [], begin
    for number, (label, moment) in enumerate(times):
        anchor = "start" if number == 0 else "end" if number == len(times) - 1 else "middle"
        since = span((moment - before).total_seconds()) if number else ""
        marks.append(Mark(label, f"{moment:%a %H:%M}", round((moment - begin).total_seconds() / total * WIDTH, 1), since, anchor))
        before = moment
    return marks


def workflow_bars(events: list[Event]) -> list[Bar]:
    """The tasks of a workflow on one virtual time axis, in the order they began."""
    if not events:
        return []
    begin = min(datetime.fromisoformat(event.started) for event in events)
    end = max(datetime.fromisoformat(event.ended) for event in events)
    total = max((end - begin).total_seconds(), 1.0)
    bars = []
    for event in sorted(events, key=lambda each: each.started):
        started, ended = datetime.fromisoformat(event.started), datetime.fromisoformat(event.ended)
        seconds = (ended - started).total_seconds()
        start = (started - begin).total_seconds() / total * WIDTH
        bars.append(Bar(event.state, round(start, 1), round(max(seconds / total * WIDTH, 2.0), 1), span(seconds)))
    return bars
