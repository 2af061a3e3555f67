"""When the rules of a plan really run: where start windows overlap, AWS starts one job, for the rule that keeps longest.

The whole start window counts, `[run, run + start window)`. Only the winner's copy actions run. A rule never stands in its own
way. Two rules that keep equally long: the earlier run wins, then the rule written first. AWS does not document what becomes
of a short rule's run that overlaps only a run which itself loses; here it takes place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aws_rehearsal import cron
from aws_rehearsal.backup.plan_records import Rule

_SEARCH = timedelta(days=366)
"""How far ahead a next run is looked for."""
_STEP = timedelta(days=31)


@dataclass(frozen=True)
class Run:
    """One rule, at one moment."""

    moment: datetime
    rule: Rule

    @property
    def closes(self) -> datetime:
        return self.moment + self.rule.start_window

    def overlaps(self, other: Run) -> bool:
        return self.rule.rule_id != other.rule.rule_id and self.moment < other.closes and other.moment < self.closes


def winners(rules: Sequence[Rule], start: datetime, end: datetime, *, since: datetime) -> list[Run]:
    """The runs that take place in [start, end), in order; runs before `since` never existed, so they suppress nothing."""
    margin = 2 * max((rule.start_window for rule in rules), default=timedelta(0))
    opens = max(start - margin, since)
    candidates = [Run(moment, rule) for rule in rules for moment in cron.runs(rule.schedule, opens, end + margin)]
    candidates.sort(key=lambda run: (-run.rule.retention_days, run.moment))
    kept: list[Run] = []
    for run in candidates:
        if not any(run.overlaps(other) for other in kept):
            kept.append(run)
    return sorted((run for run in kept if start <= run.moment < end), key=lambda run: run.moment)


def upcoming(rules: Sequence[Rule], now: datetime, *, since: datetime) -> Iterator[Run]:
    """The runs still to come, strictly after `now`."""
    start = now + timedelta(microseconds=1)
    horizon = now + _SEARCH
    while start < horizon:
        yield from winners(rules, start, start + _STEP, since=since)
        start += _STEP
