"""Promises: objectives kept or knowingly not, exclusions still true, somebody told when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from strategy.checks.guards.finding import Finding, error, warning
from strategy.checks.objectives import State, Verdict, assess
from strategy.model.field_types import duration_text
from strategy.model.strategy import Strategy


def objectives(strategy: Strategy, today: date) -> Iterator[Finding]:
    """RPO and RTO of every store in every scenario, against the worst case."""
    for verdict in assess(strategy, today):
        yield from _judged(verdict, today)
    keys = [(each.store, each.scenario, each.objective) for each in strategy.accepted_breaches]
    for key in {key for key in keys if keys.count(key) > 1}:
        yield error("objectives", "accepted_breaches", f"{' '.join(key)} is accepted twice; keep one")


def exclusions(strategy: Strategy, today: date) -> Iterator[Finding]:
    """The reason for leaving something out holds until somebody has to look at it again."""
    for each in strategy.exclusions:
        if today > each.review:
            message = f"its review was due on {each.review} ({each.owner}); look whether the reason still holds: {each.reason}"
            yield error("exclusions", f"exclusions[{each.name}].review", message)


def somebody_is_told(strategy: Strategy, _today: date) -> Iterator[Finding]:
    if strategy.production and not strategy.alerts.email:
        yield error("somebody-is-told", "alerts.email", "nobody is told when a backup of production fails; name an address")


def _judged(verdict: Verdict, today: date) -> Iterator[Finding]:
    objective = verdict.objective.upper()
    key = f"stores[{verdict.store}].objectives.{verdict.scenario}.{verdict.objective}"
    worst = duration_text(verdict.worst) if verdict.worst is not None else "unbounded"
    sums = f"promised {duration_text(verdict.promised)}, worst case {worst} from {verdict.how}: {verdict.arithmetic}"
    accepted = verdict.accepted
    if accepted is None:
        if verdict.state is State.BROKEN:
            means = "shorten it, or accept it in accepted_breaches with reason, owner and date"
            yield error("objectives", key, f"{objective} not kept: {sums}; {means}")
        return
    who = f"accepted by {accepted.owner} until {accepted.until} ({accepted.reason})"
    match verdict.state:
        case State.KEPT:
            yield warning("objectives", "accepted_breaches", f"{key} is kept ({sums}); the accepted breach can go")
        case State.ACCEPTED:
            yield warning("objectives", key, f"{objective} not kept: {sums}; {who}")
        case State.EXPIRED:
            yield error("objectives", key, f"{objective} not kept: {sums}; {who}: today is {today}; keep it, or decide anew")
        case State.EXCEEDED:
            limit = duration_text(accepted.up_to)
            yield error("objectives", key, f"{objective} not kept: {sums}; {who}, but only up to {limit}")
