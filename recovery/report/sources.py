"""Reading what a report stands on, of both regions; what one does not answer is said, and never taken for good."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from recovery.aws import Region
from recovery.evidence import records
from recovery.evidence.chain_check import Evidence, Verdict, check
from recovery.evidence.chain_link import NoLink, Signed
from recovery.evidence.chain_reader import read
from recovery.evidence.chain_seal import Place
from recovery.evidence.records import Record, Seal, State
from recovery.jobs import Job, jobs
from recovery.report.quarter import Quarter
from strategy import Strategy
from strategy.catalogue import names

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Alarm:
    """From ALARM to the next other state; `ended` None: it still is."""

    name: str
    region: str
    began: datetime
    ended: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """`missing` says in words what could not be read; `chains` has a verdict for each region whose evidence could be."""

    records: tuple[Record, ...]
    chains: Mapping[str, Verdict]
    jobs: tuple[Job, ...]
    alarms: tuple[Alarm, ...]
    missing: tuple[str, ...]
    stand_in: str = ""
    """Who answered in AWS's place: what was measured there is true of no AWS. Empty where AWS did."""


def gather(strategy: Strategy, regions: tuple[Region, Region], quarter: Quarter, now: datetime) -> Gathered:
    """Raises nothing that AWS answered."""
    missing: list[str] = []
    found: list[list[Record]] = []
    chains: dict[str, Verdict] = {}
    ran: list[Job] = []
    rang: list[Alarm] = []
    until = min(quarter.end, now)

    def told(what: str, region: Region, call: Callable[[], T]) -> T | None:
        try:
            return call()
        except ClientError as error:
            missing.append(f"{what} of {region.name}: {error.operation_name}: {error.response['Error']['Code']}")
        except BotoCoreError as error:
            missing.append(f"{what} of {region.name}: {error}")
        return None

    for here, other in (regions, regions[::-1]):
        evidence = told("evidence", here, lambda: _evidence(strategy, here, other))  # noqa: B023  called at once
        if evidence is None:
            continue
        chains[here.name] = check(evidence, now)
        found.append(_records(evidence, here.name))
        found.append(told("AWS's reports", here, lambda: _reports(strategy, here)) or [])  # noqa: B023
        ran += told("jobs", here, lambda: jobs(here.client("backup"), here.name, quarter.start, until)) or []  # noqa: B023
        rang += told("alarms", here, lambda: _alarms(strategy, here, quarter.start, until)) or []  # noqa: B023
    every = [each for each in records.together(*found) if each.at <= now]
    return Gathered(tuple(every), chains, tuple(ran), tuple(rang), tuple(missing), regions[0].stand_in)


def _evidence(strategy: Strategy, here: Region, other: Region) -> Evidence:
    place = Place(strategy.account, strategy.prefix, here.name, strategy.audit.evidence_keep)
    there = names.evidence_bucket(strategy.prefix, other.name, strategy.account)
    return read(here.client("s3"), here.client("kms"), place, other.client("s3"), there)


def _records(evidence: Evidence, region: str) -> list[Record]:
    """The first version of each: what came after it was written over it, which the chain's verdict tells."""
    seals: dict[str, tuple[Seal, ...]] = {}
    for each in evidence.links:
        try:
            link = Signed.parse(each.body).link
        except NoLink:
            continue
        seals[link.key] = (*seals.get(link.key, ()), Seal(region, link.number))
    oldest = {each.key: each for each in sorted(evidence.records.values(), key=lambda each: each.taken, reverse=True)}
    parsed = (records.parse(each.key, each.body, each.taken) for each in oldest.values())
    return [replace(each, seals=seals.get(each.key, ())) for each in parsed if each is not None]


def _reports(strategy: Strategy, region: Region) -> list[Record]:
    """AWS's own evaluations of the framework's controls: they are pointed to, and judged by who reads them."""
    bucket = names.evidence_bucket(strategy.prefix, region.name, strategy.account)
    pages = region.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{names.REPORTS}/")
    return [
        Record(each["Key"], each["LastModified"].astimezone(UTC), State.NOT_CHECKED, {})
        for page in pages
        for each in page.get("Contents", [])
        if "control_compliance" in each["Key"].lower()
    ]


def _alarms(strategy: Strategy, region: Region, since: datetime, until: datetime) -> list[Alarm]:
    """By CloudWatch's history, which it keeps for 30 days."""
    history = region.client("cloudwatch").get_paginator("describe_alarm_history")
    pages = history.paginate(HistoryItemType="StateUpdate", StartDate=since, EndDate=until, ScanBy="TimestampAscending")
    items = [each for page in pages for each in page["AlarmHistoryItems"] if each["AlarmName"].startswith(strategy.prefix)]
    ringing: dict[str, Alarm] = {}
    found = []
    for each in sorted(items, key=lambda item: item["Timestamp"]):
        name, moment, change = each["AlarmName"], each["Timestamp"].astimezone(UTC), _change(each)
        if change.get("stateValue") == "ALARM":
            ringing.setdefault(name, Alarm(name, region.name, moment, None, str(change.get("stateReason", ""))))
        elif name in ringing:
            found.append(replace(ringing.pop(name), ended=moment))
    return [*found, *ringing.values()]


def _change(item: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        found = json.loads(item.get("HistoryData", "{}")).get("newState", {})
    except (AttributeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
