"""Automated backups: base captures and the binary log after them, from which any moment of the window can be restored."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aws_rehearsal.clock import Clock
from aws_rehearsal.rds.capture import Capture
from aws_rehearsal.rds.durations import LOG_UPLOAD
from aws_rehearsal.rds.journal import Journal, Position, log_file
from aws_rehearsal.rds.mariadb import Server

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Window:
    """The moments that can be restored."""

    earliest: datetime
    latest: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.earliest <= moment <= self.latest

    def __str__(self) -> str:
        return f"{self.earliest:%Y-%m-%dT%H:%M:%SZ} to {self.latest:%Y-%m-%dT%H:%M:%SZ}"


@dataclass
class AutomatedBackup:
    """What a region holds to restore one instance to a moment: of its own instance, or replicated from another region.

    `settings` is what a restore carries over; `described` what DescribeDBInstanceAutomatedBackups shows besides.
    """

    arn: str
    resource_id: str
    identifier: str
    retention: timedelta
    journal: Journal
    settings: Mapping[str, Any]
    described: Mapping[str, Any]
    status: str = "active"
    captures: list[Capture] = field(default_factory=list)
    until: datetime | None = None
    """No log after this moment: the instance stopped or was deleted, or this is how far the replica has come."""

    @property
    def window(self) -> Window | None:
        """None until the first capture has been followed by an upload of the log."""
        if not self.captures:
            return None
        latest = self.until or _last_upload(Clock.now())
        earliest = max(self.captures[0].moment, Clock.now() - self.retention)
        # The API speaks in whole seconds: the first of them that is inside.
        whole = earliest.replace(microsecond=0) + timedelta(seconds=1 if earliest.microsecond else 0)
        return Window(whole, latest) if latest >= whole else None

    def base(self, moment: datetime) -> tuple[Capture, Position]:
        """The newest capture at or before `moment`, and how far to replay the log after it."""
        capture = [each for each in self.captures if each.moment <= moment][-1]
        return capture, max(capture.position, self.journal.position_at(moment))

    def expired(self) -> list[Capture]:
        """Take out, and return, the captures that no moment of the window needs any more."""
        start = Clock.now() - self.retention
        needed = max((index for index, each in enumerate(self.captures) if each.moment <= start), default=0)
        expired, self.captures = self.captures[:needed], self.captures[needed:]
        return expired

    def describe(self) -> dict[str, Any]:
        window = self.window
        shown = {"EarliestTime": window.earliest, "LatestTime": window.latest} if window else {}
        return {
            **self.described,
            "DBInstanceAutomatedBackupsArn": self.arn,
            "DbiResourceId": self.resource_id,
            "DBInstanceIdentifier": self.identifier,
            "BackupRetentionPeriod": self.retention.days,
            "Status": self.status,
            "RestoreWindow": shown,
        }


class Replica:
    """Keeps an automated backup of another region, file by file: captures once, the log by what was added to it."""

    def __init__(self, source: AutomatedBackup, server: Server, copy: AutomatedBackup, directory: Path) -> None:
        self.source = source
        self.copy = copy
        self._server = server
        self._directory = directory
        self._copied: set[Path] = set()

    def refresh(self) -> None:
        """Bring the copy up to now. It then holds everything it needs: nothing is read from the source at a restore."""
        moment = Clock.now()
        self._server.journal.look()
        end = self._server.position()
        for capture in self.source.captures:
            if capture.directory not in self._copied:
                self.copy.captures.append(capture.copy(self._directory / "captures" / capture.directory.name))
                self._copied.add(capture.directory)
        logs = self._directory / "log"
        logs.mkdir(parents=True, exist_ok=True)
        for number in range(self.copy.captures[0].position.number, end.number + 1):
            append(log_file(self.source.journal.logs, number), log_file(logs, number))
        self.copy.journal = self.source.journal.copy_until(end, logs)
        self.copy.until = moment
        for capture in self.copy.expired():
            capture.delete()


def append(source: Path, copy: Path) -> None:
    """Add to `copy` what `source` has more: a binary log only grows."""
    with source.open("rb") as reader, copy.open("ab") as writer:
        reader.seek(writer.tell())
        shutil.copyfileobj(reader, writer)


def _last_upload(now: datetime) -> datetime:
    return now - (now - _EPOCH) % LOG_UPLOAD
