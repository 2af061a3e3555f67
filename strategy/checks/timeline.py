"""The recovery of a region as a graph of steps with their durations: what waits for what, the critical path, and the RTO.

The clock runs from the incident, so noticing and deciding are in it, and stops when the traffic is in the recovery region. Every
duration comes from `strategy.model.durations`, and names its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from strategy.model.durations import Durations, Modelled
from strategy.model.strategy import Standby

_NONE = timedelta()


class Kind(StrEnum):
    """What a part of a step's time goes to."""

    PERSON = "person"
    AWS = "AWS"
    VERIFICATION = "verification"
    SMOKE_TEST = "smoke test"
    OWN = "our own"
    """Our functions' starts and calls, and the last wait between two looks: what this project could save."""


@dataclass(frozen=True)
class Part:
    """Time of one kind; `takes` is None where the model has no answer."""

    kind: Kind
    takes: timedelta | None
    source: str


@dataclass(frozen=True)
class Return:
    """How one store comes back."""

    name: str
    takes: timedelta | None
    source: str
    from_backup: bool = True
    """False for a replica: it is promoted, or simply there, and its content never went through a backup."""


@dataclass(frozen=True)
class Task:
    """One step of the workflow, and the steps it waits for."""

    name: str
    after: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def takes(self) -> timedelta | None:
        return _sum(self.parts)

    @property
    def waits(self) -> timedelta | None:
        """Without what is our own."""
        return _sum(tuple(part for part in self.parts if part.kind is not Kind.OWN))

    @property
    def own(self) -> timedelta:
        return _sum(tuple(part for part in self.parts if part.kind is Kind.OWN)) or _NONE


CUT_OVER = "cut over"
"""The step whose end is the RTO's."""


def region_tasks(durations: Durations, tier: Standby, returns: Mapping[str, Return]) -> tuple[Task, ...]:
    """The steps of `recover-region` in their order. `returns` is by store; they run beside one another and the activation."""
    flow = durations.workflow
    own, look = _part(Kind.OWN, flow.step), _part(Kind.OWN, flow.poll)
    to_decide = max(durations.assessment.takes - flow.approval.takes, _NONE)
    beside = []
    for store, each in returns.items():
        looks = (own,) if each.takes == _NONE else (look, own)  # what is there already is seen at the first look
        beside.append(
            Task(f"{each.name} ({store})", ("approve the recovery",), (Part(Kind.AWS, each.takes, each.source), *looks))
        )
    activation = {
        Standby.BACKUP_AND_RESTORE: durations.infrastructure,
        Standby.PILOT_LIGHT: flow.services,
        Standby.WARM: flow.scaling,
    }
    beside.append(Task("activate the workload", ("approve the recovery",), (_part(Kind.AWS, activation[tier]), look, own)))
    beside.append(Task("check the buckets", ("approve the recovery",), (own,)))
    restored = any(each.from_backup for each in returns.values())
    check = durations.verification if restored else flow.replica_check
    return (
        Task("assess", (), (Part(Kind.PERSON, to_decide, f"{durations.assessment.source}, less the approval"), own)),
        # The strategy's assessment ends with the decision: the approval is its last part, not an addition.
        Task("approve the recovery", ("assess",), (_part(Kind.PERSON, flow.approval),)),
        *beside,
        Task("passwords and endpoints", tuple(each.name for each in beside), (_part(Kind.AWS, flow.wiring), own)),
        Task("verify the data", ("passwords and endpoints",), (_part(Kind.VERIFICATION, check), own)),
        Task("smoke test", ("verify the data",), (_part(Kind.SMOKE_TEST, flow.smoke_test), own)),
        Task("approve the cutover", ("smoke test",), (_part(Kind.PERSON, flow.approval),)),
        Task(CUT_OVER, ("approve the cutover",), (_part(Kind.AWS, flow.switch), own)),
        Task("watch", (CUT_OVER,), (_part(Kind.SMOKE_TEST, flow.watch),)),
        Task("protect", ("watch",), (own,)),
    )


@dataclass(frozen=True)
class Placed:
    """A step on the clock that starts with the incident."""

    task: Task
    start: timedelta
    end: timedelta
    critical: bool
    """On the path that decides the RTO."""


@dataclass(frozen=True)
class Timeline:
    """Steps in their order, on the clock."""

    steps: tuple[Placed, ...]

    @property
    def path(self) -> tuple[Task, ...]:
        """The critical path, first to last."""
        return tuple(each.task for each in self.steps if each.critical)

    @property
    def rto(self) -> timedelta | None:
        """From the incident to the traffic; None where a duration on the path is not known."""
        known = [task.takes for task in self.path if task.takes is not None]
        return sum(known, _NONE) if len(known) == len(self.path) else None

    @property
    def overhead(self) -> timedelta:
        """What of the critical path is our own."""
        return sum((task.own for task in self.path), _NONE)

    @property
    def overhead_share(self) -> float | None:
        """0…1 of the RTO."""
        return self.overhead / self.rto if self.rto else None


def place(tasks: tuple[Task, ...]) -> Timeline:
    """Each step as early as it can be. One whose duration is not known counts as the longest, and ends where it starts."""
    ends: dict[str, tuple[int, timedelta]] = {}
    starts: dict[str, timedelta] = {}
    before: dict[str, str | None] = {}
    for task in tasks:
        last = max(task.after, key=lambda name: ends[name], default=None)
        unknown, start = ends[last] if last else (0, _NONE)
        starts[task.name], before[task.name] = start, last
        ends[task.name] = (unknown + (task.takes is None), start + (task.takes or _NONE))
    critical: set[str] = set()
    step: str | None = CUT_OVER
    while step is not None:
        critical.add(step)
        step = before[step]
    return Timeline(tuple(Placed(each, starts[each.name], ends[each.name][1], each.name in critical) for each in tasks))


def _part(kind: Kind, modelled: Modelled) -> Part:
    return Part(kind, modelled.takes, modelled.source)


def _sum(parts: tuple[Part, ...]) -> timedelta | None:
    known = [part.takes for part in parts if part.takes is not None]
    return sum(known, _NONE) if len(known) == len(parts) else None
