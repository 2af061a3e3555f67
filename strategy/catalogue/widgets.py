"""Widgets of a dashboard as CloudWatch takes them, placed from left to right on a grid of 24 columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from strategy.catalogue.metrics import Metric

COLUMNS = 24
QUARTER, HOUR, DAY = 900, 3600, 86400
"""Periods, in seconds."""
RED, BLUE, GREEN, GREY = "#d13212", "#1f77b4", "#2ca02c", "#7f7f7f"
ABOVE, BELOW = "above", "below"
"""On which side of its promise a number breaks it: CloudWatch shades that side."""
Promise = tuple[float, str, str]
"""Value, label, side."""


@dataclass(frozen=True, slots=True)
class Line:
    """A metric in a widget, under a label; `shown` false: only another line's expression reads it."""

    metric: Metric
    label: str
    colour: str = BLUE
    id: str = ""
    shown: bool = True

    def described(self) -> list[Any]:
        named = [each for pair in self.metric.dimensions for each in pair]
        more: dict[str, Any] = {"label": self.label, "color": self.colour}
        if self.id:
            more |= {"id": self.id, "visible": self.shown}
        return [self.metric.namespace, self.metric.name, *named, more]


class Grid:
    """`placed` are the widgets, in order."""

    def __init__(self, region: str) -> None:
        self._region = region
        self.placed: list[dict[str, Any]] = []
        self._x = self._y = self._height = 0

    def title(self, words: str) -> None:
        self.wrap()
        self.place(COLUMNS, 1, "text", {"markdown": f"## {words}"})

    def chart(
        self,
        title: str,
        lines: list[Line],
        *,
        width: int,
        promise: Promise | None = None,
        period: int = QUARTER,
    ) -> None:
        described = [each.described() for each in lines]
        self.metrics(title, described, width=width, period=period, stat="Maximum", promise=promise)

    def metrics(
        self,
        title: str,
        described: list[list[Any]],
        *,
        width: int,
        period: int,
        stat: str,
        promise: Promise | None = None,
        view: str = "timeSeries",
    ) -> None:
        properties: dict[str, Any] = {
            "title": title,
            "metrics": described,
            "region": self._region,
            "period": period,
            "stat": stat,
            "view": view,
        }
        if view == "timeSeries":
            properties["yAxis"] = {"left": {"min": 0, "showUnits": False}}
        if promise is not None:
            value, label, side = promise
            properties["annotations"] = {"horizontal": [{"label": label, "value": value, "color": RED, "fill": side}]}
        self.place(width, 6 if view == "timeSeries" else 3, "metric", properties)

    def place(self, width: int, height: int, kind: str, properties: dict[str, Any]) -> None:
        if self._x + width > COLUMNS:
            self.wrap()
        placed = {"type": kind, "x": self._x, "y": self._y, "width": width, "height": height, "properties": properties}
        self.placed.append(placed)
        self._x += width
        self._height = max(self._height, height)

    def wrap(self) -> None:
        self._x, self._y, self._height = 0, self._y + self._height, 0
