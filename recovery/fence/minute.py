"""One minute of a region's fence: both switches are read, it is decided, what is here is closed or opened, and that is noted.

Nothing outside the region is changed. What could not be done is told, and tried again in a minute.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from recovery.cutover.beat import Beat
from recovery.cutover.switch import Record, read
from recovery.cutover.takeover import Taking
from recovery.cutover.takeover import read as read_taking
from recovery.fence.decision import Action, Decision, Seen, decide
from recovery.fence.region import Fenced
from strategy.catalogue import names
from strategy.contracts.fence import FenceRegionAnswer

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Regions:
    """This one, and the other, which may be gone: a client of its SSM for each question."""

    here: str
    ssm: Any
    other: str
    elsewhere: Callable[[], Any]


def look(fenced: Fenced, regions: Regions, opened_by: str | None, now: datetime) -> FenceRegionAnswer:
    """`opened_by`: the plan that opens the region now, whatever the switches say."""
    ssm, prefix = regions.ssm, fenced.prefix
    last = _last(ssm, names.heartbeat(prefix))
    opened = last.opened if last else None
    if opened_by is not None:
        decision, opened = Decision(Action.OPEN, f"opened by plan {opened_by}"), now
    else:
        decision = decide(_seen(regions, prefix, last, now))
    closed, left = _apply(decision, last, fenced)
    changed = last.changed if last and last.closed == closed else now
    beat = Beat(at=now, closed=closed, changed=changed, because=decision.because, opened=opened)
    _write(ssm, names.heartbeat(prefix), beat)
    return FenceRegionAnswer(action=decision.action.value, because=decision.because, closed=closed, left=tuple(left))


def _seen(regions: Regions, prefix: str, last: Beat | None, now: datetime) -> Seen:
    own, own_read = _read(regions.ssm, names.switch(prefix), "this region")
    other, other_read = _read(regions.elsewhere(), names.switch(prefix), regions.other)
    taking = _taking(regions.elsewhere(), names.taking(prefix), regions.other)
    return Seen(regions.here, now, own, own_read, other, other_read, last, taking)


def _apply(decision: Decision, last: Beat | None, region: Fenced) -> tuple[bool, list[str]]:
    """Whether the region is closed now, and what could not be done."""
    was = last is not None and last.closed
    if decision.action is Action.CLOSE or (decision.action is Action.KEEP and was):
        return True, _logged(region.close())
    if decision.action is Action.OPEN and was:
        left = region.open()
        return bool(left), _logged(left)  # still closed in the heartbeat, so that the rest is opened in a minute
    return was, []


def _logged(left: list[str]) -> list[str]:
    for each in left:
        _LOG.warning("not done, tried again in a minute: %s", each)
    return left


def _read(ssm: Any, name: str, where: str) -> tuple[Record | None, bool]:
    try:
        return read(ssm, name), True
    except (BotoCoreError, ClientError, ValueError) as error:
        _LOG.warning("the switch of %s cannot be read: %s", where, error)
        return None, False


def _taking(ssm: Any, name: str, where: str) -> Taking | None:
    try:
        return read_taking(ssm, name)
    except (BotoCoreError, ClientError, ValueError) as error:
        _LOG.warning("whether %s recovers this region cannot be read: %s", where, error)
        return None


def _last(ssm: Any, name: str) -> Beat | None:
    try:
        return Beat.from_json(ssm.get_parameter(Name=name)["Parameter"]["Value"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterNotFound":
            return None
        raise


def _write(ssm: Any, name: str, beat: Beat) -> None:
    ssm.put_parameter(Name=name, Value=beat.to_json(), Type="String", Overwrite=True, Description="When the fence looked last")
