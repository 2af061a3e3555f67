"""What a drill leaves behind: one record, failed or passed, for the auditor, the status and whoever reads it at 3 a.m.

format, kind ("drill" | "integrity"), at, by, outcome ("passed" | "failed" | "not-checked"), problem, next
environment, region, route, store, plan_id, execution, software (digest of the code that judged)
started, finished, seconds   of the whole drill, its teardown included
source       {name, arn, recovery_point or null}, and `data_of`: the moment of what came back
rpo_seconds  how old the newest data there was when the drill was planned; null for integrity, whose moment is the manifest's
rto_seconds  from the restore's start until its data was verified; null where it was not
steps        [{step, state, began, ended, seconds, expected_seconds}]
manifest_key, report_key, restore_key   of the evidence bucket; null where there is none
verification {verdict, summary, levels}
teardown     {made, proven, gone_at or null, problem}: nothing but AWS's own "not found" proves it
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from recovery.evidence import bucket
from recovery.moments import moment_text
from recovery.restore.plan import Plan
from strategy.catalogue.drill_steps import FORMAT, Purpose
from strategy.contracts.drills import DrillRecordRequest

PASSED, FAILED, NOT_CHECKED = "passed", "failed", "not-checked"


@dataclass(frozen=True, slots=True)
class Ended:
    """What the workflow knows at its end. `restore` and `torn` are its steps' answers, empty where they did not come so far;
    `trouble` is what kept it from having a plan. `asked`: the execution's input.
    """

    environment: str
    region: str
    execution: str
    asked: Mapping[str, Any]
    plan: Plan | None
    restore: Mapping[str, Any]
    torn: Mapping[str, Any]
    trouble: str
    started: datetime

    @property
    def purpose(self) -> Purpose:
        return Purpose(self.asked.get("purpose", Purpose.DRILL))

    @property
    def route(self) -> str:
        return str(self.plan.route) if self.plan else str(self.asked.get("route", "unknown"))

    @property
    def store(self) -> str:
        return self.plan.store if self.plan else str(self.asked.get("store", "unknown"))

    @property
    def proven(self) -> bool:
        """Nothing of it is left. Without a plan nothing was made."""
        return self.plan is None or bool(self.torn.get("proven"))


def ended_of(request: DrillRecordRequest) -> Ended:
    return Ended(
        environment=request.environment,
        region=request.region,
        execution=request.execution,
        asked=request.asked,
        plan=Plan.from_json(request.plan) if request.plan else None,
        restore=request.restore,
        torn=request.torn,
        trouble=request.trouble,
        started=datetime.fromisoformat(request.started).astimezone(UTC),
    )


def compose(ended: Ended, *, now: datetime, software: str) -> tuple[str, dict[str, Any]]:
    """The record's key in the evidence bucket, and the record."""
    plan, restore = ended.plan, ended.restore
    outcome, problem = _judged(ended)
    verification = restore.get("verification") or {}
    name = ended.route if ended.purpose is Purpose.DRILL else ended.store
    plan_id = plan.plan_id if plan else ended.execution.rpartition(":")[2][:8]
    shown = plan.as_json() if plan else {}
    record = {
        "format": FORMAT,
        "kind": str(ended.purpose),
        "at": moment_text(now),
        "by": str(ended.asked.get("by", "schedule")),
        "outcome": outcome,
        "problem": problem,
        "next": _next(ended, outcome),
        "environment": ended.environment,
        "region": ended.region,
        "route": ended.route,
        "store": ended.store,
        "plan_id": plan_id,
        "execution": ended.execution,
        "software": software,
        "started": moment_text(ended.started),
        "finished": moment_text(now),
        "seconds": round((now - ended.started).total_seconds(), 1),
        "source": {**shown["source"], "recovery_point": shown["recovery_point"]} if plan else None,
        "data_of": moment_text(plan.data_of) if plan else None,
        "rpo_seconds": _rpo(plan, ended.purpose),
        "rto_seconds": _between(restore.get("started"), restore.get("verified_at")),
        "steps": list(restore.get("steps", [])),
        "manifest_key": plan.manifest_key if plan else None,
        "report_key": verification.get("report_key"),
        "restore_key": restore.get("record_key") or None,
        "verification": {key: verification.get(key) for key in ("verdict", "summary", "levels")} if verification else None,
        "teardown": {
            "made": plan.target.name if plan else None,
            "proven": ended.proven,
            "gone_at": ended.torn.get("gone_at"),
            "problem": str(ended.torn.get("problem", "")),
        },
    }
    return bucket.drill_key(ended.purpose.folder, name, ended.started, plan_id), record


def _judged(ended: Ended) -> tuple[str, str]:
    """A drill passes when its data was verified and nothing of it is left; what could not be compared is not checked."""
    verdict = (ended.restore.get("verification") or {}).get("verdict")
    problems = [ended.trouble, str(ended.restore.get("problem", ""))]
    if "clean" in ended.asked:
        problems.append(f"the drill {ended.asked['clean']} was ended from outside")
    if not ended.proven:
        made = ended.plan.target.name if ended.plan else ""
        problems.append(f"it is not proven that {made} is gone: {ended.torn.get('problem') or 'nobody looked'}")
    problem = "; ".join(each for each in problems if each)
    if ended.proven and ended.restore.get("outcome") == "recovered" and verdict == "passed" and not problem:
        return PASSED, ""
    if ended.proven and verdict == "not_checked":
        return NOT_CHECKED, problem
    return FAILED, problem or "it ended without a verdict"


def _next(ended: Ended, outcome: str) -> str:
    where = f"--env {ended.environment} --region {ended.region}"
    if not ended.proven and ended.plan:
        return f"It may still be there, and cost: python -m recovery cleanup {ended.plan.plan_id} {where}"
    again = f"python -m recovery drill --route {ended.route} --store {ended.store} {where}"
    if outcome == PASSED:
        return "Nothing: what was made is gone, and the application was not touched."
    if outcome == NOT_CHECKED:
        return f"The content could not be compared. See that manifests are written, then drill again: {again}"
    return f"This route is not proved: on the night it might fail in the same way. Mend the cause, then: {again}"


def _rpo(plan: Plan | None, purpose: Purpose) -> int | None:
    if plan is None or purpose is Purpose.INTEGRITY:
        return None
    return max(0, int((plan.made - plan.data_of).total_seconds()))


def _between(began: str | None, ended: str | None) -> float | None:
    if not began or not ended:
        return None
    return round((datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds(), 1)
