"""What a dashboard's widgets show, read as CloudWatch itself reads it: GetMetricData for metrics, DescribeAlarms for alarms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from recovery.aws import Region
from strategy.catalogue.dashboard import ABOVE


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a widget, oldest first; no point: nothing was measured."""

    label: str
    points: tuple[tuple[datetime, float], ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """The line in a chart; `most`: what is above it breaks it, else what is below."""

    value: float
    label: str
    most: bool

    def breaks(self, value: float) -> bool:
        return value > self.value if self.most else value < self.value


@dataclass(frozen=True, slots=True)
class AlarmState:
    name: str
    state: str
    """AWS's own word, or `not deployed`."""
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A widget of the body and what is in it; `because` says why it could not be read."""

    kind: str
    properties: Mapping[str, Any]
    width: int
    series: tuple[Series, ...] = ()
    alarms: tuple[AlarmState, ...] = ()
    because: str = ""

    @property
    def title(self) -> str:
        return str(self.properties.get("title", ""))

    @property
    def promise(self) -> Promise | None:
        for each in self.properties.get("annotations", {}).get("horizontal", ()):
            return Promise(float(each["value"]), str(each["label"]), str(each["fill"]) == ABOVE)
        return None

    @property
    def newest(self) -> float | None:
        """Of its first line; None where nothing was measured in all of the time."""
        return self.series[0].points[-1][1] if self.series and self.series[0].points else None

    @property
    def state(self) -> str:
        """How the newest number stands beside its promise."""
        if self.newest is None:
            return "not measured"
        if self.promise is None:
            return ""
        return "broken" if self.promise.breaks(self.newest) else "kept"

    @property
    def was_broken(self) -> bool:
        """Whether it is kept now, and was not all the time."""
        promise = self.promise
        return promise is not None and self.state == "kept" and any(promise.breaks(value) for _, value in self.series[0].points)


def read(body: Mapping[str, Any], region: Region, start: datetime, end: datetime) -> list[Shown]:
    """Every widget, in the body's order. What AWS does not answer is said in its place."""
    return [_shown(widget, region, start, end) for widget in body["widgets"]]


def _shown(widget: Mapping[str, Any], region: Region, start: datetime, end: datetime) -> Shown:
    kind, properties, width = str(widget["type"]), widget["properties"], int(widget["width"])
    client = region.client("cloudwatch")
    try:
        match kind:
            case "metric":
                return Shown(kind, properties, width, series=tuple(_series(properties, client, start, end)))
            case "alarm":
                return Shown(kind, properties, width, alarms=tuple(_alarms(properties["alarms"], client)))
    except (ClientError, BotoCoreError) as error:
        return Shown(kind, properties, width, because=str(error))
    return Shown(kind, properties, width)


def _series(properties: Mapping[str, Any], client: Any, start: datetime, end: datetime) -> Iterator[Series]:
    queries, labels = _queries(properties)
    found: dict[str, dict[datetime, float]] = {each: {} for each in labels}
    pages = client.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=start, EndTime=end, ScanBy="TimestampAscending"
    )
    for page in pages:
        for each in page["MetricDataResults"]:
            moments = (moment.astimezone(UTC) for moment in each["Timestamps"])
            found[each["Id"]] |= dict(zip(moments, each["Values"], strict=True))
    for query, label in labels.items():
        yield Series(label, tuple(sorted(found[query].items())))


def _queries(properties: Mapping[str, Any]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """GetMetricData's queries for a widget's metrics, and the labels of those that are shown."""
    queries, labels = [], {}
    for place, each in enumerate(properties["metrics"]):
        more = each[-1] if isinstance(each[-1], dict) else {}
        parts = [part for part in each if isinstance(part, str)]
        query: dict[str, Any] = {"Id": str(more.get("id", f"q{place}")), "ReturnData": bool(more.get("visible", True))}
        if "expression" in more:
            query["Expression"] = more["expression"]
        else:
            dimensions = [{"Name": name, "Value": value} for name, value in zip(parts[2::2], parts[3::2], strict=True)]
            query["MetricStat"] = {
                "Metric": {"Namespace": parts[0], "MetricName": parts[1], "Dimensions": dimensions},
                "Period": int(properties["period"]),
                "Stat": properties["stat"],
            }
        queries.append(query)
        if query["ReturnData"]:
            labels[query["Id"]] = str(more.get("label", query["Id"]))
    return queries, labels


def _alarms(arns: list[str], client: Any) -> Iterator[AlarmState]:
    names = [each.rsplit(":alarm:", 1)[-1] for each in arns]
    pages = client.get_paginator("describe_alarms").paginate(AlarmNames=names, AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    found = {
        each["AlarmName"]: each for page in pages for each in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ()))
    }
    for name in names:
        each = found.get(name)
        if each is None:
            yield AlarmState(name, "not deployed", None)
        else:
            yield AlarmState(name, str(each["StateValue"]), each["StateUpdatedTimestamp"].astimezone(UTC))
