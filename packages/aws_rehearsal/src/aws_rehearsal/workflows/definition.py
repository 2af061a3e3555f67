"""What Step Functions refuses when a state machine is created or changed: its definition, read as JSON.

The whole grammar is read when an execution begins, which takes a third of a second; most machines of a deployment never run. What
is looked at here, as AWS's validation does it: the fields of each state and of its query language, every state that another one
names, states that nothing leads to, and the actions of tasks. Expressions are not compiled. Source: the Amazon States Language,
https://states-language.net, and "ValidateStateMachineDefinition" in the Step Functions API reference, whose codes are used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aws_rehearsal.workflows import error_names

_JSONPATH, _JSONATA = "JSONPath", "JSONata"
_EVERYWHERE = frozenset({"Type", "Comment", "QueryLanguage"})
_FLOW = frozenset({"Next", "End"})
_TROUBLE = frozenset({"Retry", "Catch"})
_MAP = frozenset(
    {"ItemProcessor", "Iterator", "Items", "ItemReader", "ItemSelector", "ItemBatcher", "ResultWriter", "Label", "MaxConcurrency"}
)
_TOLERATED = frozenset({"ToleratedFailureCount", "ToleratedFailurePercentage"})
_TIMES = frozenset({"TimeoutSeconds", "HeartbeatSeconds"})
_FIELDS: dict[str, dict[str, frozenset[str]]] = {
    _JSONATA: {
        "Task": _FLOW | _TROUBLE | _TIMES | {"Resource", "Arguments", "Credentials", "Assign", "Output"},
        "Pass": _FLOW | {"Assign", "Output"},
        "Wait": _FLOW | {"Seconds", "Timestamp", "Assign", "Output"},
        "Choice": frozenset({"Choices", "Default", "Assign", "Output"}),
        "Succeed": frozenset({"Output"}),
        "Fail": frozenset({"Error", "Cause"}),
        "Parallel": _FLOW | _TROUBLE | {"Branches", "Arguments", "Assign", "Output"},
        "Map": _FLOW | _TROUBLE | _MAP | _TOLERATED | {"Assign", "Output"},
    },
    _JSONPATH: {
        "Task": _FLOW
        | _TROUBLE
        | _TIMES
        | {"TimeoutSecondsPath", "HeartbeatSecondsPath", "Resource", "Parameters", "Credentials"}
        | {"ResultSelector", "ResultPath", "InputPath", "OutputPath", "Assign"},
        "Pass": _FLOW | {"Result", "Parameters", "ResultPath", "InputPath", "OutputPath", "Assign"},
        "Wait": _FLOW | {"Seconds", "Timestamp", "SecondsPath", "TimestampPath", "InputPath", "OutputPath", "Assign"},
        "Choice": frozenset({"Choices", "Default", "InputPath", "OutputPath", "Assign"}),
        "Succeed": frozenset({"InputPath", "OutputPath"}),
        "Fail": frozenset({"Error", "Cause", "ErrorPath", "CausePath"}),
        "Parallel": _FLOW
        | _TROUBLE
        | {"Branches", "Parameters", "ResultSelector", "ResultPath", "InputPath", "OutputPath", "Assign"},
        "Map": _FLOW
        | _TROUBLE
        | (_MAP - {"Items"})
        | _TOLERATED
        | {f"{each}Path" for each in _TOLERATED}
        | {"ItemsPath", "MaxConcurrencyPath", "Parameters", "ResultSelector", "ResultPath", "InputPath", "OutputPath", "Assign"},
    },
}
_REQUIRED = {"Task": {"Resource"}, "Choice": {"Choices"}, "Parallel": {"Branches"}}
_TOP = frozenset({"Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage", "ProcessorConfig"})
_SDK = re.compile(r"arn:aws[\w-]*:states:::aws-sdk:(?P<service>\w+):(?P<action>\w+)(?:\.\w+)?$")
_INTEGRATION = re.compile(r"arn:aws[\w-]*:(?:states:::|lambda:|states:)")


class InvalidDefinition(Exception):
    """AWS's code, what is wrong, and where."""


