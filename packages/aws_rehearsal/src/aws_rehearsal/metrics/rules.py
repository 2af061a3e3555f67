"""The rules of composite alarms: ALARM("name"), OK("name"), INSUFFICIENT_DATA("name"), TRUE, FALSE, AND, OR, NOT, brackets.

A rule may name an alarm by its ARN. An alarm that is not there makes the rule an error, as on AWS.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

_WORDS = {"AND": "and", "OR": "or", "NOT": "not", "TRUE": "True", "FALSE": "False"}
_TOKEN = re.compile(r"""(ALARM|OK|INSUFFICIENT_DATA)\(\s*["']?([^"')]+?)["']?\s*\)|\b(AND|OR|NOT|TRUE|FALSE)\b""")


def named(rule: str) -> set[str]:
    return {_name(found[2]) for found in _TOKEN.finditer(rule) if found[1]}


def holds(rule: str, states: Mapping[str, str]) -> bool:
    """Raises ValueError for a rule that cannot be read, and for an alarm that is not there."""

    def replaced(found: re.Match[str]) -> str:
        if found[3]:
            return _WORDS[found[3]]
        name = _name(found[2])
        if name not in states:
            raise ValueError(f"the rule {rule!r} names the alarm {name!r}, which is not there")
        return str(states[name] == found[1])

    try:
        return _value(ast.parse(_TOKEN.sub(replaced, rule).strip(), mode="eval").body)
    except SyntaxError as error:
        raise ValueError(f"the rule {rule!r} cannot be read") from error


def _value(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=bool() as value):
            return value
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_value(each) for each in values)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(_value(each) for each in values)
    raise ValueError(f"{ast.unparse(node)!r} is not part of a rule")


def _name(given: str) -> str:
    return given.rsplit(":alarm:", 1)[-1]
