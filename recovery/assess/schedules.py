"""Rules as they are live, run by the strategy's own reckoning of which of them AWS really runs."""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import ValidationError

from recovery.assess.holdings import LiveRule
from strategy.checks.schedule import Run, effective, horizon, widest_gap
from strategy.model.backup_plan import Rule

_FOR_EVER = timedelta(days=36500)
_DAY = timedelta(days=1)


def unread(rules: tuple[LiveRule, ...]) -> list[LiveRule]:
    """Those whose schedule is no AWS cron, such as `rate(1 day)`."""
    return [each for each in rules if _rule(each) is None]


def runs(rules: tuple[LiveRule, ...], today: date) -> tuple[Run, ...]:
    """What runs in the next 12 months; rules that cannot be read run never here."""
    readable = tuple(rule for each in rules if (rule := _rule(each)) is not None)
    span = horizon(today)
    return effective(readable, span.start, span.end) if readable else ()


def widest(rules: tuple[LiveRule, ...], today: date) -> timedelta | None:
    """From one start to the end of the next start window; None when nothing runs any more."""
    gap = widest_gap(runs(rules, today), horizon(today))
    return None if gap.next is None else gap.end - gap.start


def _rule(live: LiveRule) -> Rule | None:
    keep = max(live.keep or _FOR_EVER, _DAY)
    try:
        return Rule(
            name=live.name,
            schedule=live.schedule,
            keep=keep,
            start_window=live.start_window,
            completion_window=_DAY,
            copy_keep=max((copy.keep or _FOR_EVER for copy in live.copies), default=keep),
        )
    except ValidationError:
        return None
