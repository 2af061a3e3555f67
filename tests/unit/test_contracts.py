"""Every contract between a stack and a function: what is written is read again, and nothing else is."""

from __future__ import annotations

import importlib
import json
import pkgutil
import typing
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strategy import contracts
from strategy.contracts.contract import Contract, ContractError, keys_of, read_text, template_of, text_of
from strategy.contracts.region import ServiceCheck, WatchAnswer
from strategy.contracts.restore import BeginRequest, CutoverAction, CutoverRequest, RepairRequest
from strategy.contracts.verify import VerifyMySqlRequest


def modules() -> Iterator[Any]:
    for each in pkgutil.iter_modules(contracts.__path__):
        if not each.ispkg:
            yield importlib.import_module(f"strategy.contracts.{each.name}")


EVERY: list[type[Contract]] = sorted(
    {
        each
        for module in modules()
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Contract) and each is not Contract
    },
    key=lambda each: (each.__module__, each.__name__),
)
WRONG = object()


def values(kind: Any) -> st.SearchStrategy[Any]:  # noqa: PLR0911  one line for each kind of type
    """What a field of that type may hold."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in {typing.Union, UnionType}:
        return st.one_of(*(values(each) for each in arguments))
    if origin is tuple and arguments[1:] == (Ellipsis,):
        return st.lists(values(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*(values(each) for each in arguments))
    if origin is not None:
        return st.dictionaries(st.text(max_size=3), values(arguments[1]), max_size=2)
    if isinstance(kind, type) and issubclass(kind, Contract):
        return made(kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return st.sampled_from(kind)
    plain: Mapping[Any, st.SearchStrategy[Any]] = {
        Any: st.integers() | st.text(max_size=3),
        NoneType: st.none(),
        bool: st.booleans(),
        datetime: st.datetimes().map(lambda each: each.replace(tzinfo=UTC)),
        float: st.floats(allow_nan=False, allow_infinity=False),
        int: st.integers(),
        str: st.text(max_size=5),
    }
    return plain[kind]


def made(contract: type[Contract]) -> st.SearchStrategy[Contract]:
    types = typing.get_type_hints(contract)
    return st.builds(contract, **{each.name: values(types[each.name]) for each in fields(contract)})  # type: ignore[arg-type]


def test_there_are_contracts() -> None:
    assert len(EVERY) > 80
    assert {each.FUNCTION for each in EVERY} > {"monitor", "preflight", "verify-mysql", "restore-begin", "region-store"}


@pytest.mark.parametrize("contract", EVERY, ids=lambda each: each.__name__)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_written_is_read_again(contract: type[Contract], data: st.DataObject) -> None:
    value = data.draw(made(contract))
    written = json.loads(json.dumps(value.to_json()))
    assert contract.from_json(written) == value
    assert set(written) <= keys_of(contract)


@pytest.mark.parametrize("contract", EVERY, ids=lambda each: each.__name__)
@settings(max_examples=1, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_nothing_else_is_read(contract: type[Contract], data: st.DataObject) -> None:
    """One clear line each: whose it is, which key, what was found, what was expected."""
    written = data.draw(made(contract)).to_json()
    refuses(contract, written | {"another": 1}, "another", "no such key")
    for each in fields(contract):  # type: ignore[arg-type]
        key = each.name.removesuffix("_")
        if each.default is MISSING and each.default_factory is MISSING:
            refuses(contract, {name: value for name, value in written.items() if name != key}, key, "found nothing")
        if typing.get_type_hints(contract)[each.name] is not Any:
            refuses(contract, written | {key: WRONG}, key, "found object; expected")


def refuses(contract: type[Contract], value: Mapping[str, Any], key: str, said: str) -> None:
    with pytest.raises(ContractError) as caught:
        contract.from_json(value)
    assert caught.value.key == key
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{contract.FUNCTION or contract.__name__}: {key}: found ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"port": "3306"}, None),
        ({"port": True}, "verify-mysql: port: found True; expected a whole number or a text"),
        ({"moment": "2026-11-02T03:00:00"}, "expected a moment with its zone, such as 2026-11-02T03:00:00Z"),
        ({"moment": "soon"}, "verify-mysql: moment: found 'soon'; expected a moment with its zone"),
        ({"manifest_key": None}, None),
        ({"piece": {"store": "a", "run": "b", "number": 1.0, "slices": [["p", 0, 1]]}}, None),
        ({"piece": {"store": "a", "run": "b", "number": 1.5, "slices": []}}, "piece.number: found 1.5; expected a whole number"),
        (
            {"piece": {"store": "a", "run": "b", "number": 1, "slices": [["p", 0]]}},
            "piece.slices.0: found a list; expected a list",
        ),
        ({"changes": {"a.b": {"created": "c"}}}, "verify-mysql: changes.a.b.changed: found nothing; expected a text"),
        ({"seconds": "5"}, "verify-mysql: seconds: found a text; expected a number"),
    ],
)
def test_it_is_said_what_was_expected(value: dict[str, Any], said: str | None) -> None:
    event = {"store": "mysql", "bucket": "b", "manifest_key": "k", "host": "h", "port": 3306} | value
    if said is None:
        VerifyMySqlRequest.from_json(event)
        return
    with pytest.raises(ContractError) as caught:
        VerifyMySqlRequest.from_json(event)
    assert said in str(caught.value)


def test_what_is_no_object_is_refused() -> None:
    values: tuple[Any, ...] = (None, [], "text")
    for value in values:
        with pytest.raises(ContractError, match="restore-begin: the whole: found"):
            BeginRequest.from_json(value)


def test_a_key_that_python_keeps_for_itself_is_written_as_it_is() -> None:
    assert "from" in keys_of(WatchAnswer)
    assert "from_" not in keys_of(WatchAnswer)


def test_a_template_is_held_against_its_contract() -> None:
    made = template_of(CutoverRequest, plan="{% $plan %}", action=CutoverAction.PROVE, since="{% $switch.switched %}")
    assert made.to_json() == {"plan": "{% $plan %}", "action": "prove", "since": "{% $switch.switched %}"}
    wrong: dict[str, dict[str, Any]] = {
        "plan": {"action": CutoverAction.FENCE},
        "sine": {"plan": "{% $plan %}", "action": CutoverAction.PROVE, "sine": "{% $switch.switched %}"},
        "action": {"plan": "{% $plan %}", "action": "fenced"},
        "since": {"plan": "{% $plan %}", "action": CutoverAction.PROVE, "since": 5},
    }
    for key, values in wrong.items():
        with pytest.raises(ContractError, match=f"^restore-cutover: {key}: "):
            template_of(CutoverRequest, **values)


def test_a_template_is_added_to_and_handed_on() -> None:
    made = template_of(RepairRequest, plan="{% $plan %}")
    assert made.plus(cursor=None).to_json() == {"plan": "{% $plan %}", "cursor": None}
    assert made.handed_on(cursor=None).to_json() == {
        "plan": "{% $states.input.plan %}",
        "cursor": "{% $states.input.cursor %}",
    }
    with pytest.raises(ContractError):
        made.plus(curser=None)


def test_what_is_in_an_environment_is_read_by_name() -> None:
    checks = {"user": ServiceCheck(health="/health", read="/read", stores=("mysql",))}
    assert read_text(ServiceCheck, text_of(checks)) == checks
