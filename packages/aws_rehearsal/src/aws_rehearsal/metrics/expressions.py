"""Metric math, as far as it is used: numbers, operators, comparisons, AND and OR, and a few functions.

A value is a number, or a series by period. Where one side of an operator has no datapoint, the answer has none: that is why
expressions on AWS Backup's metrics, which are published only when they are not zero, need FILL.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

Points = Mapping[datetime, float]
Value = float | Points

_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_SPELLED = ((r"\^", "**"), (r"&&|\bAND\b", " and "), (r"\|\||\bOR\b", " or "), (r"\bIF\(", "IF_("))
_OF_MANY: dict[str, Callable[[Sequence[float]], float]] = {
    "AVG": lambda found: sum(found) / len(found),
    "MAX": max,
    "MIN": min,
    "SUM": sum,
}


class ExpressionError(ValueError):
    """The expression is none that the embedded CloudWatch can evaluate."""


def evaluate(expression: str, metrics: Mapping[str, Points], periods: Sequence[datetime]) -> Points:
    """The series of an expression over `periods`; `metrics` by their ids. Raises ExpressionError."""
    text = expression
    for pattern, python in _SPELLED:
        text = re.sub(pattern, python, text)
    try:
        found = _Reader(metrics, periods).value(ast.parse(text.strip(), mode="eval").body)
    except SyntaxError as error:
        raise ExpressionError(f"{expression!r} cannot be read") from error
    return found if isinstance(found, Mapping) else dict.fromkeys(periods, found)


class _Reader:
    def __init__(self, metrics: Mapping[str, Points], periods: Sequence[datetime]) -> None:
        self._metrics = metrics
        self._periods = periods

    def value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name):
                if name not in self._metrics:
                    raise ExpressionError(f"there is no metric {name!r}")
                return self._metrics[name]
            case ast.BinOp(left=left, op=op, right=right) | ast.Compare(left=left, ops=[op], comparators=[right]) if (
                type(op) in _OPERATORS
            ):
                return _both(_OPERATORS[type(op)], self.value(left), self.value(right))
            case ast.BoolOp(op=op, values=values):
                return self._all([self.value(each) for each in values], all if isinstance(op, ast.And) else any)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(name, arguments)
        raise ExpressionError(f"{ast.unparse(node)!r} is not understood")

    def _call(self, name: str, arguments: list[ast.expr]) -> Value:
        if name == "FILL" and len(arguments) == 2:
            return self._filled(self.value(arguments[0]), arguments[1])
        if name == "IF_" and len(arguments) == 3:
            return self._chosen(*(self.value(each) for each in arguments))
        if name in _OF_MANY:
            listed = [each for given in arguments for each in (given.elts if isinstance(given, ast.List) else [given])]
            return self._all([self.value(each) for each in listed], _OF_MANY[name])
        raise ExpressionError(f"the function {name.rstrip('_')} with {len(arguments)} arguments is not understood")

    def _filled(self, value: Value, with_: ast.expr) -> Points:
        if isinstance(with_, ast.Name) and with_.id == "REPEAT":
            filled: dict[datetime, float] = {}
            last = None
            for at in self._periods:
                last = _at(value, at) if _at(value, at) is not None else last
                if last is not None:
                    filled[at] = last
            return filled
        other = self.value(with_)
        pairs = ((at, _at(value, at)) for at in self._periods)
        return {at: found for at, here in pairs if (found := here if here is not None else _at(other, at)) is not None}

    def _chosen(self, condition: Value, yes: Value, no: Value) -> Points:
        found = {}
        for at in self._periods:
            asked = _at(condition, at)
            answer = None if asked is None else _at(yes if asked else no, at)
            if answer is not None:
                found[at] = answer
        return found

    def _all(self, values: list[Value], combine: Callable[[Sequence[float]], Any]) -> Value:
        """Of several series: each period that any of them has, as CloudWatch's MAX, MIN, SUM and AVG do."""
        found = {}
        for at in self._periods:
            here = [each for value in values if (each := _at(value, at)) is not None]
            if here:
                found[at] = float(combine(here))
        return found


def _at(value: Value, moment: datetime) -> float | None:
    return value.get(moment) if isinstance(value, Mapping) else value


def _both(combine: Callable[[float, float], Any], one: Value, other: Value) -> Value:
    if not isinstance(one, Mapping) and not isinstance(other, Mapping):
        return float(combine(one, other))
    moments = [each for value in (one, other) if isinstance(value, Mapping) for each in value]
    found = {}
    for at in dict.fromkeys(moments):
        left, right = _at(one, at), _at(other, at)
        if left is None or right is None or (combine is operator.truediv and right == 0):
            continue
        found[at] = float(combine(left, right))
    return found
