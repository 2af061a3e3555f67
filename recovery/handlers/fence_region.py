"""Fences this region, each minute: reads both switches, decides, closes or opens what is here, and writes the heartbeat.

Event: anything, from the schedule; or `{"action": "open", "plan_id"}` from a recovery, which opens the region so that its
services can be tested before the switch is thrown. Answer: `{"action", "because", "closed", "left"}`, `left` being what could
not be closed or opened; it is tried again in a minute. Environment: `PREFIX`, `OTHER_REGION`, `BALANCER_SECURITY_GROUP`,
`PORTS`, `DATABASES` (stores and the services that use them, as JSON). Nothing outside this region is changed.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from recovery.cutover.switch import Record, read
from recovery.cutover.takeover import Taking
from recovery.cutover.takeover import read as read_taking
from recovery.fence.decision import Action, Beat, Decision, Seen, decide
from recovery.fence.region import Fenced
from recovery.handlers.boundary import client, passing, remote
from strategy.catalogue import names

_LOG = logging.getLogger(__name__)


@passing
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    prefix, now, ssm = os.environ["PREFIX"], datetime.now(UTC), client("ssm")
    last = _last(ssm, names.heartbeat(prefix))
    opened = last.opened if last else None
    if event.get("action") == "open":
        decision, opened = Decision(Action.OPEN, f"opened by plan {event['plan_id']}"), now
    else:
        own, own_read = _read(ssm, names.switch(prefix), "this region")
        other_region = os.environ["OTHER_REGION"]
        other, other_read = _read(remote("ssm", other_region), names.switch(prefix), other_region)
        taking = _taking(remote("ssm", other_region), names.taking(prefix), other_region)
        decision = decide(Seen(os.environ["AWS_REGION"], now, own, own_read, other, other_read, last, taking))
    closed, left = _apply(decision, last, prefix)
    changed = last.changed if last and last.closed == closed else now
    beat = Beat(at=now, closed=closed, changed=changed, because=decision.because, opened=opened)
    _write(ssm, names.heartbeat(prefix), beat)
    return {"action": decision.action.value, "because": decision.because, "closed": closed, "left": left}


def _apply(decision: Decision, last: Beat | None, prefix: str) -> tuple[bool, list[str]]:
    """Whether the region is closed now, and what could not be done."""
    was = last is not None and last.closed
    region = Fenced(
        prefix,
        os.environ["BALANCER_SECURITY_GROUP"],
        json.loads(os.environ["PORTS"]),
        json.loads(os.environ["DATABASES"]),
        client,
    )
    if decision.action is Action.CLOSE or (decision.action is Action.KEEP and was):
        left = region.close()
        return True, _said(left)
    if decision.action is Action.OPEN and was:
        left = region.open()
        return bool(left), _said(left)  # still closed in the heartbeat, so that the rest is opened in a minute
    return was, []


def _said(left: list[str]) -> list[str]:
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
