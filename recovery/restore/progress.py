"""Where an attempt stands, step by step: told from the names of the states that its history entered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from recovery.restore.region_plan import AnyPlan
from strategy.catalogue.region_steps import RegionStep, region_step_of
from strategy.catalogue.routes import Step, step_of

AnyStep = Step | RegionStep

State = Literal["done", "running", "waiting", "failed"]


@dataclass(frozen=True, slots=True)
class StepProgress:
    """`expected` is the strategy's modelled duration, an upper figure; None where it models none."""

    step: AnyStep
    state: State
    began: datetime | None
    ended: datetime | None
    expected: timedelta | None

    def elapsed(self, now: datetime) -> timedelta | None:
        return max((self.ended or now) - self.began, timedelta()) if self.began else None


@dataclass
class Progress:
    """Fed with an execution's events in order, each once."""

    plan: AnyPlan
    waits_for: str = ""
    """What the current step said it waits for."""
    latest: datetime | None = None
    """When something last happened, by AWS's clock."""
    _began: dict[AnyStep, datetime] = field(default_factory=dict)
    _ended: dict[AnyStep, datetime] = field(default_factory=dict)
    _current: AnyStep | None = None

    def add(self, events: Iterable[Mapping[str, Any]]) -> None:
        for event in events:
            self.latest = event["timestamp"].astimezone(UTC)
            entered = event.get("stateEnteredEventDetails", {}).get("name")
            step = step_of(entered) or region_step_of(entered) if entered else None
            if step is not None:
                self._enter(step, self.latest)
            self.waits_for = waiting_for(event) or self.waits_for

    @property
    def current(self) -> AnyStep | None:
        return self._current

    def steps(self, status: str, failed: str = "") -> tuple[StepProgress, ...]:
        """`status` is the execution's; `failed` the step that its record names, where it has one."""
        return tuple(self._step(each.step, each.expected_seconds, status, failed) for each in self.plan.steps)

    def last_step(self) -> AnyStep | None:
        """The last one entered, the record apart, which is written whatever happened."""
        return next((step for step in reversed(self._began) if step.value != Step.RECORD.value), None)

    def remaining(self, now: datetime, status: str) -> timedelta | None:
        """By the strategy's figures; None when they are used up."""
        if status != "RUNNING":
            return None
        left = timedelta()
        for each in self.steps(status):
            if each.expected is not None and each.state in {"running", "waiting"}:
                left += max(each.expected - (each.elapsed(now) or timedelta()), timedelta())
        return left or None

    def _enter(self, step: AnyStep, at: datetime) -> None:
        if step is not self._current:
            if self._current is not None:
                self._ended[self._current] = at
            self._current, self.waits_for = step, ""
        self._began.setdefault(step, at)

    def _step(self, step: AnyStep, seconds: int | None, status: str, failed: str) -> StepProgress:
        began, ended = self._began.get(step), self._ended.get(step)
        if step is self._current and status != "RUNNING":
            ended = self.latest
        last = self.last_step()
        state: State = "waiting" if began is None else "done"
        if status == "RUNNING":
            state = "running" if step is self._current else state
        elif status != "SUCCEEDED" and began and step.value == (failed or (last.value if last else "")):
            state = "failed"
        return StepProgress(step, state, began, ended, timedelta(seconds=seconds) if seconds is not None else None)


def waiting_for(event: Mapping[str, Any]) -> str:
    """What a poll's answer says the step waits for: the functions' own words, or the state of the job or the store."""
    try:
        answer = json.loads(event.get("taskSucceededEventDetails", {}).get("output") or "{}")
    except ValueError:
        return ""
    if not isinstance(answer, dict):
        return ""
    payload = answer.get("Payload")
    if isinstance(payload, dict):
        return str(payload.get("waiting_for") or "")
    if "RestoreJobId" in answer:
        percent = answer.get("PercentDone")
        return f"the restore job, {answer.get('Status')}" + (f" ({percent})" if percent else "")
    for instance in answer.get("DbInstances", [])[:1]:
        return f"the instance, {instance.get('DbInstanceStatus')}"
    return f"the table, {answer['Table'].get('TableStatus')}" if isinstance(answer.get("Table"), dict) else ""
