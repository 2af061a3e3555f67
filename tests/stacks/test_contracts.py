"""Whoever calls a function sends what its handler reads, and reads what its handler answers: as the templates have it."""

from __future__ import annotations

import importlib
import json
import re
import typing
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, NamedTuple

import pytest

from recovery.lambda_runtime import Handler
from strategy.contracts.contract import Contract, keys_of, template_of
from strategy.contracts.fence import OpenRequest, fence_request
from tests.stacks.assembly import Assembly, text
from tests.stacks.states import states as every_state
from tests.stacks.states import strings

_PAYLOAD = re.compile(r"\$states\.result\.Payload\.([A-Za-z_]\w*)")
_WHOLE = "{% $states.result.Payload %}"
_HANDED_ON = re.compile(r"^\{% \$states\.input\.\w+ %\}$")


class Call(NamedTuple):
    """One call of a function by a state machine."""

    where: str
    machine: dict[str, Any]
    state: dict[str, Any]
    handler: Any


def handler_of(name: str) -> Any:
    """What a handler string names."""
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(module), function)


def functions(assembly: Assembly) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from assembly.resources("AWS::Lambda::Function")


def calls(assembly: Assembly) -> Iterator[Call]:
    """Every task of every state machine that calls one of our functions."""
    for where, resource in assembly.resources("AWS::StepFunctions::StateMachine"):
        definition, ours = resource["Properties"]["DefinitionString"], assembly.templates()[where.split("/")[0]]["Resources"]
        parts = definition["Fn::Join"][1] if isinstance(definition, dict) else [definition]
        marked = "".join(f"<{each['Fn::GetAtt'][0]}>" if "Fn::GetAtt" in each else part_text(each) for each in parts)
        machine = json.loads(marked)
        for name, state, _ in every_state(machine):
            called = re.fullmatch(r"<(\w+)>", str(state.get("Arguments", {}).get("FunctionName", "")))
            if called:
                yield Call(f"{where}: {name}", machine, state, handler_of(ours[called[1]]["Properties"]["Handler"]))


def part_text(part: Any) -> str:
    return part if isinstance(part, str) else text(part)


def contract_of(handler: Any) -> type[Contract]:
    """What a state machine's call of it is read as."""
    return OpenRequest if handler.read is fence_request else handler.read.__self__


def answers_of(handler: Any) -> frozenset[str]:
    """Keys of everything that it may answer."""
    kind = typing.get_type_hints(handler.work)["return"]
    kinds = typing.get_args(kind) if isinstance(kind, UnionType) else (kind,)
    found: frozenset[str] = frozenset()
    for each in kinds:
        if not (isinstance(each, type) and issubclass(each, Contract)):
            return frozenset()  # a record, which has a format of its own
        found |= keys_of(each)
    return found


def test_every_handler_is_there(environments: Mapping[str, Assembly]) -> None:
    named = {resource["Properties"]["Handler"] for each in environments.values() for _, resource in functions(each)}
    assert len(named) > 40
    assert [name for name in sorted(named) if not callable(handler_of(name))] == []


def test_what_a_state_machine_sends_is_what_the_handler_reads(environments: Mapping[str, Assembly]) -> None:
    seen = set()
    for assembly in environments.values():
        for call in calls(assembly):
            contract, payload = contract_of(call.handler), call.state["Arguments"].get("Payload", {})
            fields = {f"{key}_" if key == "from" else key: value for key, value in payload.items()}
            template_of(contract, **fields)
            seen.add(contract.FUNCTION)
    assert len(seen) > 20


def test_what_a_rule_sends_is_what_the_handler_reads(environments: Mapping[str, Assembly]) -> None:
    seen = set()
    for assembly in environments.values():
        for where, rule in assembly.resources("AWS::Events::Rule"):
            ours = assembly.templates()[where.split("/")[0]]["Resources"]
            for target in rule["Properties"]["Targets"]:
                named = target["Arn"].get("Fn::GetAtt", [""])[0] if isinstance(target["Arn"], dict) else ""
                if "Input" in target and ours.get(named, {}).get("Type") == "AWS::Lambda::Function":
                    handler = handler_of(ours[named]["Properties"]["Handler"])
                    seen.add(type(handler.read(json.loads(target["Input"]))).__name__)
    assert seen >= {
        "MonitorRequest",
        "DigestRequest",
        "PreflightRequest",
        "HeartbeatsRequest",
        "JobReviewRequest",
        "ProofsRequest",
    }


def test_what_a_state_machine_reads_is_what_the_handler_answers(assembly: Assembly) -> None:
    """Of the answer itself, and of a variable that holds the whole of it and nothing else."""
    looked = 0
    holds: dict[tuple[str, str], set[frozenset[str]]] = {}
    for call in calls(assembly):
        keys = answers_of(call.handler)
        if not keys:
            continue
        for expression in strings(call.state):
            read = set(_PAYLOAD.findall(expression))
            looked += len(read)
            assert read <= keys, f"{call.where}: {expression}"
        for name, value in call.state.get("Assign", {}).items():
            if value == _WHOLE:
                holds.setdefault((json.dumps(call.machine), name), set()).add(keys)
    for (machine, name), kinds in holds.items():
        known = frozenset[str]().union(*kinds)
        read = set(re.findall(rf"\${name}\.([A-Za-z_]\w*)", machine))
        looked += len(read)
        assert read <= known, f"${name}: {read - known}"
    assert looked > 60


def test_custom_resources_send_what_their_handlers_read(assembly: Assembly) -> None:
    contracts = {each.FUNCTION: each for each in Contract.__subclasses__() if each.__name__.endswith("Properties")}
    seen = set()
    for where, resource in assembly.resources():
        if resource["Type"].startswith("Custom::"):
            ours = assembly.templates()[where.split("/")[0]]["Resources"]
            name = ours[resource["Properties"]["ServiceToken"]["Fn::GetAtt"][0]]["Properties"]["FunctionName"]
            contract = contracts[name.removeprefix(f"{assembly.strategy.prefix}-")]
            given = set(resource["Properties"]) - {"ServiceToken", "ServiceTimeout"}
            assert given == keys_of(contract), where
            seen.add(contract.FUNCTION)
    assert seen == set(contracts)


@pytest.mark.parametrize("event", [{}, {"source": "aws.events"}])
def test_a_schedule_says_nothing_to_the_fence(event: dict[str, Any]) -> None:
    assert fence_request(event) is None


def test_what_lambda_calls_reads_and_answers_plain_json() -> None:
    handler: Handler[Any] = handler_of("recovery.handlers.preflight.handler")
    assert isinstance(handler, Handler)
