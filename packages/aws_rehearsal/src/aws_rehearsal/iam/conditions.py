"""Condition operators: every one that AWS documents.

Rules from the IAM User Guide, "IAM JSON policy elements: Condition operators" and "Conditions with multiple context keys or
values": several operators or keys are AND, several values of a key are OR (for negated operators: none may match), a missing key
does not match, so that a negated operator is true of it, and `IfExists` is always.
"""

from __future__ import annotations

import base64
import binascii
import functools
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt
from typing import Any

from aws_rehearsal.iam.patterns import Kind, Pattern, pattern
from aws_rehearsal.iam.request import Context

Test = Callable[[str, Context], bool]
"""(value of the request, context) → whether it matches one value of the policy."""

_OPERATOR = re.compile(r"^(?:(?P<set>forallvalues|foranyvalue):)?(?P<base>\w+?)(?P<exists>ifexists)?$", re.IGNORECASE)
_MONTH = re.compile(r"^\d{4}-\d{2}$")
_EPOCH = re.compile(r"^-?\d+(\.\d+)?$")


class PolicyError(ValueError):
    """A policy that AWS would refuse as malformed, with what is wrong about it."""


@dataclass(frozen=True)
class Condition:
    """One operator on one key."""

    operator: str
    """As the policy spells it."""
    key: str
    """In lower case: AWS compares names of keys without regard to case."""
    values: tuple[str, ...]
    """As the policy lists them."""
    tests: tuple[Test, ...]
    negated: bool = False
    qualifier: str = ""
    """`forallvalues`, `foranyvalue` or none."""
    if_exists: bool = False
    null: bool = False

    def holds(self, context: Context) -> bool:
        """Whether it is met."""
        values = context.get(self.key)
        if self.null:
            return any((wanted.lower() == "true") != bool(values) for wanted in self.values)
        if self.qualifier:
            return self._holds_of_a_set(() if values == ("",) else values, context)  # "a null data set, such as an empty string"
        if not values:
            return self.if_exists or self.negated
        if len(values) > 1:  # a multivalued key needs a set operator: without one it is equal to nothing
            return self.negated
        return self._meets(values[0], context)

    def _holds_of_a_set(self, values: tuple[str, ...], context: Context) -> bool:
        if not values and self.if_exists:
            return True
        every = all if self.qualifier == "forallvalues" else any
        return every(self._meets(value, context) for value in values)

    def _meets(self, value: str, context: Context) -> bool:
        return any(test(value, context) for test in self.tests) != self.negated

    def __str__(self) -> str:
        return f"{self.operator} on {self.key}: {' or '.join(self.values)}"


def conditions(block: Any, *, variables: bool) -> tuple[Condition, ...]:
    """Compile a statement's `Condition`; PolicyError for an operator that AWS does not know, or values it could not read."""
    if not isinstance(block, Mapping):
        raise PolicyError(f"Condition must be an object, not {block!r}")
    found = []
    for operator, keys in block.items():
        if not isinstance(keys, Mapping):
            raise PolicyError(f"{operator} must name condition keys, not {keys!r}")
        found += [_condition(str(operator), str(key), texts(values), variables=variables) for key, values in keys.items()]
    return tuple(found)


def texts(values: Any) -> tuple[str, ...]:
    """A value of a policy or several, as texts: JSON allows numbers and booleans."""
    listed = values if isinstance(values, list) else [values]
    return tuple({True: "true", False: "false"}[each] if isinstance(each, bool) else str(each) for each in listed)


def _condition(operator: str, key: str, values: tuple[str, ...], *, variables: bool) -> Condition:
    split = _OPERATOR.match(operator)
    base = split["base"].lower() if split else ""
    qualifier = (split["set"] or "").lower() if split else ""
    exists = bool(split and split["exists"])
    if base == "null" and not exists:
        if any(value.lower() not in {"true", "false"} for value in values):
            raise PolicyError(f"Null on {key} must be true or false, not {', '.join(values)}")
        return Condition(operator, key.lower(), values, (), null=True)
    if base not in _MAKERS:
        raise PolicyError(f"unknown condition operator {operator} on {key}")
    make, negated = _MAKERS[base]
    tests = tuple(make(value, variables) for value in values)
    return Condition(operator, key.lower(), values, tests, negated=negated, qualifier=qualifier, if_exists=exists)


