"""How `verify` reads: what a person sees meanwhile, how much of a server it takes, and where it goes on after it was killed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import typer
from pymysql.cursors import Cursor
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from recovery.aws import NotChecked, Region, ask
from recovery.mysql import AT_ONCE
from recovery.verify.observer import Quiet, Watch
from recovery.verify.pace import Limits, Pace
from recovery.verify.resume_file import Journal, OtherJournal
from strategy.catalogue.metrics import RDS_NAMESPACE

_ASKED_EVERY = 30.0
"""Seconds: RDS publishes how far a replica is behind once a minute."""
_PUBLISHED_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the options say."""

    limits: Limits = field(default_factory=Limits)
    connections: int = AT_ONCE
    resume: Path | None = None

    @contextmanager
    def watching(self, what: str, total: int | None, lag: Callable[[], float | None]) -> Iterator[Pace]:
        """A Watch that keeps to the limits; on a terminal with a bar, on standard error. `total`: rows, about."""
        with _shown(what, total) as shown:
            yield Pace(self.limits, lag=lag, beside=shown)

    def journal(self, **of: str | None) -> Journal | None:
        """The file to go on from, if one was given; refused when it is of something else."""
        if self.resume is None:
            return None
        try:
            found = Journal(self.resume, of)
        except (OtherJournal, OSError) as error:
            raise typer.BadParameter(f"--resume: {error}; allowed: a new file, or the one of this very verification") from error
        if found.finished:
            typer.echo(
                f"recovery: {found.finished} tables or slices were read by an earlier run, and are not read again", err=True
            )
        return found


class _Speed(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f} rows/s" if task.speed else "")


class _Bar:
    """A Watch that draws. More rows than were expected only lengthen the bar."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def before(self, cursor: Cursor) -> None:
        pass

    def read(self, part: str, rows: int) -> None:
        (task,) = (each for each in self._progress.tasks if each.id == self._task)
        done = task.completed + rows
        total = None if task.total is None else max(task.total, done)
        self._progress.update(self._task, completed=done, total=total, part=part)


@contextmanager
def _shown(what: str, total: int | None) -> Iterator[Watch]:
    terminal = Console(stderr=True, highlight=False)
    if not terminal.is_terminal:
        yield Quiet()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Speed(), TimeRemainingColumn(), TextColumn("{task.fields[part]}"))  # fmt: skip # noqa: E501
    with Progress(*columns, console=terminal, transient=True, speed_estimate_period=10) as progress:
        yield _Bar(progress, progress.add_task(what, total=total or None, part=""))


def lag_of(region: Region, described: Any) -> Callable[[], float | None]:
    """Of an instance that follows another, and of those that follow it, as RDS publishes it; None where nobody follows.

    Who may not ask is told so once: reading then pauses for running threads alone.
    """
    names = list(described.get("ReadReplicaDBInstanceIdentifiers", []))
    if described.get("ReadReplicaSourceDBInstanceIdentifier"):
        names.append(described["DBInstanceIdentifier"])
    asked = float("-inf")
    known: float | None = None

    def lag() -> float | None:
        nonlocal asked, known
        if names and time.monotonic() - asked >= _ASKED_EVERY:
            asked, found = time.monotonic(), [_behind(region, each) for each in names]
            if refused := next((each for each in found if isinstance(each, NotChecked)), None):
                typer.echo(f"recovery: how far {', '.join(names)} may be behind is not known: {refused.because}", err=True)
                names.clear()
            known = max((each for each in found if isinstance(each, float)), default=None)
        return known

    return lag


def _behind(region: Region, name: str) -> float | NotChecked | None:
    now = datetime.now(UTC)
    answer = ask(
        region.name,
        lambda: region.client("cloudwatch").get_metric_statistics(
            Namespace=RDS_NAMESPACE,
            MetricName="ReplicaLag",
            Dimensions=[{"Name": "DBInstanceIdentifier", "Value": name}],
            StartTime=now - _PUBLISHED_WITHIN,
            EndTime=now,
            Period=60,
            Statistics=["Maximum"],
        ),
    )
    if isinstance(answer, NotChecked):
        return answer
    newest = max(answer["Datapoints"], key=lambda each: each["Timestamp"], default=None)
    return float(newest["Maximum"]) if newest else None