def check(definition: str) -> None:
    """Raises InvalidDefinition for the first fault that is found."""
    try:
        read = json.loads(definition)
    except ValueError as error:
        raise InvalidDefinition(f"INVALID_JSON_DESCRIPTION: {error}") from error
    if not isinstance(read, dict):
        raise InvalidDefinition("SCHEMA_VALIDATION_FAILED: a state machine is a JSON object at /")
    _machine(read, "", read.get("QueryLanguage", _JSONPATH), set())


def _machine(machine: Mapping[str, Any], path: str, language: str, names: set[str]) -> None:
    """`names`: of the states that were read before, whatever they are nested in."""
    _known(machine, _TOP, path or "/")
    states = machine.get("States")
    if not isinstance(states, dict) or not states:
        raise InvalidDefinition(f"SCHEMA_VALIDATION_FAILED: the field 'States' is missing or empty at {path or '/'}")
    named = {machine.get("StartAt"): f"{path}/StartAt"}
    if "StartAt" not in machine:
        raise InvalidDefinition(f"SCHEMA_VALIDATION_FAILED: the field 'StartAt' is missing at {path or '/'}")
    for name, state in states.items():
        here = f"{path}/States/{name}"
        if not isinstance(state, dict):
            raise InvalidDefinition(f"SCHEMA_VALIDATION_FAILED: a state is a JSON object at {here}")
        if name in names:
            raise InvalidDefinition(f"DUPLICATE_STATE_NAME: Duplicate State name: {name} at {here}")
        names.add(name)
        _state(state, here, state.get("QueryLanguage", language), names)
        named |= {target: f"{here}/{field}" for field, target in _targets(state)}
    for target, field in named.items():
        if target not in states:
            raise InvalidDefinition(f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {target} at {field}")
    for name in states:
        if name not in named:
            raise InvalidDefinition(f"MISSING_TRANSITION_TARGET: State '{name}' is not reachable at {path}/States/{name}")


def _state(state: Mapping[str, Any], path: str, language: str, names: set[str]) -> None:
    kind = state.get("Type")
    if language not in _FIELDS:
        raise InvalidDefinition(f"SCHEMA_VALIDATION_FAILED: there is no query language {language!r} at {path}")
    if kind not in _FIELDS[language]:
        raise InvalidDefinition(f"SCHEMA_VALIDATION_FAILED: there is no type of state {kind!r} at {path}/Type")
    fields = _FIELDS[language][kind]
    _known(state, fields | _EVERYWHERE, path)
    for field in sorted(_REQUIRED.get(kind, set()) - state.keys()):
        raise InvalidDefinition(f"SCHEMA_VALIDATION_FAILED: the field '{field}' is missing at {path}")
    if fields >= _FLOW and ("Next" in state) == (state.get("End") is True):
        raise InvalidDefinition(f"SCHEMA_VALIDATION_FAILED: one of 'Next' and 'End' is needed at {path}")
    if kind == "Task":
        _task(str(state["Resource"]), path)
    for field, inner in _inner(state):
        _machine(inner, f"{path}/{field}", inner.get("QueryLanguage", language), names)


def _task(resource: str, path: str) -> None:
    if found := _SDK.match(resource):
        try:
            error_names.operation(found["service"], found["action"])
        except (LookupError, ValueError) as error:
            raise InvalidDefinition(f"SCHEMA_VALIDATION_FAILED: {error} at {path}/Resource") from error
    elif not _INTEGRATION.match(resource):
        raise InvalidDefinition(f"SCHEMA_VALIDATION_FAILED: '{resource}' is no ARN of a task at {path}/Resource")


def _known(found: Mapping[str, Any], fields: frozenset[str], path: str) -> None:
    for field in found:
        if field not in fields:
            raise InvalidDefinition(f"SCHEMA_VALIDATION_FAILED: the field '{field}' is not supported at {path}")


def _targets(state: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every state that this one may go to, by the field that says so."""
    for field in ("Next", "Default"):
        if field in state:
            yield field, state[field]
    for field in ("Catch", "Choices"):
        yield from ((field, each.get("Next")) for each in state.get(field, ()))


def _inner(state: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from ((f"Branches/{number}", each) for number, each in enumerate(state.get("Branches", ())))
    yield from ((field, state[field]) for field in ("ItemProcessor", "Iterator") if field in state)
