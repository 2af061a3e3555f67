"""A value as JSON and back, strictly: nothing unknown, nothing missing, nothing of another type.

A field is a key of the object. One with a default may be missing, and is left out where it has that default; any other is always
there. What is read is told by the field's type: text, numbers, truth values, moments, enumerations, tuples as lists, mappings by
name, other contracts, and a `Document`, which is somebody else's JSON and is handed on as it is.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, field, fields
from datetime import datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, ClassVar, Generic, Self, TypeVar

Document = Mapping[str, Any]
"""JSON with a reader of its own, such as a plan (`recovery.restore.plan`): not looked into here."""


class ContractError(ValueError):
    """What was given is not what was agreed: which function, which key, what was found and what was expected."""

    def __init__(self, function: str, key: str, found: str, expected: str) -> None:
        self.function, self.key, self.found, self.expected = function, key, found, expected
        super().__init__(f"{function}: {key}: found {found}; expected {expected}")


class Contract:
    """Base of every request and answer: a frozen dataclass whose fields are given by name."""

    FUNCTION: ClassVar[str] = ""
    """Whose it is; empty for a part of another contract."""

    def to_json(self) -> dict[str, Any]:
        """In the order of the fields."""
        values = ((each, getattr(self, each.name)) for each in _fields(type(self)))
        return {_key(each): _encoded(value) for each, value in values if not _left_out(each, value)}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Raises ContractError."""
        found: Self = _contract(cls, value, _Where(cls.FUNCTION or cls.__name__, ""))
        return found


C = TypeVar("C", bound=Contract)


def keys_of(contract: type[Contract]) -> frozenset[str]:
    """All that its JSON may have."""
    return frozenset(_key(each) for each in _fields(contract))


class Template(Generic[C]):
    """A request whose values a state machine fills in: JSONata expressions beside what is known at synth."""

    def __init__(self, contract: type[C], values: Mapping[str, Any]) -> None:
        self.contract, self._values = contract, dict(values)

    def to_json(self) -> dict[str, Any]:
        return {name: _encoded(value) for name, value in self._values.items()}

    def plus(self, **values: Any) -> Template[C]:
        """The same with more of its fields."""
        return template_of(self.contract, **self._values, **values)

    def handed_on(self, **values: Any) -> Template[C]:
        """The same fields and these, each read from the input of a state that got them all by name."""
        names = self.plus(**values).to_json()
        return template_of(self.contract, **{name: f"{{% $states.input.{name} %}}" for name in names})


def text_of(values: Mapping[str, Contract]) -> str:
    """For a function's environment, by name; `read_text` reads it."""
    return json.dumps({name: each.to_json() for name, each in values.items()})


def read_text(contract: type[C], text: str) -> Mapping[str, C]:
    """Raises ContractError."""
    return {name: contract.from_json(each) for name, each in json.loads(text).items()}


def template_of(contract: type[C], **values: Any) -> Template[C]:
    """Raises ContractError for a name that the contract does not have, one that is missing, and a fixed value of another type."""
    where = _Where(contract.FUNCTION or contract.__name__, "")
    _refuse_other_names(contract, values, where)
    types = _types(contract)
    for name, value in values.items():
        if not is_expression(value):
            _decoded(types[name], _encoded(value), where.at(name), expressions=True)
    return Template(contract, values)


def is_expression(value: Any) -> bool:
    """Whether Step Functions evaluates it."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


class _Where(typing.NamedTuple):
    """Where in a value: whose it is, and the path to it."""

    function: str
    key: str

    def at(self, name: str | int) -> _Where:
        return _Where(self.function, f"{self.key}.{name}" if self.key else str(name))

    def error(self, found: Any, expected: str, *, show: bool = False) -> ContractError:
        """What was found is told by its type, as it may be long or a password; `show`: by its beginning."""
        seen = repr(found)[:_MOST_SHOWN] if show and isinstance(found, str) else _shown(found)
        return ContractError(self.function, self.key or "the whole", seen, expected)


_Missing = object()
_WRITTEN = "written"
_MOST_SHOWN = 60


def _shown(found: Any) -> str:
    if found is _Missing:
        return "nothing"
    if found is None or isinstance(found, bool | int | float):
        return repr(found)
    names = {str: "a text", list: "a list", dict: "an object"}
    return next((said for kind, said in names.items() if isinstance(found, kind)), type(found).__name__)


# ---------------------------------------------------------------------- fields
_FIELDS: dict[type, tuple[Field[Any], ...]] = {}
_TYPES: dict[type, Mapping[str, Any]] = {}


def _fields(contract: type) -> tuple[Field[Any], ...]:
    if contract not in _FIELDS:
        _FIELDS[contract] = fields(contract)
    return _FIELDS[contract]


def _key(each: Field[Any]) -> str:
    """The field's name; one that Python keeps for itself ends in an underscore here."""
    return each.name.removesuffix("_")


def _types(contract: type) -> Mapping[str, Any]:
    if contract not in _TYPES:
        _TYPES[contract] = typing.get_type_hints(contract)
    return _TYPES[contract]


def or_null() -> Any:
    """A field whose null is written, and which may be missing all the same: CDK leaves nulls out of a rule's input."""
    return field(default=None, metadata={_WRITTEN: True})


