"""What an attempt leaves behind: one record, in the evidence bucket, to the people, and as the execution's output.

It says how it ended, what exists now, and which command comes next; for a reader at 3 a.m.
"""

from __future__ import annotations

import json
from typing import Any

from components.tasks import CAUGHT
from dr_stack.workflow.record import FAILED, RECOVERED, VERIFICATION_FAILED
from dr_stack.workflow.steps import polls_of
from strategy import Strategy
from strategy.catalogue.routes import Mode, Step

_NOTHING: dict[str, Any] = {
    "attempt": 0,
    "checked": [],
    "failed_step": "",
    "problem": "",
    "target_made": False,
    "job_id": "",
    "endpoint": {},
    "put_back": [],
    "settings": {},
    "accounts": [],
    "passwords": {},
    "verification": {},
    "fence": {},
    "switch": {},
    "prove": {},
    "repair": {},
    "polls_job": 0,
    "polls_unknown": 0,
    **{polls_of(step): 0 for step in (Step.RESTORE, Step.SETTINGS, Step.PASSWORDS, Step.PROVE, Step.REPAIR)},
}
"""Variables of an attempt before its first step. Whatever ends it finds all of them."""

_VERIFIED = "$verification.verdict = 'passed'"
_OUTCOME = (
    f"($failed_step != '' ? '{FAILED}' : "
    f"{_VERIFIED} or ($verification.verdict = 'not_checked' and $type($plan.accept_unverified) = 'string') "
    f"? '{RECOVERED}' : '{VERIFICATION_FAILED}')"
)
_PROBLEM = f"($failed_step != '' ? $failed_step & ': ' & $problem : {_VERIFIED} ? '' : $verification.summary)"
_EXISTS = (
    "$join(["
    "($target_made ? $plan.target.name & ' exists' : 'nothing was made'), "
    "($exists($fence.fenced) and $fence.fenced ? 'writers to ' & $plan.source.name & ' are stopped' : ()), "
    "($exists($switch.now) ? 'the endpoint names ' & $plan.target.name : ()), "
    "$plan.source.name & ' was not deleted'"
    "], '; ')"
)


def beginning() -> dict[str, Any]:
    """Fails here and now, not when the record is written hours later, on what is no plan."""
    return {**_NOTHING, **{f"its_{each}": f"{{% $plan.{each} %}}" for each in ("plan_id", "route", "store", "target", "source")}}


def of_attempt(strategy: Strategy, region: str) -> dict[str, Any]:
    """The record of an attempt that came to a step's end, good or bad."""
    where = f" --env {strategy.environment} --region {region}"
    return {
        **_common(region),
        "route": "{% $plan.route %}",
        "mode": "{% $plan.mode %}",
        "drill": "{% $plan.drill %}",
        "store": "{% $plan.store %}",
        "attempt": "{% $attempt %}",
        "source": "{% $plan.source %}",
        "target": "{% $plan.target %}",
        "data_of": "{% $type($plan.moment) = 'string' ? $plan.moment : $plan.recovery_point.created %}",
        "outcome": f"{{% {_OUTCOME} %}}",
        "step": "{% $failed_step %}",
        "problem": f"{{% {_PROBLEM} %}}",
        "lost_since": "{% $exists($verification.lost_since) ? $verification.lost_since : null %}",
        "accepted_unverified": "{% $plan.accept_unverified %}",
        "exists": f"{{% {_EXISTS} %}}",
        "checked": "{% [$checked] %}",
        "put_back": "{% [$put_back] %}",
        "settings": "{% $settings %}",
        "passwords": "{% $passwords %}",
        "verification": "{% $verification %}",
        "fence": "{% $fence %}",
        "switch": "{% $switch %}",
        "prove": "{% $prove %}",
        "repair": "{% $repair %}",
        "next": f"{{% $lookup({_next(where)}, {_OUTCOME} = '{RECOVERED}' ? $plan.mode : {_OUTCOME}) %}}",
    }


def of_error(region: str) -> dict[str, Any]:
    """The record of an attempt that broke off in the workflow itself: sure of nothing, not even of its plan."""
    return {
        **_common(region),
        "plan_id": "{% $exists($plan.plan_id) ? $plan.plan_id : $states.context.Execution.Name %}",
        "outcome": FAILED,
        "step": "",
        "problem": f"{{% {CAUGHT} %}}",
        "exists": "whatever was restored was left in place; nothing was deleted",
        "next": "Start with a plan of `python -m recovery plan`, whole and unchanged; or resume the plan when it was one.",
    }


def _common(region: str) -> dict[str, Any]:
    return {
        "plan_id": "{% $plan.plan_id %}",
        "region": region,
        "execution": "{% $states.context.Execution.Id %}",
        "started": "{% $started %}",
        "finished": "{% $now() %}",
    }


def _next(where: str) -> str:
    """A JSONata object: by mode after a success, by outcome after a failure. `§` stands for the plan's id."""
    texts = {
        Mode.SWITCH: "The application uses the restored store. Adopt it, so that it is backed up and the next deployment knows "
        f"it: python -m recovery adopt §{where}. The old store was left as it was, without writers.",
        Mode.BESIDE: "The restored store stands beside the old one, and the application does not use it. "
        f"python -m recovery cleanup §{where} shows it.",
        Mode.REPAIR: "The live table has the restored values again; what is only in it was left alone. The restored table stands "
        f"beside it: python -m recovery cleanup §{where} shows it.",
        VERIFICATION_FAILED: "The restored store differs from its manifest or could not be checked, and is not used. Read the "
        "report, then restore to another moment or point, or, where it could not be checked, plan again with "
        "--accept-unverified REASON.",
        FAILED: f"Mend the cause, then: python -m recovery resume §{where}. What is there is found, nothing is made twice. To "
        f"give it up: python -m recovery cleanup §{where} shows what is left.",
    }
    spelled = (f"{json.dumps(str(key))}: $replace({json.dumps(text)}, '§', $plan.plan_id)" for key, text in texts.items())
    return "{" + ", ".join(spelled) + "}"
