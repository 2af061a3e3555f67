"""How a restore goes on and how it ended, for people; and at its end as JSON.

The JSON is a contract: keys are added, never renamed or removed while `format` stays the same.

format      1
plan_id, attempt, execution
status      Step Functions' own word
outcome     "recovered" | "verification-failed" | "failed"; exit code 0 only for the first
steps       [{step, state: "done" | "running" | "waiting" | "failed", began, ended: null where not yet, expected_seconds or null}]
step, problem, exists, next   where it failed, why, what is there now, and what to do: empty or a sentence
record      what the workflow wrote into the evidence bucket; empty when it was ended from outside
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console, Group
from rich.text import Text

from recovery.cli.console import table
from recovery.cli.times import age_text
from recovery.moments import moment_text
from recovery.restore.execution import RUNNING, Look
from recovery.restore.progress import StepProgress
from recovery.restore.region_plan import AnyPlan
from strategy.catalogue.routes import Step
from strategy.formatting import whole_seconds
from strategy.model.field_types import duration_text

FORMAT = 1
RECOVERED, FAILED = "recovered", "failed"
_LEFT = "whatever was restored was left in place; nothing was deleted"
_BETWEEN = frozenset({Step.FENCE, Step.SWITCH, Step.PROVE})
_STANDS_STILL = "; writers to the old store may be stopped, and the application without one: resume at once"
_STYLES = {"done": "green", "running": "bold", "waiting": "dim", "failed": "bold red"}


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended, whoever ended it."""

    outcome: str
    step: str
    problem: str
    exists: str
    next: str

    @classmethod
    def of(cls, plan: AnyPlan, look: Look, *, resume: str) -> Ended:
        record, last = look.record, look.progress.last_step()
        step = str(record.get("step") or ("" if record else last.value if last else ""))
        said = look.status.lower().replace("_", " ")
        problem = record.get("problem", f"the attempt was ended from outside ({said}), by hand or by its time limit")
        return cls(
            outcome=str(record.get("outcome") or FAILED),
            step=step,
            problem=str(problem),
            exists=str(record.get("exists") or f"{plan.makes}: {_LEFT}{_STANDS_STILL if last in _BETWEEN else ''}"),
            next=str(record.get("next") or f"Fix the cause, then: {resume}"),
        )

    @property
    def recovered(self) -> bool:
        return self.outcome == RECOVERED


def as_json(plan: AnyPlan, look: Look, ended: Ended) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "plan_id": plan.plan_id,
        "attempt": _attempt(look),
        "execution": look.execution,
        "status": look.status,
        "outcome": ended.outcome,
        "steps": [
            {
                "step": each.step,
                "state": each.state,
                "began": moment_text(each.began) if each.began else None,
                "ended": moment_text(each.ended) if each.ended else None,
                "expected_seconds": whole_seconds(each.expected),
            }
            for each in look.progress.steps(look.status, ended.step)
        ],
        "step": ended.step,
        "problem": ended.problem,
        "exists": ended.exists,
        "next": ended.next,
        "record": look.record,
    }


def live(plan: AnyPlan, look: Look, now: datetime, out: Console) -> Group:
    """The whole picture, drawn anew at each look."""
    at = max(now, look.progress.latest or now)
    rows = table(out, "step", "state", "took", "takes at most", numbers=("took", "takes at most"))
    for each in look.progress.steps(look.status):
        elapsed = each.elapsed(at)
        rows.add_row(
            each.step.value,
            Text(each.state, _STYLES[each.state]),
            age_text(elapsed) if elapsed is not None else "-",
            duration_text(each.expected) if each.expected is not None else "-",
        )
    remaining = look.progress.remaining(at, look.status)
    foot = f"at most {age_text(remaining)} to go" if remaining else "longer than the strategy's figures" if _late(look) else ""
    said = look.trouble or (f"waiting for {look.progress.waits_for}" if look.progress.waits_for else "")
    head = Text(f"Plan {plan.plan_id}, attempt {_attempt(look)}: {plan.title}", style="bold")
    told = [Text(each) for each in (foot, said) if each]
    return Group(head, rows, *told, Text("Ctrl-C leaves; the restore goes on.", style="dim"))


def lines(look: Look) -> Iterator[str]:
    """One for each step that began, for what it waits for, and for each trouble; the caller leaves out what was said."""
    for each in look.progress.steps(look.status):
        if each.began is not None:
            yield f"{moment_text(each.began)} {each.step.value}{_expected(each)}"
    if look.status == RUNNING and look.progress.waits_for and look.progress.latest:
        current = look.progress.current
        yield f"  {current.value if current else ''}: waiting for {look.progress.waits_for}"
    if look.trouble:
        yield f"  {look.trouble}; looking again"


