"""Reading a state machine's definition: its states, its expressions, and what they come to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonata

State = dict[str, Any]


def states(machine: State, caught: bool = False) -> Iterator[tuple[str, State, bool]]:
    """Every state, its name, and whether a state around it catches everything."""
    for name, state in machine["States"].items():
        yield name, state, caught
        for branch in [*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]:
            yield from states(branch, caught or catches_all(state))


def catches_all(state: State) -> bool:
    return any(catch["ErrorEquals"] == ["States.ALL"] for catch in state.get("Catch", []))


def evaluate(expression: Any, **variables: Any) -> Any:
    if not isinstance(expression, str) or not expression.startswith("{%"):
        return expression
    compiled = jsonata.Jsonata(expression.removeprefix("{%").removesuffix("%}"))
    for name, value in variables.items():
        compiled.assign(name, value)
    return compiled.evaluate({})


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)
