"""A digest in words: a subject, and one screen of plain text that a mailbox, a chat and a terminal show alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from recovery.digest.digest import Digest, Number
from strategy.formatting import duration_text

WIDTH = 100
LINES = 45
_LISTED = 8
"""Problems that are spelled out; how many more there are is said."""


def subject(digest: Digest) -> str:
    return f"{digest.headline} [{digest.environment}, {digest.region}] {digest.now:%Y-%m-%d}"


def text(digest: Digest) -> str:
    return "\n".join(line[:WIDTH].rstrip() for line in _lines(digest)) + "\n"


def chat(digest: Digest) -> dict[str, Any]:
    """A custom notification of Amazon Q Developer in chat applications, schema version 1.0."""
    return {
        "version": "1.0",
        "source": "custom",
        "id": f"digest-{digest.region}-{digest.now:%Y%m%d}",
        "content": {
            "textType": "client-markdown",
            "title": subject(digest),
            "description": f"```\n{text(digest)}```",
            "nextSteps": [f"`{_command(digest)}`"],
            "keywords": ["digest", digest.environment, digest.region],
        },
        "metadata": {"threadId": f"digest-{digest.region}", "summary": digest.headline, "eventType": "recovery-digest"},
    }


def message(digest: Digest) -> str:
    """What SNS takes with `MessageStructure="json"`."""
    plain = text(digest)
    return json.dumps({"default": plain, "email": plain, "https": json.dumps(chat(digest))})


def _lines(digest: Digest) -> Iterator[str]:
    yield f"{digest.headline}: {digest.prefix} ({digest.environment}), {digest.region} ({digest.role})"
    yield f"as of {digest.now:%Y-%m-%d %H:%M} UTC, the last 24 hours"
    yield ""
    for part in dict.fromkeys(each.part for each in digest.numbers):
        for place, each in enumerate(number for number in digest.numbers if number.part == part):
            yield _row(part if not place else "", each)
    yield ""
    yield from _jobs(digest)
    yield from _counted(digest)
    yield ""
    yield from _listed("To look at", digest.problems)
    yield from _listed("Not known", digest.unknown)
    yield f"More: {_command(digest)}"


def _row(part: str, number: Number) -> str:
    value = _value(number.value, number.unit) if number.value is not None else "-"
    return f"{part:<10} {number.what:<46} {value:>9}  at most {_value(number.limit, number.unit):<9} {number.state}"


def _value(value: float, unit: str) -> str:
    if unit == "minutes":
        return duration_text(timedelta(minutes=round(value)))
    return f"{value:,.0f} %"


def _jobs(digest: Digest) -> Iterator[str]:
    if digest.sums is None or digest.last is None:
        yield "jobs       not read"
        return
    newest = {each.kind: each for each in digest.last}
    for each in digest.sums:
        success = f"{100 * each.success:.0f} %" if each.success is not None else "none ended"
        took = f", typical {_span(each.typical)}, longest {_span(each.longest)}" if each.typical is not None else ""
        last = newest[each.kind]
        yield (
            f"{each.kind + ' jobs':<13} {each.well} well, {each.badly} badly, {each.running} running: {success}{took}; "
            f"last {last.created:%H:%M} {last.state}"
        )
    if not digest.sums:
        yield "jobs       none in 24 hours"


def _counted(digest: Digest) -> Iterator[str]:
    if digest.proofs is not None:
        proved = sum(each.proved for each in digest.proofs)
        yield f"proofs     {proved} of {len(digest.proofs)} routes and checks are proved"
    if digest.findings is not None and digest.overdue is not None:
        yield f"to do      {len(digest.findings)} findings open, {len(digest.overdue)} duties overdue"
    if digest.alarms is not None and digest.silent is not None:
        yield f"alarms     {len(digest.alarms)} in alarm, {len(digest.silent)} without data"


def _listed(title: str, lines: tuple[str, ...]) -> Iterator[str]:
    if not lines:
        return
    yield f"{title}:"
    for each in lines[:_LISTED]:
        yield f"- {each}"
    if len(lines) > _LISTED:
        yield f"- and {len(lines) - _LISTED} more"
    yield ""


def _command(digest: Digest) -> str:
    return f"python -m recovery status --env {digest.environment} --region {digest.region}"


def _span(value: timedelta | None) -> str:
    """Whole minutes, where it took any."""
    if value is None:
        return "unknown"
    exact = 1 if value < timedelta(minutes=1) else 60
    return duration_text(timedelta(seconds=round(value.total_seconds() / exact) * exact))
