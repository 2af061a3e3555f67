"""Reading what a digest says, from one region. What AWS does not answer is said, and takes nothing else with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from recovery.calendar.due_dates import standings
from recovery.digest.digest import Digest, Number, Ringing
from recovery.drills.proof import proofs
from recovery.evidence import records
from recovery.findings.finding import FOLDERS, findings
from recovery.jobs import KINDS, jobs, sums
from strategy.catalogue import alarm_text, names
from strategy.catalogue.calendar import RECORDED_IN
from strategy.contracts.digest import DigestNumber, DigestRequest

T = TypeVar("T")
Client = Callable[[str], Any]
"""A client of this region by the service's name."""
_DAY = timedelta(days=1)
_PERIOD, _LATELY = 900, timedelta(hours=1)
"""The monitor looks each quarter of an hour: a number older than an hour says nothing of now."""


def gather(asked: DigestRequest, client: Client, now: datetime) -> Digest:
    missing: list[str] = []

    def read(what: str, call: Callable[[], T]) -> T | None:
        try:
            return call()
        except (ClientError, BotoCoreError) as error:
            missing.append(f"{what}: {error}")
            return None

    region, s3 = asked.region, client("s3")
    values = read("the monitor's numbers", lambda: _values(asked.numbers, client("cloudwatch"), now))
    found = read("jobs", lambda: jobs(client("backup"), region, now - _DAY, now))
    proved = read("drills and checks", lambda: proofs(asked.proofs, s3, now=now))
    folders = sorted({*FOLDERS, *RECORDED_IN})
    kept = read("findings and calendar", lambda: records.read(s3, asked.evidence, folders))
    known = None if kept is None else [each for each in kept if each.at <= now]
    alarms = read("alarms", lambda: _alarms(asked.prefix, client("cloudwatch")))
    newest = None if found is None else [max(mine, key=lambda each: each.created) for mine in _by_kind(found)]
    return Digest(
        environment=asked.environment,
        prefix=asked.prefix,
        region=region,
        role=asked.role,
        now=now,
        numbers=tuple(
            Number(each.part, each.what, (values or {}).get(place), each.limit, each.unit)
            for place, each in enumerate(asked.numbers)
        ),
        sums=None if found is None else tuple(sums(found)),
        last=None if newest is None else tuple(newest),
        badly=None if found is None else tuple(each for each in found if each.badly),
        proofs=None if proved is None else tuple(proved),
        findings=None if known is None else tuple(each for each in findings(known) if each.open),
        overdue=None if known is None else tuple(each for each in standings(known, now) if each.overdue),
        alarms=None if alarms is None else alarms[0],
        silent=None if alarms is None else alarms[1],
        missing=tuple(missing),
    )


def _values(numbers: Sequence[DigestNumber], cloudwatch: Any, now: datetime) -> dict[int, float]:
    """The newest of each by its place in `numbers`; none where the monitor was silent."""
    queries = [
        {
            "Id": f"n{place}",
            "MetricStat": {
                "Metric": {
                    "Namespace": each.namespace,
                    "MetricName": each.name,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in each.dimensions],
                },
                "Period": _PERIOD,
                "Stat": "Maximum",
            },
        }
        for place, each in enumerate(numbers)
    ]
    found: dict[int, float] = {}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=now - _LATELY, EndTime=now, ScanBy="TimestampDescending"
    )
    for page in pages:
        for each in page["MetricDataResults"]:
            if each["Values"]:
                found.setdefault(int(each["Id"][1:]), float(each["Values"][0]))
    return found


def _by_kind(found: list[Any]) -> list[list[Any]]:
    return [mine for kind in KINDS if (mine := [each for each in found if each.kind == kind])]


def _alarms(prefix: str, cloudwatch: Any) -> tuple[tuple[Ringing, ...], tuple[str, ...]]:
    """Those in ALARM, the longest first, and the names of those without data. The switch's is Route 53's, and no news."""
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=f"{prefix}-", AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    every = [
        each
        for page in pages
        for each in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ()))
        if each["AlarmName"] != names.switch_alarm(prefix)
    ]
    ringing = [
        Ringing(each["AlarmName"], each["StateUpdatedTimestamp"].astimezone(UTC), _what(each))
        for each in every
        if each["StateValue"] == "ALARM"
    ]
    silent = sorted(each["AlarmName"] for each in every if each["StateValue"] == "INSUFFICIENT_DATA")
    return tuple(sorted(ringing, key=lambda each: (each.since, each.name))), tuple(silent)


def _what(alarm: Mapping[str, Any]) -> str:
    description = str(alarm.get("AlarmDescription", ""))
    words = alarm_text.read(description)
    return words.what if words else description or str(alarm.get("StateReason", "it does not say"))
