"""Every promise against its worst case: how old the newest usable data can be, how long a recovery takes, and the verdict.

The arithmetic comes with the number, so that a person can argue with it. Sizes are those expected in 12 months.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from strategy.checks.schedule import Gap, effective, horizon, moment_text, widest_gap
from strategy.checks.timeline import Return, Timeline, place, region_tasks
from strategy.model.backup_plan import Rule
from strategy.model.durations import Modelled
from strategy.model.exemptions import AcceptedBreach
from strategy.model.field_types import duration_text, size_text
from strategy.model.stores import DynamoDbStore, MySqlStore, Scenario
from strategy.model.strategy import Standby, Strategy

_TITLES = {
    Scenario.POINT_IN_TIME: "point-in-time recovery",
    Scenario.RECOVERY_POINT: "recovery points",
    Scenario.REGION_LOSS: "copies",
}


@dataclass(frozen=True)
class Step:
    """One thing a recovery waits for; `takes` is None where the model has no answer."""

    name: str
    takes: timedelta | None
    source: str = ""
    from_backup: bool = True
    """False where the data is in a replica."""


@dataclass(frozen=True)
class Way:
    """One source a store can be brought back from."""

    how: str
    age: timedelta | None
    """Worst-case age of the newest usable data; None: there may be none."""
    arithmetic: str
    restore: Step


class State(StrEnum):
    KEPT = "kept"
    ACCEPTED = "accepted"
    """Not kept, and the strategy says so with a reason, an owner and a date."""
    EXPIRED = "expired"
    """Accepted once; the date has passed."""
    EXCEEDED = "exceeded"
    """Accepted, but worse by now than what was accepted."""
    BROKEN = "broken"


@dataclass(frozen=True)
class Verdict:
    """One promise."""

    store: str
    scenario: Scenario
    objective: Literal["rpo", "rto"]
    promised: timedelta
    worst: timedelta | None
    how: str
    arithmetic: str
    accepted: AcceptedBreach | None
    state: State


def assess(strategy: Strategy, today: date) -> tuple[Verdict, ...]:
    """Every store, scenario and objective, in the strategy's order."""
    freshest = [
        (store, scenario, ways(strategy, store, scenario, today)[0]) for store in strategy.stores for scenario in Scenario
    ]
    # After the loss of a region the application needs every store, so the slowest decides for each of them.
    restores = {store.name: way.restore for store, scenario, way in freshest if scenario is Scenario.REGION_LOSS}
    lost = recovery_steps(strategy, Scenario.REGION_LOSS, restores)
    verdicts: list[Verdict] = []
    for store, scenario, way in freshest:
        alone = scenario is not Scenario.REGION_LOSS
        steps = recovery_steps(strategy, scenario, {store.name: way.restore}) if alone else lost
        verdicts += [_rpo(strategy, store, scenario, way, today), _rto(strategy, store, scenario, way, steps=steps, today=today)]
    return tuple(verdicts)


def ways(strategy: Strategy, store: MySqlStore | DynamoDbStore, scenario: Scenario, today: date) -> list[Way]:
    """Where the store can come back from in that scenario, freshest first."""
    durations = strategy.durations.of(store.kind)
    band = durations.restore_of(store.expected_size)
    restore = Step(
        f"restore of {size_text(store.expected_size)}",
        band.takes if band else None,
        band.source if band else "no band of restore durations reaches that far",
    )
    if scenario is Scenario.POINT_IN_TIME:
        return [_lagging(_TITLES[scenario], durations.point_in_time_lag, restore)]
    found = [_from_backups(strategy, store, scenario, today, restore)]
    if scenario is Scenario.REGION_LOSS and isinstance(store, MySqlStore):
        mysql = strategy.durations.mysql
        if store.replicated_backups:
            found.append(_lagging("replicated automated backups", mysql.replicated_backup_lag, restore))
        if store.read_replica:
            promotion = Step("promotion of the read replica", mysql.promotion.takes, mysql.promotion.source, from_backup=False)
            found.append(_lagging("read replica", mysql.read_replica_lag, promotion))
    if scenario is Scenario.REGION_LOSS and isinstance(store, DynamoDbStore) and store.replica:
        there = Step("replica", timedelta(), "AWS: a replica can be read and written at any time", from_backup=False)
        found.append(_lagging("replica of the table", strategy.durations.dynamodb.replica_lag, there))
    return sorted(found, key=lambda way: way.age if way.age is not None else timedelta.max)


def limit(strategy: Strategy, store: MySqlStore | DynamoDbStore, scenario: Scenario, way: str, today: date) -> timedelta:
    """The age of the newest data of that way that breaks the promise. LookupError when the strategy has no such way.

    Usually the RPO; more where the strategy accepts it, or where a fresher way keeps the RPO and this one is the second line:
    then its own worst case.
    """
    found = ways(strategy, store, scenario, today)
    rpo = _rpo(strategy, store, scenario, found[0], today)
    worst = {each.how: each for each in found}[way].age
    allowed = rpo.accepted.up_to if rpo.state is State.ACCEPTED and rpo.accepted is not None else rpo.promised
    return max(allowed, worst) if way != rpo.how and worst is not None else allowed


