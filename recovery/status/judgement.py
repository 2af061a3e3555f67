"""Is what was found good enough? Facts, the strategy and a moment in; sources with their problems out. Asks nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from recovery.aws import NotChecked
from recovery.status.facts import Fact, Live, Missing, Point, Premise, Window
from strategy import Strategy
from strategy.checks.objectives import assess, limit
from strategy.model.field_types import duration_text
from strategy.model.strategy import Scenario, Store

SETTLING = timedelta(days=1)
"""How much shorter than its setting a window may be: RDS reaches back to a daily backup, and a new store has yet to take one."""
AHEAD = timedelta(minutes=5)
"""How far ahead of `now` AWS may be before this machine's clock is not to be trusted with ages."""
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Promise:
    """What the strategy promises of one way to bring a store back."""

    way: str
    """As `strategy.checks.objectives` calls it."""
    scenario: Scenario
    rpo: timedelta
    limit: timedelta
    """The age that breaks the promise. Usually the RPO; more where the strategy accepts it, or where a fresher way keeps the RPO
    and this one is the second line: then its own worst case."""
    expected: timedelta | None
    """The modelled time until the application works again; None: the model has no answer."""
    rto: timedelta
    keeps: timedelta | None = None
    """How far back a window must be set to reach."""


@dataclass(frozen=True, slots=True)
class Source:
    """One place a store can be restored from, judged."""

    promise: Promise | None
    """None: the strategy promises nothing of it in this region; it is shown, and cannot be broken."""
    where: str
    fact: Fact
    age: timedelta | None
    problems: tuple[str, ...]
    not_checked: tuple[str, ...]

    @property
    def state(self) -> str:
        if self.problems:
            return "broken"
        if self.not_checked:
            return "not checked"
        return "kept" if self.promise else "not promised"


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """Everything about one store in one region."""

    store: str
    kind: str
    name: str
    sources: tuple[Source, ...]
    premises: tuple[Premise, ...]
    in_use: str | NotChecked | None = None
    """The store that the application uses here, by its endpoint; None where the region has none."""

    @property
    def problems(self) -> tuple[str, ...]:
        found = [f"{source.where}: {problem}" for source in self.sources for problem in source.problems]
        found += [f"{each.what}: {each.problem}" for each in self.premises if isinstance(each.problem, str)]
        # An empty answer is no good answer.
        if not any(source.promise for source in self.sources):
            found.append("nothing is promised of it in this region, so nothing was found to restore from")
        return tuple(found)

    @property
    def not_checked(self) -> tuple[str, ...]:
        found = [f"{source.where}: {each}" for source in self.sources for each in source.not_checked]
        found += [f"{each.what}: {each.problem.because}" for each in self.premises if isinstance(each.problem, NotChecked)]
        return tuple(found)


def promise(strategy: Strategy, store: Store, scenario: Scenario, way: str, now: datetime) -> Promise:
    """What is promised of that way today. LookupError when the strategy has no such way."""
    today = now.date()
    allowed = limit(strategy, store, scenario, way, today)
    rpo, rto = (
        next(
            each
            for each in assess(strategy, today)
            if (each.store, each.scenario, each.objective) == (store.name, scenario, what)
        )
        for what in ("rpo", "rto")
    )
    return Promise(way, scenario, rpo.promised, allowed, rto.worst, rto.promised)


def judge(fact: Fact, *, promise: Promise | None, where: str, now: datetime) -> Source:
    """A fact against its promise. Without one, only what is there is told."""
    age = _age(fact, now)
    if isinstance(fact, NotChecked):
        return Source(promise, where, fact, None, (), (fact.because,))
    if promise is None:
        return Source(None, where, fact, age, (), ())
    problems: list[str] = []
    refused: list[str] = []
    match fact:
        case Missing(why, reasons):
            problems.append("; ".join([why, *reasons]))
        case Live(state, ready):
            problems += [] if ready else [f"it is {state}"]
        case Window():
            problems += [*_old(fact.latest, promise, now), *_short(fact, promise, now)]
        case Point():
            problems += _old(fact.created, promise, now)
            if fact.manifest is None:
                problems.append("no signed manifest of its moment is in the evidence bucket: a restore could not be verified")
            refused += [f"manifest: {fact.manifest.because}"] if isinstance(fact.manifest, NotChecked) else []
            refused += [f"key: {fact.key.because}"] if fact.key else []
    return Source(promise, where, fact, age, tuple(problems), tuple(refused))


def _age(fact: Fact, now: datetime) -> timedelta | None:
    newest = fact.latest if isinstance(fact, Window) else fact.created if isinstance(fact, Point) else None
    return max(now - newest, timedelta()) if newest is not None else None


def _old(newest: datetime, promise: Promise, now: datetime) -> list[str]:
    if newest > now + AHEAD:
        return [f"it reaches {newest.isoformat(timespec='seconds')}, past now: set this machine's clock, or give --now"]
    # Whole minutes: what DynamoDB can restore is five minutes old by design, and asking takes seconds.
    age = max(now - newest, timedelta()) // _MINUTE * _MINUTE
    if age <= promise.limit:
        return []
    accepted = f" (accepted up to {duration_text(promise.limit)})" if promise.limit != promise.rpo else ""
    return [f"the newest data is {duration_text(age)} old, the RPO is {duration_text(promise.rpo)}{accepted}"]


def _short(window: Window, promise: Promise, now: datetime) -> list[str]:
    """Set too short; or set right, and yet not reaching as far back as it has had time to."""
    if promise.keeps is None:
        return []
    if window.keeps < promise.keeps:
        return [f"it is set to reach back {duration_text(window.keeps)}, promised are {duration_text(promise.keeps)}"]
    due = now - promise.keeps + SETTLING
    if window.since is not None:
        due = max(due, window.since + SETTLING)
    if window.earliest > due:
        return [f"it reaches back only to {window.earliest.isoformat(timespec='seconds')}: it was interrupted"]
    return []