def _required(each: Field[Any]) -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _left_out(each: Field[Any], value: Any) -> bool:
    if _WRITTEN in each.metadata:
        return False
    if each.default is not MISSING:
        return bool(value == each.default)
    return each.default_factory is not MISSING and bool(value == each.default_factory())


def _refuse_other_names(contract: type[Contract], given: Mapping[str, Any], where: _Where) -> None:
    known = {_key(each): each for each in _fields(contract)}
    for name in given:
        if name not in known:
            raise where.at(name).error(given[name], f"no such key, but of {', '.join(known) or 'none'}")
    for name, each in known.items():
        if _required(each) and name not in given:
            raise where.at(name).error(_Missing, _said(_types(contract)[each.name]))


# ---------------------------------------------------------------------- writing
def _encoded(value: Any) -> Any:
    match value:
        case Contract() | Template():
            return value.to_json()
        case StrEnum():
            return value.value
        case datetime():
            return value.isoformat()
        case Mapping():
            return {str(key): _encoded(each) for key, each in value.items()}
        case list() | tuple():
            return [_encoded(each) for each in value]
    return value


# ---------------------------------------------------------------------- reading
def _contract(kind: type[C], value: Any, where: _Where, *, expressions: bool = False) -> C:
    if not isinstance(value, Mapping):
        raise where.error(value, "an object")
    _refuse_other_names(kind, value, where)
    types, read = _types(kind), dict[str, Any]()
    for each in _fields(kind):
        if (key := _key(each)) in value:
            read[each.name] = _decoded(types[each.name], value[key], where.at(key), expressions=expressions)
    return kind(**read)


def _decoded(kind: Any, value: Any, where: _Where, *, expressions: bool = False) -> Any:
    """`expressions`: of a template, in which any value may be one."""
    if expressions and is_expression(value):
        return value
    origin = typing.get_origin(kind)
    if origin in {typing.Union, UnionType}:
        return _one_of(kind, value, where, expressions=expressions)
    if origin is tuple:
        return tuple(_listed(kind, value, where, expressions=expressions))
    if origin is not None and issubclass(origin, Mapping):
        _name, each_kind = typing.get_args(kind)
        if not isinstance(value, Mapping):
            raise where.error(value, _said(kind))
        return {name: _decoded(each_kind, each, where.at(name), expressions=expressions) for name, each in value.items()}
    if isinstance(kind, type) and issubclass(kind, Contract):
        return _contract(kind, value, where, expressions=expressions)
    return _plain(kind, value, where)


def _one_of(kind: Any, value: Any, where: _Where, *, expressions: bool) -> Any:
    kinds = typing.get_args(kind)
    if value is None and NoneType in kinds:
        return None
    refused: list[ContractError] = []
    for each in kinds:
        if each is NoneType:
            continue
        try:
            return _decoded(each, value, where, expressions=expressions)
        except ContractError as error:
            refused.append(error)
    if len(refused) == 1 or all(isinstance(each, type) and issubclass(each, Contract) for each in kinds):
        raise refused[-1]
    raise where.error(value, _said(kind))


def _listed(kind: Any, value: Any, where: _Where, *, expressions: bool) -> Iterator[Any]:
    kinds = typing.get_args(kind)
    if not isinstance(value, list | tuple):
        raise where.error(value, _said(kind))
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = kinds[:1] * len(value)
    if len(kinds) != len(value):
        raise where.error(value, _said(kind))
    for number, (each_kind, each) in enumerate(zip(kinds, value, strict=True)):
        yield _decoded(each_kind, each, where.at(number), expressions=expressions)


def _plain(kind: Any, value: Any, where: _Where) -> Any:
    if kind is Any:
        return value
    if kind is datetime:
        return _moment(value, where)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        try:
            return kind(value)
        except ValueError as error:
            raise where.error(value, _said(kind), show=True) from error
    if kind is int and isinstance(value, float) and value.is_integer():  # Step Functions knows one kind of number
        return int(value)
    allowed = (int, float) if kind is float else kind
    if not isinstance(value, allowed) or (isinstance(value, bool) and kind is not bool):
        raise where.error(value, _said(kind))
    return float(value) if kind is float else value


def _moment(value: Any, where: _Where) -> datetime:
    expected = _said(datetime)
    if isinstance(value, datetime):
        value = value.isoformat()
    if not isinstance(value, str):
        raise where.error(value, expected)
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise where.error(value, expected, show=True) from error
    if found.tzinfo is None:
        raise where.error(value, expected, show=True)
    return found


_NAMES = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    NoneType: "null",
    datetime: "a moment with its zone, such as 2026-11-02T03:00:00Z",
}


def _said(kind: Any) -> str:
    """A type in words."""
    origin = typing.get_origin(kind)
    if origin in {typing.Union, UnionType}:
        return " or ".join(_said(each) for each in typing.get_args(kind))
    if origin is tuple:
        return "a list"
    if origin is not None or (isinstance(kind, type) and issubclass(kind, Contract)):
        return "an object"
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return f"one of {', '.join(each.value for each in kind)}"
    return _NAMES.get(kind, "anything")