def recovery_steps(strategy: Strategy, scenario: Scenario, restores: dict[str, Step]) -> list[Step]:
    """The critical path: what follows one another until the application works. `restores` run beside one another."""
    durations = strategy.durations
    if scenario is Scenario.REGION_LOSS:
        timeline = _region(strategy, strategy.standby, restores)
        waits = [Step(task.name, task.waits) for task in timeline.path]
        return [*waits, Step("in the workflow's own steps", timeline.overhead)]
    alternatives = [Step(f"{step.name} ({store})", step.takes) for store, step in restores.items()]
    longest = max(alternatives, key=lambda step: step.takes if step.takes is not None else timedelta.max)
    steps = [_step("assessment", durations.assessment), longest, _step("verification", durations.verification)]
    return [*steps, _step("cutover", durations.cutover)]


def region_timeline(strategy: Strategy, today: date, tier: Standby) -> Timeline:
    """The recovery of the region, every store from the freshest there is."""
    return _region(
        strategy, tier, {store.name: ways(strategy, store, Scenario.REGION_LOSS, today)[0].restore for store in strategy.stores}
    )


def _region(strategy: Strategy, tier: Standby, restores: dict[str, Step]) -> Timeline:
    returns = {store: Return(step.name, step.takes, step.source, step.from_backup) for store, step in restores.items()}
    return place(region_tasks(strategy.durations, tier, returns))


def _rpo(strategy: Strategy, store: MySqlStore | DynamoDbStore, scenario: Scenario, way: Way, today: date) -> Verdict:
    accepted = _accepted(strategy, store, scenario, "rpo")
    promised = store.objectives.of(scenario).rpo
    state = _state(promised, way.age, accepted, today)
    return Verdict(store.name, scenario, "rpo", promised, way.age, way.how, way.arithmetic, accepted, state)


def _rto(
    strategy: Strategy, store: MySqlStore | DynamoDbStore, scenario: Scenario, way: Way, *, steps: list[Step], today: date
) -> Verdict:
    accepted = _accepted(strategy, store, scenario, "rto")
    promised = store.objectives.of(scenario).rto
    known = [step.takes for step in steps if step.takes is not None]
    total = sum(known, timedelta()) if len(known) == len(steps) else None
    path = " + ".join(f"{_takes(step.takes)} {step.name}" for step in steps)
    state = _state(promised, total, accepted, today)
    return Verdict(store.name, scenario, "rto", promised, total, way.how, f"{path} = {_takes(total)}", accepted, state)


def _accepted(
    strategy: Strategy, store: MySqlStore | DynamoDbStore, scenario: Scenario, objective: Literal["rpo", "rto"]
) -> AcceptedBreach | None:
    key = (store.name, scenario, objective)
    mine = (each for each in strategy.accepted_breaches if (each.store, each.scenario, each.objective) == key)
    return next(mine, None)


def _state(promised: timedelta, worst: timedelta | None, accepted: AcceptedBreach | None, today: date) -> State:
    if worst is not None and worst <= promised:
        return State.KEPT
    if accepted is None:
        return State.BROKEN
    if today > accepted.until:
        return State.EXPIRED
    return State.ACCEPTED if worst is not None and worst <= accepted.up_to else State.EXCEEDED


def _lagging(how: str, lag: Modelled, restore: Step) -> Way:
    return Way(how, lag.takes, f"{duration_text(lag.takes)} behind ({lag.source})", restore)


def _from_backups(strategy: Strategy, store: MySqlStore | DynamoDbStore, scenario: Scenario, today: date, restore: Step) -> Way:
    """Until a backup (and, in the other region, its copy) is complete, only the one before it can be used."""
    gap = _widest_gap(strategy.rules, today)
    how = _TITLES[scenario]
    if gap.next is None:
        return Way(how, None, f"no rule runs after {moment_text(gap.start)}", restore)
    durations = strategy.durations.of(store.kind)
    window = gap.next.rule.start_window
    terms = [
        (gap.next.at - gap.start, f"from {moment_text(gap.start)} to {moment_text(gap.next.at)} ({gap.next.rule.name})"),
        (window, "start window"),
        (durations.backup_job.of(store.expected_size), "backup"),
    ]
    if scenario is Scenario.REGION_LOSS:
        terms.append((durations.copy_job.of(store.expected_size), "copy"))
    age = sum((takes for takes, _ in terms), timedelta())
    text = " + ".join(f"{duration_text(takes)} {name}" for takes, name in terms)
    return Way(how, age, f"{text} = {duration_text(age)}", restore)


@lru_cache(maxsize=64)
def _widest_gap(rules: tuple[Rule, ...], today: date) -> Gap:
    """Of the next 12 months: the same for every store, and a walk through a year of runs."""
    span = horizon(today)
    return widest_gap(effective(rules, span.start, span.end), span)


def _step(name: str, modelled: Modelled) -> Step:
    return Step(name, modelled.takes)


def _takes(value: timedelta | None) -> str:
    return duration_text(value) if value is not None else "unknown"
