"""What can go wrong under a restore, each as a context: inside it the trouble is there, after it the trouble is over.

Which call is throttled, how often, and in which step an execution is stopped comes from the run's seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from werkzeug.wrappers import Response

from aws_rehearsal import Cloud, operations, refusal
from recovery.restore.plan import Plan
from rehearsal.scenarios.fault_context import Night
from rehearsal.scenarios.store_faults import disk_full, job_fails, job_never_ends, key_disabled, name_taken, point_deleted
from strategy.catalogue import names as naming
from strategy.catalogue.routes import Mode, Route, Step

FUNCTIONS: Mapping[Step, tuple[str, ...]] = {
    Step.CLAIM: ("restore-claim",),
    Step.CHECK: ("restore-check",),
    Step.RESTORE: ("restore-begin",),
    Step.SETTINGS: ("restore-settings",),
    Step.PASSWORDS: ("restore-passwords",),
    Step.VERIFY: ("verify-mysql", "verify-dynamodb"),
    Step.FENCE: ("restore-cutover",),
    Step.SWITCH: ("restore-cutover",),
    Step.PROVE: ("restore-cutover",),
    Step.REPAIR: ("restore-repair",),
}
"""By the step they work for."""
_NOT_THROTTLED = frozenset({"states", "logs", "sts"})
"""Who drives the workflow, rather than being called by it."""


Trouble = Callable[[Night], AbstractContextManager[None]]


@contextmanager
def throttling(night: Night) -> Iterator[None]:
    """Some operation is throttled, once or many times in a row."""
    skip, times = night.chance.randrange(60), night.chance.choice((1, 2, 3, 6, 30))
    chosen: list[tuple[str, str]] = []
    given = 0

    def answer(_region: str, service: str, operation: str) -> Response | None:
        nonlocal skip, given
        if service in _NOT_THROTTLED or not service:
            return None
        if not chosen:
            skip -= 1
            if skip >= 0:
                return None
            chosen.append((service, operation))
        if (service, operation) != chosen[0] or given >= times:
            return None
        given += 1
        return throttled(service)

    with put_in(night.cloud.gateway.interceptors, answer):
        yield


def throttled(service: str) -> Response:
    """As the service says it."""
    if service == "lambda":
        return refusal(service, "TooManyRequestsException", "Rate exceeded", status=429)
    if service == "s3":
        return refusal(service, "SlowDown", "Slow down", status=503)
    code = "Throttling" if operations.protocol(service) in {"query", "ec2"} else "ThrottlingException"
    return refusal(service, code, "Rate exceeded", status=400)


@contextmanager
def execution_stopped(night: Night) -> Iterator[None]:
    """Somebody stops the execution just as the function of one step begins its work."""
    step = night.chance.choice([each.step for each in night.plan.steps if each.step in FUNCTIONS])
    with at_step(night.cloud, night.plan, step, night.stop):
        yield


@contextmanager
def nothing(night: Night) -> Iterator[None]:  # noqa: ARG001  as above
    """Of AWS's; the operator's own process is killed instead."""
    yield


ABANDONED = "operator gone"
TROUBLES: Mapping[str, Trouble] = {
    "throttling": throttling,
    "restore job fails": job_fails,
    "restore job never ends": job_never_ends,
    "recovery point deleted": point_deleted,
    "key disabled": key_disabled,
    "target name taken": name_taken,
    "disk full": disk_full,
    ABANDONED: nothing,
    "execution stopped": execution_stopped,
}


@contextmanager
def at_step(cloud: Cloud, plan: Plan, step: Step, act: Callable[[], object]) -> Iterator[None]:
    """Once, `act` just before the function of a step begins its work."""
    names = {naming.function(plan.prefix, each) for each in FUNCTIONS[step]}
    done: list[str] = []

    def notice(region: str, function: str, event: Any) -> None:
        action = event.get("action", step.name.lower()) if isinstance(event, dict) else step.name.lower()
        if not done and region == plan.region and function in names and action == step.name.lower():
            done.append(function)
            act()

    with put_in(cloud.before_invoke, notice):
        yield


def fitting(route: Route, mode: Mode) -> list[str]:
    """Troubles that a route can have; more than one mention is more likely."""
    common = ["throttling", "throttling", "target name taken", ABANDONED, "execution stopped", "execution stopped"]
    if route.kind == "mysql":
        common += ["disk full", "key disabled"]
    if not route.to_a_moment:
        common += ["restore job fails", "recovery point deleted"]
        common += ["restore job never ends"] if mode is Mode.BESIDE else []
    return common


@contextmanager
def put_in(hooks: list[Any], hook: Any) -> Iterator[None]:
    hooks.append(hook)
    try:
        yield
    finally:
        hooks.remove(hook)
