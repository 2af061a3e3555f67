"""An incident in words: a subject, a plain text for e-mail, and a custom notification for chats."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from recovery.notify.incident import Incident
from strategy.catalogue.severity import Severity
from strategy.formatting import duration_text

SUBJECT = 99
"""Characters of an e-mail's subject: SNS takes fewer than 100, and ASCII only."""
TITLE = 250
_SIGNS = {Severity.PAGE: ":rotating_light:", Severity.LOOK: ":warning:", Severity.NOTE: ":information_source:"}


def subject(incident: Incident) -> str:
    text = f"{_headline(incident)} [{incident.environment}, {incident.region}]"
    if len(text) > SUBJECT:
        tail = f"... [{incident.environment}, {incident.region}]"
        text = _headline(incident)[: SUBJECT - len(tail)] + tail
    return text.encode("ascii", "replace").decode()


def text(incident: Incident) -> str:
    lines = [f"{_headline(incident)}.", ""]
    lines += [f"{name:<10}{value}" for name, value in _facts(incident)]
    lines += ["", f"Do next:  {incident.command}", "", f"About     {incident.resource}", f"AWS says  {incident.why}", ""]
    if incident.cleared is not None:
        lines.append("This incident is over.")
    elif incident.clears:
        lines.append("No other message comes while it lasts; one comes when it clears.")
    else:
        lines.append("A job that ended so stays so, and no other message comes: whether the next one is in time is watched.")
    return "\n".join(lines)


def chat(incident: Incident) -> dict[str, Any]:
    """A custom notification of Amazon Q Developer in chat applications (AWS Chatbot), schema version 1.0."""
    sign = ":white_check_mark:" if incident.cleared is not None else _SIGNS[incident.severity]
    return {
        "version": "1.0",
        "source": "custom",
        "id": f"{incident.id}-{'cleared' if incident.cleared is not None else 'began'}",
        "content": {
            "textType": "client-markdown",
            "title": f"{sign} {_headline(incident)}"[:TITLE],
            "description": "\n".join(f"*{name}* {value}" for name, value in _facts(incident)),
            "nextSteps": [f"`{incident.command}`"],
            "keywords": [str(incident.severity), incident.environment, incident.region],
        },
        "metadata": {
            "threadId": incident.id,
            "summary": _headline(incident)[:TITLE],
            "eventType": "recovery-incident",
            "relatedResources": [incident.resource],
            "additionalContext": {"why": incident.why},
        },
    }


def message(incident: Incident) -> str:
    """What SNS takes with `MessageStructure="json"`: mailboxes get the text, HTTPS endpoints, which chats are, the other."""
    plain = text(incident)
    return json.dumps({"default": plain, "email": plain, "https": json.dumps(chat(incident))})


def _headline(incident: Incident) -> str:
    if incident.lasted is None:
        return f"{incident.severity.begins}{incident.what}"
    return f"CLEARED after {_span(incident.lasted)}: {incident.what}"


def _facts(incident: Incident) -> list[tuple[str, str]]:
    facts = [("Since", _in_words(incident.since))]
    if incident.cleared is not None and incident.lasted is not None:
        facts.append(("Until", f"{_in_words(incident.cleared)}, after {_span(incident.lasted)}"))
    return [*facts, ("Seen", incident.seen), ("Promised", incident.promised), ("Severity", str(incident.severity))]


def _in_words(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S} UTC"


def _span(value: timedelta) -> str:
    return duration_text(timedelta(seconds=round(value.total_seconds())))
