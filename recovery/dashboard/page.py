"""The dashboard as one HTML page that needs nothing else: CloudWatch's own body, drawn here; the template holds the words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recovery.dashboard import picture
from recovery.dashboard.metric_data import Shown
from strategy import Strategy

_TEMPLATES = Path(__file__).with_name("templates")


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
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = picture.number
    return environment.get_template("dashboard.html.j2").render(
        page=dashboard,
        chart=lambda shown: picture.chart(shown, dashboard.start, dashboard.now),
        blocks=_blocks,
        size=picture,
        days=(dashboard.now - dashboard.start).days,
    )


def _blocks(markdown: str) -> list[tuple[str, str, list[list[str]]]]:
    """Of a text widget: headings as (`h1` or `h2`, words, []), tables as (`table`, "", rows). The body writes nothing else."""
    found: list[tuple[str, str, list[list[str]]]] = []
    for line in filter(None, markdown.splitlines()):
        if line.startswith("#"):
            marks, _, words = line.partition(" ")
            found.append((f"h{len(marks)}", words, []))
        elif not line.startswith("|---"):
            cells = [each.strip() for each in line.strip("|").split("|")]
            if not found or found[-1][0] != "table":
                found.append(("table", "", []))
            found[-1][2].append(cells)
    return found
