"""What the steps of a route are made of: a function that is called once, or again each minute until it says that it is done.

Every task has a timeout, retries for what passes by itself, and a catch that ends the attempt with the step's name. States that
are not a step's main one carry its title, a colon and a word, so that a history tells which step it is in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aws_cdk import Duration
from aws_cdk.aws_lambda import IFunction
from aws_cdk.aws_stepfunctions import Choice, Condition, DistributedMap, IChainable, INextable, TaskStateBase, Wait, WaitTime
from constructs import Construct

from components.tasks import ANY, CAUGHT, invoke
from strategy.catalogue.drill_steps import DrillStep
from strategy.catalogue.region_steps import RegionStep
from strategy.catalogue.routes import Step
from strategy.contracts.contract import Template

AnyStep = Step | RegionStep | DrillStep

EVERY = timedelta(minutes=1)
"""Between two looks: an execution's history holds 25,000 events."""
WITHIN = timedelta(hours=12)
"""The recovery time that is promised: what is not done by then is a failure to tell people about."""
SETTLES = timedelta(hours=2)
"""Settings, passwords and services: long past what AWS takes, short enough to be told the same night."""
_WAIT = WaitTime.duration(Duration.seconds(int(EVERY.total_seconds())))
TIMEOUT = Duration.minutes(5)
LONG_TIMEOUT = Duration.minutes(15)
"""Of functions that read whole stores; Lambda's longest."""


@dataclass(frozen=True)
class Part:
    """A piece of a flow: entered at `start`, left at `end`."""

    start: IChainable
    end: INextable

    def then(self, following: Part) -> Part:
        self.end.next(following.start)
        return Part(self.start, following.end)


def failing(step: AnyStep, problem: str, *, branch: bool = False) -> dict[str, str]:
    """Variables of an attempt that ends here; `problem` is text or an expression.

    A branch has its own: a variable of what is around it cannot be assigned inside.
    """
    if branch:
        return {"branch_problem": problem}
    return {"failed_step": step.value, "problem": problem}


def catch(task: TaskStateBase | DistributedMap, step: AnyStep, ended: IChainable, *, branch: bool = False) -> None:
    task.add_catch(ended, errors=ANY, assign=failing(step, f"{{% {CAUGHT} %}}", branch=branch))


def once(
    scope: Construct,
    step: AnyStep,
    *,
    function: IFunction,
    request: Template[Any],
    assign: Mapping[str, Any],
    ended: IChainable,
    timeout: Duration = TIMEOUT,
    of: str = "",
    branch: bool = False,
) -> Part:
    """The step is one call; or, `of` something, one of its calls."""
    task = invoke(
        scope,
        _id(step, of),
        name=titled(step, of),
        function=function,
        request=request,
        timeout=timeout,
        assign=dict(assign),
    )
    catch(task, step, ended, branch=branch)
    return Part(task, task)


def again(
    scope: Construct,
    step: AnyStep,
    *,
    function: IFunction,
    request: Template[Any],
    assign: Mapping[str, Any],
    done: str,
    ended: IChainable,
    waiting_for: str = "$states.result.Payload.waiting_for",
    within: timedelta = SETTLES,
    timeout: Duration = TIMEOUT,
    of: str = "",
    branch: bool = False,
) -> Part:
    """Called until `done`, a JSONata condition over what was assigned, holds; bounded. `waiting_for` is evaluated in the call."""
    polls, count, said = within // EVERY, polls_of(step, of), "branch_waiting_for" if branch else "waiting_for"
    place = Construct(scope, _id(step, of))
    task = invoke(
        place,
        "Call",
        name=titled(step, of),
        function=function,
        request=request,
        timeout=timeout,
        assign={**assign, said: f"{{% {waiting_for} %}}", count: f"{{% ${count} + 1 %}}"},
    )
    catch(task, step, ended, branch=branch)
    settled = Choice.jsonata(place, "Settled", state_name=titled(step, of, "done?"))
    wait = pause(place, step, *[each for each in (of, "wait") if each])
    settled.when(
        Condition.jsonata(f"{{% $not({done}) and ${count} >= {polls} %}}"),
        ended,
        assign=failing(step, f"{{% 'not done within {within}, waiting for ' & ${said} %}}", branch=branch),
    )
    settled.when(Condition.jsonata(f"{{% $not({done}) %}}"), wait)
    wait.next(task)
    task.next(settled)
    return Part(task, Otherwise(settled))


def polls_of(step: AnyStep, of: str = "") -> str:
    """The variable that counts a step's looks; 0 when the attempt begins."""
    return "_".join(["polls", step.name.lower(), *([of.replace("-", "_")] if of else [])])


def titled(step: AnyStep, *words: str) -> str:
    """A state's name: the step's title, and after a colon what tells it from the step's main state."""
    return ": ".join([step.value, *([" ".join(each for each in words if each)] if any(words) else [])])


def pause(scope: Construct, step: AnyStep, *words: str) -> Wait:
    return Wait.jsonata(scope, "Wait", state_name=titled(step, *(words or ("wait",))), time=_WAIT)


def _id(step: AnyStep, of: str) -> str:
    return step.name.title().replace("_", "") + of.title().replace("-", "")


class Otherwise:
    """A choice's default branch, as an end like any other."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice

    def next(self, state: IChainable) -> Any:
        self._choice.otherwise(state)
        return self._choice


class Ends:
    """Several ends that lead to the same place."""

    def __init__(self, *ends: INextable) -> None:
        self._ends = ends

    def next(self, state: IChainable) -> Any:
        for each in self._ends:
            following = each.next(state)
        return following
