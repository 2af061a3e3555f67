"""EventBridge's events as incidents: alarms that changed their state, and jobs of AWS Backup that did not end well.

An incident of an alarm begins with ALARM and lasts until OK. Between them it may be without data: that is no end, and ALARM after
it no beginning. Which it was is in the event, or in the alarm's own history, and in nothing that this code would have to keep.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from recovery.moments import moment_of
from recovery.notify.incident import Incident
from recovery.notify.told_jobs import kind
from strategy.catalogue import alarm_text
from strategy.catalogue.alarm_text import Said
from strategy.catalogue.severity import Severity

ALARM, OK, NO_DATA = "ALARM", "OK", "INSUFFICIENT_DATA"
Event = Mapping[str, Any]
Change = tuple[datetime, str]
"""When an alarm came into a state, and which."""
History = Callable[[str], Iterable[Change]]
"""Of an alarm by its name: the changes of its state, newest first."""

_NOISE = timedelta(seconds=1)
"""What the history's moment of a change may differ by from the event's."""
_LOOK_AT_STATUS = "python -m recovery status --env {environment} --region {region}"


def incident(event: Event, environment: str, history: History) -> Incident | None:
    """None for what is no news. ValueError for an event of another kind; what `history` raises."""
    match event["detail-type"]:
        case "CloudWatch Alarm State Change":
            return _alarm(event, environment, history)
        case "Backup Job State Change" | "Copy Job State Change" | "Restore Job State Change":
            return _job(event, environment)
    raise ValueError(f"an event {event['detail-type']!r} is not spoken of")


def _alarm(event: Event, environment: str, history: History) -> Incident | None:
    detail = event["detail"]
    state, before = detail["state"], detail["previousState"]
    value, at = state["value"], moment_of(state["timestamp"])
    counts_jobs = kind(event) is not None  # such a count is 0 again some minutes later, and nothing is fixed by that
    if value == NO_DATA or (value, before["value"]) == (OK, OK) or (counts_jobs and value == OK):
        return None
    began = at
    if value == OK or before["value"] == NO_DATA:
        began_before = _began(history(detail["alarmName"]), at)
        if before["value"] == ALARM and began_before is None:  # CloudWatch keeps 30 days
            began_before = moment_of(before["timestamp"])
        if (value == OK) == (began_before is None):
            return None  # clears what never began, or begins what never ended
        began = began_before or at
    description = str(detail.get("configuration", {}).get("description", ""))
    command = _LOOK_AT_STATUS.format(environment=environment, region=event["region"])
    words = alarm_text.read(description) or Said(
        Severity.LOOK, description or f"{detail['alarmName']} is in alarm", "not said", command
    )
    return Incident(
        name=str(detail["alarmName"]),
        resource=str(event["resources"][0]),
        region=str(event["region"]),
        environment=environment,
        severity=words.severity,
        what=words.what,
        since=began,
        seen=_seen(str(state.get("reasonData", ""))),
        promised=words.promised,
        command=words.command,
        why=str(state["reason"]),
        cleared=at if value == OK else None,
        clears=not counts_jobs,
    )


def _began(changes: Iterable[Change], at: datetime) -> datetime | None:
    """When the incident that lasted just before `at` began; None: there was none."""
    began = None
    for moment, value in changes:
        if moment > at - _NOISE:
            continue
        if value == OK:
            break
        if value == ALARM:
            began = moment
    return began


def _seen(reason: str) -> str:
    """The newest number that decided. Silence is a finding too, and is called so."""
    try:
        data = json.loads(reason or "{}")
    except ValueError:
        data = {}
    if triggering := data.get("triggeringAlarms"):
        return ", ".join(f"{each['arn'].rsplit(':', 1)[-1]} is {each['state']['value']}" for each in triggering)
    numbers = [each for each in data.get("recentDatapoints") or () if each is not None]
    if numbers:
        return f"{numbers[-1]:,.10g}"
    return "nothing: no datapoint came" if "recentDatapoints" in data else "see what AWS says"


def _job(event: Event, environment: str) -> Incident | None:
    detail = event["detail"]
    word = str(event["detail-type"]).partition(" ")[0].lower()
    state = str(detail.get("state") or detail.get("status"))  # restore jobs say `status`
    message = str(detail.get("statusMessage") or "")
    resource = str(detail.get("resourceArn") or detail.get("sourceResourceArn") or detail.get("recoveryPointArn") or "unknown")
    created = detail.get("creationDate")
    completed = state == "COMPLETED"
    if completed and not message:
        return None
    name = resource.rsplit(":", 1)[-1].rsplit("/", 1)[-1]
    job = str(detail.get(f"{word}JobId", "unknown"))
    what = f"the {word} job of {name} completed with a message" if completed else f"the {word} job of {name} ended {state}"
    return Incident(
        name=f"{word}-job-{job}",
        resource=resource,
        region=str(event["region"]),
        environment=environment,
        severity=Severity.NOTE if completed else Severity.LOOK,
        what=what,
        since=moment_of(str(detail.get("completionDate") or event["time"])),
        seen=f"{state}: {message or 'no message'}",
        promised="COMPLETED, and no message",
        command=_LOOK_AT_STATUS.format(environment=environment, region=event["region"]),
        why=f"{event['detail-type']}: {word} job {job}" + (f", begun {created}" if created else ""),
        clears=False,
        job=word,
    )