def show_end(plan: AnyPlan, look: Look, ended: Ended, out: Console) -> None:
    """The end of the page is what to do."""
    record = look.record
    out.print(Text(f"Plan {plan.plan_id}, attempt {_attempt(look)}: {plan.title}", style="bold"))
    if record.get("verification"):
        found = record["verification"]
        out.print(Text(f"verified  {found.get('verdict')}: {found.get('summary')}"))
        if found.get("report_key"):
            out.print(Text(f"report    {found['report_key']}"))
    settings = record.get("settings") or {}
    for each in settings.get("not_put_back", []):
        out.print(Text(f"not put back  {each.get('what')}: {each.get('because')}"))
    for line in region_lines(record):
        out.print(Text(line))
    last_write = (record.get("fence") or {}).get("last_write")
    if last_write:
        said = ", ".join(f"{key} {value}" for key, value in last_write.items()) if isinstance(last_write, dict) else last_write
        out.print(Text(f"last write to {record['source']['name']}  {said}"))
    if ended.recovered:
        took = _took(look)
        out.print(Text(f"RECOVERED{f' in {took}' if took else ''}: {plan.makes}", style="bold green"))
        if record.get("accepted_unverified") and (record.get("verification") or {}).get("verdict") != "passed":
            out.print(Text(f"NOT VERIFIED, accepted because: {record['accepted_unverified']}", style="yellow"))
    else:
        out.print(
            Text(f"{ended.outcome.replace('-', ' ').upper()}{f' in: {ended.step}' if ended.step else ''}", style="bold red")
        )
        out.print(Text(f"because   {ended.problem}"))
        out.print(Text(f"now       {ended.exists}"))
    out.print(Text(ended.next))


def region_lines(record: Mapping[str, Any]) -> Iterator[str]:
    """The late truth of a region: of each store, what it came from, and what was lost."""
    for each in record.get("stores") or []:
        for passed in each.get("passed_over") or []:
            yield f"{each['store']}  passed over: {passed['source']}, because {passed['because']}"
        if each.get("recovered"):
            lost = timedelta(seconds=each["lost_seconds"])
            yield f"{each['store']}  {each['verification'].get('verdict')}: {each['verification'].get('summary')}"
            yield f"{each['store']}  is {each['resource']}, from {each['source']}"
            yield f"{each['store']}  LOST: what was written in the {age_text(lost)} from {each['data_of']} to the incident"
            yield from (f"{each['store']}  {known}" for known in _known(each.get("lost") or {}))
    yield from _traffic(record)
    if record.get("since_incident_seconds") is not None:
        yield f"since the incident  {age_text(timedelta(seconds=record['since_incident_seconds']))}"


def _known(lost: Mapping[str, Any]) -> Iterator[str]:
    if newest := lost.get("newest"):
        yield f"newest write that came back: {newest}"
    if lost.get("rows") is not None:
        yield f"at least {lost['rows']} of what the manifest of {lost['counted_at']} counted are not here"


def _traffic(record: Mapping[str, Any]) -> Iterator[str]:
    """What the services' tests found, who moved the traffic, and what was seen then."""
    for each in (record.get("smoke_test") or {}).get("services") or []:
        yield f"{each['service']}  health check: {each['health']}; read through it: {each['read']}"
    now = (record.get("thrown") or {}).get("now")
    if now:
        yield f"traffic  is led to {now['serving']} since {now['since']}, by {now['by']}"
    watched = record.get("watched") or {}
    if watched.get("looks"):
        yield f"watched  {watched['looks']} looks from {watched['from']} to {watched['to']}"
        yield from (f"watched  {each}" for each in watched["troubles"])


def _attempt(look: Look) -> int:
    number = look.execution.rpartition("-")[2]
    return int(number) if number.isdigit() else 0


def _expected(step: StepProgress) -> str:
    return f" (at most {duration_text(step.expected)})" if step.expected is not None else ""


def _late(look: Look) -> bool:
    return look.status == RUNNING and any(each.state == "running" and each.expected for each in look.progress.steps(look.status))


def _took(look: Look) -> str:
    began = min((each.began for each in look.progress.steps(look.status) if each.began), default=None)
    return age_text(max(look.progress.latest - began, timedelta())) if began and look.progress.latest else ""
