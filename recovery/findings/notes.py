"""What people do about a finding, written beside it: a record of its own each time, never over another."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from recovery.errors import WrongInput
from recovery.findings.finding import CHANGE, FORMAT, Finding
from strategy.catalogue import names

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class NoFinding(WrongInput, ValueError):
    """There is no such finding, or it cannot be closed like that; the message says why, and what to do."""


def owned(finding: Finding, owner: str, due: date, by: str, now: datetime) -> dict[str, Any]:
    """The record that somebody answers for it. NoFinding for one that is closed, for nobody, and for a day that has passed."""
    if not finding.open:
        raise NoFinding(f"{finding.id} was closed by {finding.change}: what fails anew is a finding of its own")
    if not owner.strip():
        raise NoFinding(f"{finding.id} needs an owner: give a name or a team")
    if due < now.astimezone(UTC).date():
        raise NoFinding(f"--due: found {due}, which has passed; give a day from {now.astimezone(UTC).date()} on")
    return _act(finding, "finding-owned", by, now) | {"owner": owner.strip(), "due": due.isoformat()}


def closed(finding: Finding, change: str, by: str, now: datetime) -> dict[str, Any]:
    """The record of the change that fixes it. NoFinding where there is none, nobody's it is, or it is closed already."""
    if not finding.open:
        raise NoFinding(f"{finding.id} is closed already, by {finding.change}")
    if not finding.owner:
        raise NoFinding(f"{finding.id} is nobody's: first python -m recovery findings own {finding.id} --owner NAME --due DAY")
    if not CHANGE.fullmatch(change):
        raise NoFinding(f"--change: found {change!r}; allowed: the https:// address of a change, or a commit's hash")
    return _act(finding, "finding-closed", by, now) | {"change": change, "owner": finding.owner}


def write(s3: S3Client, bucket: str, record: dict[str, Any]) -> str:
    """The record's key. Two people in one microsecond do not overwrite one another: the second is refused by S3."""
    moment = datetime.fromisoformat(record["at"]).astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    key = f"{names.FINDINGS}/{record['finding']}/{moment}.json"
    body = json.dumps(record, indent=2, sort_keys=True).encode()
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json", IfNoneMatch="*")
    return key


def _act(finding: Finding, kind: str, by: str, now: datetime) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kind": kind,
        "at": now.astimezone(UTC).isoformat(),
        "by": by,
        "outcome": "passed",
        "finding": finding.id,
        "record": finding.record.key,
    }