# ---------------------------------------------------------------------- one test for each kind
def _text(kind: Kind) -> Callable[[str, bool], Test]:
    return lambda value, variables: pattern(value, kind, variables=variables).matches


def _ignoring_case(value: str, variables: bool) -> Test:
    lowered = Pattern(value.lower(), Kind.EXACT, variables=variables)
    if "${" not in value or not variables:
        return lambda given, context: lowered.matches(given.lower(), context)

    def test(given: str, context: Context) -> bool:
        return lowered.matches(given.lower(), _Lowered(context))

    return test


class _Lowered(Context):
    """A context whose single values are in lower case: what variables become where case does not count."""

    __slots__ = ("_context",)

    def __init__(self, context: Context) -> None:
        self._context = context

    def single(self, key: str) -> str | None:
        value = self._context.single(key)
        return None if value is None else value.lower()


def _compared(read: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Callable[[str, bool], Test]:
    """Numbers and dates: what cannot be read is equal to nothing. Policy variables are not allowed there."""

    def make(value: str, _variables: bool) -> Test:
        wanted = read(value)

        def test(given: str, _context: Context) -> bool:
            found = read(given)
            return wanted is not None and found is not None and compare(found, wanted)

        return test

    return make


@functools.lru_cache(maxsize=4096)
def number(text: str) -> Decimal | None:
    """An integer or decimal number; None where it is none."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


@functools.lru_cache(maxsize=4096)
def moment(text: str) -> float | None:
    """A date as seconds since 1970: in one of W3C's ISO 8601 formats, UTC where it names no zone, or such seconds; else None."""
    given = text.strip()
    if re.fullmatch(r"\d{4}", given):
        given = f"{given}-01-01"
    elif _MONTH.match(given):
        given = f"{given}-01"
    elif _EPOCH.match(given):
        return float(given)
    try:
        read = datetime.fromisoformat(given)
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _boolean(value: str, variables: bool) -> Test:
    wanted = _ignoring_case(value, variables)
    return lambda given, context: given.lower() in {"true", "false"} and wanted(given, context)


def _binary(value: str, _variables: bool) -> Test:
    wanted = _decoded(value)
    return lambda given, _context: wanted is not None and _decoded(given) == wanted


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _address(value: str, _variables: bool) -> Test:
    try:
        network = ipaddress.ip_network(value, strict=False)  # without a prefix it is one address
    except ValueError as error:
        raise PolicyError(f"{value} is no address or range of addresses") from error

    def test(given: str, _context: Context) -> bool:
        try:
            return ipaddress.ip_address(given) in network
        except ValueError:
            return False

    return test


def _pair(name: str, opposite: str, make: Callable[[str, bool], Test]) -> dict[str, tuple[Callable[[str, bool], Test], bool]]:
    return {name: (make, False), opposite: (make, True)}


def _ordered(kind: str, read: Callable[[str], Any]) -> dict[str, tuple[Callable[[str, bool], Test], bool]]:
    return {
        **_pair(f"{kind}equals", f"{kind}notequals", _compared(read, eq)),
        f"{kind}lessthan": (_compared(read, lt), False),
        f"{kind}lessthanequals": (_compared(read, le), False),
        f"{kind}greaterthan": (_compared(read, gt), False),
        f"{kind}greaterthanequals": (_compared(read, ge), False),
    }


_MAKERS: dict[str, tuple[Callable[[str, bool], Test], bool]] = {
    **_pair("stringequals", "stringnotequals", _text(Kind.EXACT)),
    **_pair("stringequalsignorecase", "stringnotequalsignorecase", _ignoring_case),
    **_pair("stringlike", "stringnotlike", _text(Kind.LIKE)),
    **_ordered("numeric", number),
    **_ordered("date", moment),
    "bool": (_boolean, False),
    "binaryequals": (_binary, False),
    **_pair("ipaddress", "notipaddress", _address),
    **_pair("arnequals", "arnnotequals", _text(Kind.ARN)),
    **_pair("arnlike", "arnnotlike", _text(Kind.ARN)),
}
"""Operator in lower case, without set and IfExists → how a value is compared, and whether it must not match."""
