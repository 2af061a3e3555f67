"""What an attempt at a region leaves behind: one record, with the clock running from the incident. For a reader at 3 a.m."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from components.tasks import CAUGHT
from dr_stack.workflow.record import FAILED, RECOVERED, VERIFICATION_FAILED
from dr_stack.workflow.steps import AnyStep, polls_of
from strategy import Strategy
from strategy.catalogue.region_steps import RegionStep

_NOTHING: dict[str, Any] = {
    "attempt": 0,
    "failed_step": "",
    "problem": "",
    "assessment": {},
    "approved": {},
    "stores": [],
    "workload": {},
    "buckets": {},
    "wired": {},
    "proved": {},
    "opened": {},
    "smoke": {},
    "approved_cutover": {},
    "thrown": {},
    "watched": {},
    "protected": {},
}
"""Variables of an attempt before its first step. Whatever ends it finds all of them."""
_DRILLED = "drilled"
_UNVERIFIED = "$count($stores[verification.verdict in ['failed', 'not_checked']][recovered = false]) > 0"
_OUTCOME = f"($failed_step = '' ? '{RECOVERED}' : {_UNVERIFIED} ? '{VERIFICATION_FAILED}' : '{FAILED}')"
_STORES = (
    "[$map($stores, function($s) { $merge([$sift($s, function($v, $k) { $k in ['store', 'recovered', 'source', 'resource', "
    "'data_of', 'lost_seconds', 'lost', 'passed_over', 'problem', 'verification'] }), "
    "{'plan_id': $exists($s.plan.plan_id) ? $s.plan.plan_id : ''}]) })]"
)
TEST_LINES = (
    "($count($smoke.services) = 0 ? 'no service' : "
    "$join([$smoke.services.(service & ': ' & (health = 'passed' and read = 'passed' ? 'passed' : health & ', ' & read))], '; '))"
)
_EXISTS = (
    "$join($append([$stores[recovered].(store & ' is back as ' & resource)], ["
    "($count($keys($wired)) > 0 ? 'the endpoints of this region name them' : 'no endpoint was moved'), "
    "($count($keys($thrown)) > 0 ? 'the switch is thrown: customers are led here' : 'no traffic was moved'), "
    "'nothing was deleted'"
    "]), '; ')"
)


def clock(step: AnyStep) -> str:
    """The variable that says when a step was last at work."""
    return f"ended_{step.name.lower()}"


def beginning(strategy: Strategy) -> dict[str, Any]:
    """Fails here and now, not when the record is written hours later, on what is no plan."""
    proofs = {polls_of(RegionStep.WIRE, f"{each.name}-used"): 0 for each in strategy.stores}
    return {
        **_NOTHING,
        **proofs,
        polls_of(RegionStep.WIRE, "open"): 0,
        **{polls_of(step): 0 for step in (RegionStep.APPROVE, RegionStep.SMOKE, RegionStep.APPROVE_CUTOVER, RegionStep.WATCH)},
        **{clock(step): "" for step in RegionStep},
        **{f"its_{each}": f"{{% $plan.{each} %}}" for each in ("plan_id", "incident", "lost_region", "stores")},
    }


def of_attempt(strategy: Strategy, region: str) -> dict[str, Any]:
    """The record of an attempt that came to a step's end, good or bad."""
    where = f" --env {strategy.environment} --region {region}"
    return {
        **_common(region),
        "attempt": "{% $attempt %}",
        "made_by": "{% $plan.made_by %}",
        "approved": "{% $approved %}",
        "outcome": f"{{% {_OUTCOME} %}}",
        "step": "{% $failed_step %}",
        "problem": "{% $failed_step = '' ? '' : $failed_step & ': ' & $problem %}",
        "exists": f"{{% {_EXISTS} %}}",
        "since_incident_seconds": "{% $round(($toMillis($now()) - $toMillis($plan.incident)) / 1000) %}",
        "steps": f"{{% {_steps(RegionStep)} %}}",
        "assessment": "{% $assessment %}",
        "stores": f"{{% {_STORES} %}}",
        "workload": "{% $workload %}",
        "buckets": "{% $buckets %}",
        "wired": "{% $wired %}",
        "opened": "{% $opened %}",
        "smoke_test": "{% $smoke %}",
        "approved_cutover": "{% $approved_cutover %}",
        "thrown": "{% $thrown %}",
        "watched": "{% $watched %}",
        "protected": "{% $protected %}",
        "next": f"{{% $lookup({_next(where)}, $plan.drill and $failed_step = '' ? '{_DRILLED}' : {_OUTCOME}) %}}",
    }


def of_error(region: str) -> dict[str, Any]:
    """The record of an attempt that broke off in the workflow itself: sure of nothing, not even of its plan."""
    return {
        **_common(region),
        "plan_id": "{% $exists($plan.plan_id) ? $plan.plan_id : $states.context.Execution.Name %}",
        "incident": "{% $exists($plan.incident) ? $plan.incident : 'unknown' %}",
        "lost_region": "{% $exists($plan.lost_region) ? $plan.lost_region : 'unknown' %}",
        "outcome": FAILED,
        "step": "",
        "problem": f"{{% {CAUGHT} %}}",
        "exists": "whatever was restored was left in place; nothing was deleted",
        "stores": [],
        "next": "Start with a plan of `python -m recovery plan region`, whole and unchanged; or resume the plan when it was one.",
    }


def _common(region: str) -> dict[str, Any]:
    return {
        "plan_id": "{% $plan.plan_id %}",
        "incident": "{% $plan.incident %}",
        "lost_region": "{% $plan.lost_region %}",
        "region": region,
        "execution": "{% $states.context.Execution.Id %}",
        "started": "{% $started %}",
        "finished": "{% $now() %}",
    }


def _steps(steps: Iterable[RegionStep]) -> str:
    """A JSONata array: of each step that was at work, when it ended, and how long after the incident that was."""
    each = ", ".join(f"{{'step': '{step}', 'ended': ${clock(step)}}}" for step in steps if step is not RegionStep.RECORD)
    since = "$round(($toMillis($s.ended) - $toMillis($plan.incident)) / 1000)"
    return f"[$map([{each}][ended != ''], function($s) {{ $merge([$s, {{'since_incident_seconds': {since}}}]) }})]"


def _next(where: str) -> str:
    """A JSONata object, by outcome. `§` stands for the plan's id."""
    texts = {
        RECOVERED: "Customers are served here, from the restored stores. Make this region the primary, so that the backup rules "
        "run here: swap primary and recovery in the environment's file and deploy. Coming back is the same recovery, the other "
        "way round.",
        _DRILLED: "The services of this region use the restored stores, and passed. It was a drill: no traffic was moved. Take "
        "down what it made: python -m recovery cleanup §" + where,
        VERIFICATION_FAILED: "A restored store differs from its manifest or could not be checked, and is not used. Read its "
        "report; then plan again with --at a moment before the damage.",
        FAILED: f"Mend the cause, then: python -m recovery resume §{where}. What is done is kept, what runs is joined, nothing "
        "is made twice.",
    }
    spelled = (f"{json.dumps(key)}: $replace({json.dumps(text)}, '§', $plan.plan_id)" for key, text in texts.items())
    return "{" + ", ".join(spelled) + "}"
