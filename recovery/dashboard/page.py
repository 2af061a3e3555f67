"""The dashboard as one HTML page that needs nothing else: CloudWatch's own body, drawn here; the template holds the words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from recovery.dashboard.metric_data import Shown
from recovery.pages import chart as charts
from recovery.pages import environment as pages
from recovery.pages.formats import number
from recovery.pages.table import Table
from strategy import Strategy

_TEMPLATE = Path(__file__).parent / "templates" / "dashboard.html.j2"


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What was read of one region's dashboard; `stand_in` answered in AWS's place, where anything did."""

    strategy: Strategy
    region: str
    start: datetime
    now: datetime
    shown: tuple[Shown, ...]
    stand_in: str = ""

    @property
    def broken(self) -> tuple[str, ...]:
        found = [f"{each.name} is in alarm" for shown in self.shown for each in shown.alarms if each.state == "ALARM"]
        return (*found, *(f"{each.title}: broken" for each in self.shown if each.state == "broken" and each.kind == "metric"))

    @property
    def unknown(self) -> tuple[str, ...]:
        """What could not be read, and what has a promise and was not measured."""
        refused = [f"{each.title}: {each.because}" for each in self.shown if each.because]
        silent = [each.title for each in self.shown if each.promise is not None and not each.because and each.newest is None]
        return (*refused, *(f"{each}: not measured" for each in silent))

    @property
    def state(self) -> str:
        if self.broken:
            return "bad"
        return "open" if self.unknown else "good"

    @property
    def headline(self) -> str:
        match self.state:
            case "bad":
                return f"{len(self.broken)} not as promised"
            case "good":
                return "All that is promised here was measured, and is kept"
        return f"Nothing is found broken; not measured: {len(self.unknown)}"


def render(dashboard: Dashboard) -> str:
    return pages.render(
        _TEMPLATE,
        page=dashboard,
        chart=lambda shown: chart(shown, dashboard.start, dashboard.now),
        blocks=_blocks,
        size=charts,
        days=(dashboard.now - dashboard.start).days,
    )


def chart(shown: Shown, start: datetime, end: datetime) -> charts.Chart:
    promise = shown.promise
    return charts.chart(
        [(each.label, each.points) for each in shown.series],
        _words(shown),
        start=start,
        end=end,
        period=timedelta(seconds=int(shown.properties["period"])),
        limit=charts.Limit(promise.label, promise.value, promise.most) if promise else None,
    )


def _words(shown: Shown) -> str:
    said = []
    for each in shown.series:
        if each.points:
            values = [value for _, value in each.points]
            said.append(f"{each.label}: newest {number(values[-1])}, least {number(min(values))}, most {number(max(values))}")
        else:
            said.append(f"{each.label}: not measured")
    promised = [shown.promise.label] if shown.promise else []
    return f"{shown.title}. {'; '.join([*said, *promised])}"


def _blocks(markdown: str) -> list[tuple[str, str, Table | None]]:
    """Of a text widget: headings as (`h1` or `h2`, words, None), tables as (`table`, "", rows). The body writes nothing else."""
    found: list[tuple[str, str, Table | None]] = []
    lines = [line for line in markdown.splitlines() if line and not line.startswith("|---")]
    for tabular, block in groupby(lines, key=lambda line: line.startswith("|")):
        if tabular:
            headers, *rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in block]
            found.append(("table", "", Table(headers, tuple(rows))))
        else:
            found += [(f"h{len(line.split()[0])}", line.partition(" ")[2], None) for line in block]
    return found
