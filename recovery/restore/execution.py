"""Following one attempt to its end: asks AWS at measured intervals, reads each event once, and outlasts a lost network."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from recovery.aws import AwsTrouble, Region, must
from recovery.restore.progress import Progress
from recovery.restore.region_plan import AnyPlan
from strategy.catalogue import names

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

RUNNING = "RUNNING"
_FIRST_PAUSE, _LONGEST_PAUSE, _SLOWER = 0.5, 5.0, 1.25
"""Seconds between two looks: a short rehearsal is not slowed down, a night of hours asks seldom."""
_LONGEST = 3 * 24 * 3600.0
"""Seconds: a day more than the workflow's own limit."""
_LOST_LOOKS = 20
"""Looks in a row that may fail: about as many minutes as a network needs to come back."""


@dataclass(frozen=True, slots=True)
class Look:
    """An attempt at one moment."""

    execution: str
    status: str
    progress: Progress
    record: dict[str, Any]
    """What the workflow wrote at its end; empty while it runs, and when it was ended from outside."""
    trouble: str = ""
    """Why this look shows nothing new; the next may."""

    @property
    def over(self) -> bool:
        return self.status != RUNNING


def looks(region: Region, plan: AnyPlan, arn: str, *, sleep: Callable[[float], None] = time.sleep) -> Iterator[Look]:
    """What each look finds; the last one is of the end. Raises AwsTrouble when AWS stays silent, or for ever."""
    history = _History(region, arn)
    progress, pause, waited, lost, status = Progress(plan), _FIRST_PAUSE, 0.0, 0, RUNNING
    while True:
        try:
            answer = must(region.name, lambda: region.client("stepfunctions").describe_execution(executionArn=arn))
            progress.add(must(region.name, history.new))
            status, lost = str(answer["status"]), 0
            yield Look(arn, status, progress, _record(region, plan, answer) if status != RUNNING else {})
        except AwsTrouble as trouble:
            lost += 1
            if lost > _LOST_LOOKS or " was refused " in str(trouble):
                raise
            yield Look(arn, RUNNING, progress, {}, str(trouble))
            status = RUNNING
        if status != RUNNING:
            return
        if waited > _LONGEST:
            raise AwsTrouble(f"{arn} still runs after {_LONGEST / 3600:.0f} hours: look at it in Step Functions")
        sleep(pause)
        waited, pause = waited + pause, min(pause * _SLOWER, _LONGEST_PAUSE)


class _History:
    """The events that were not read yet, oldest first. A night's history has thousands: they are paged from the newest back
    to the last one known.
    """

    def __init__(self, region: Region, arn: str) -> None:
        self._region, self._arn, self._last = region, arn, 0

    def new(self) -> list[Any]:
        states: SFNClient = self._region.client("stepfunctions")
        pages = states.get_paginator("get_execution_history").paginate(
            executionArn=self._arn, reverseOrder=True, includeExecutionData=True
        )
        found: list[Any] = []
        for page in pages:
            unread = [event for event in page["events"] if event["id"] > self._last]
            found += unread
            if len(unread) < len(page["events"]):
                break
        found.reverse()
        self._last = max([self._last, *(event["id"] for event in found)])
        return found


def _record(region: Region, plan: AnyPlan, answer: Any) -> dict[str, Any]:
    """The execution's output; after a failure the object in the evidence bucket, and where neither is, what AWS itself says."""
    if answer["status"] == "SUCCEEDED":
        return _document(answer.get("output"))
    said = _document(answer.get("cause"))
    if said:
        return said
    key = f"{plan.records}/{answer['name']}.json"
    bucket = names.evidence_bucket(plan.prefix, plan.region, plan.account)

    def read() -> bytes:
        return bytes(region.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())

    try:
        return _document(must(region.name, lambda: _unless_absent(read)))
    except AwsTrouble as trouble:
        if " was refused " in str(trouble):  # it may well be there: that is not the same as none
            raise
        return {}


def _unless_absent(read: Callable[[], bytes]) -> bytes:
    try:
        return read()
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
            return b"{}"
        raise


def _document(text: str | bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
