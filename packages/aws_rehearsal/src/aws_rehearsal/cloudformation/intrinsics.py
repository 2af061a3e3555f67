"""Intrinsic functions: a piece of template in, its value out."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from aws_rehearsal.cloudformation.errors import ValidationError
from aws_rehearsal.cloudformation.graph import PLACEHOLDER

UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"
"""AWS's own text in a change set for a value that only the deployment will know."""
NO_VALUE = object()


class Scope(Protocol):
    """What names mean while a template is evaluated."""

    @property
    def mappings(self) -> Mapping[str, Any]: ...
    def ref(self, name: str) -> Any: ...
    def attribute(self, logical_id: str, name: str) -> Any: ...
    def condition(self, name: str) -> bool: ...
    def imported(self, name: str) -> str: ...
    def zones(self, region: str) -> list[str]: ...


class Evaluator:
    """Evaluates values within one scope. `AWS::NoValue` removes the property or item that holds it."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Condition": scope.condition,
            "Fn::And": lambda terms: all(self.truth(term) for term in terms),
            "Fn::Base64": lambda text: base64.b64encode(str(self.value(text)).encode()).decode(),
            "Fn::Cidr": self._cidr,
            "Fn::Equals": self._equals,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAZs": lambda region: scope.zones(self.value(region)),
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::ImportValue": lambda name: scope.imported(self.value(name)),
            "Fn::Join": self._join,
            "Fn::Not": lambda terms: not self.truth(terms[0]),
            "Fn::Or": lambda terms: any(self.truth(term) for term in terms),
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::Sub": self._sub,
        }

    def value(self, value: Any) -> Any:
        if isinstance(value, list):
            items = [self.value(item) for item in value]
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((key, argument),) = value.items()
            if key in self._functions and not (key == "Condition" and not isinstance(argument, str)):
                return self._functions[key](argument)
            if key.startswith("Fn::"):
                raise ValidationError(f"Template error: the embedded AWS does not know the function {key}")
        items_of = {key: self.value(item) for key, item in value.items()}
        return {key: item for key, item in items_of.items() if item is not NO_VALUE}

    def truth(self, term: Any) -> bool:
        """The value of a condition."""
        value = self.value(term)
        if not isinstance(value, bool):
            raise ValidationError(f"Template error: {term!r} is not a condition")
        return value

    def _ref(self, name: str) -> Any:
        return NO_VALUE if name == "AWS::NoValue" else self.scope.ref(name)

    def _get_att(self, argument: Any) -> Any:
        logical_id, name = argument.split(".", 1) if isinstance(argument, str) else argument
        return self.scope.attribute(logical_id, self.value(name))

    def _if(self, argument: list[Any]) -> Any:
        name, when_true, when_false = argument
        return self.value(when_true if self.scope.condition(name) else when_false)

    def _equals(self, argument: list[Any]) -> bool:
        left, right = (self.value(item) for item in argument)
        return _text(left) == _text(right)

    def _join(self, argument: list[Any]) -> str:
        delimiter, items = argument
        values = self.value(items)
        if values == UNKNOWN:
            return UNKNOWN
        return str(delimiter).join(_text(item) for item in values)

    def _split(self, argument: list[Any]) -> Any:
        delimiter, text = argument
        value = self.value(text)
        return UNKNOWN if _is_unknown(value) else str(value).split(str(delimiter))

    def _select(self, argument: list[Any]) -> Any:
        index, items = int(self.value(argument[0])), self.value(argument[1])
        if items == UNKNOWN:
            return UNKNOWN
        if not isinstance(items, list) or not 0 <= index < len(items):
            raise ValidationError(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
        return items[index]

    def _sub(self, argument: Any) -> str:
        text, local = (argument, {}) if isinstance(argument, str) else argument

        def replace(match: Any) -> str:
            name = match["name"].strip()
            if name in local:
                return _text(self.value(local[name]))
            return _text(self._get_att(name) if "." in name else self._ref(name))

        return PLACEHOLDER.sub(replace, text).replace("${!", "${")

    def _find_in_map(self, argument: list[Any]) -> Any:
        keys = [self.value(item) for item in argument[:3]]
        found: Any = self.scope.mappings
        for key in keys:
            if not isinstance(found, Mapping) or str(key) not in found:
                if len(argument) > 3 and "DefaultValue" in argument[3]:
                    return self.value(argument[3]["DefaultValue"])
                raise ValidationError(f"Template error: Unable to get mapping for {'::'.join(map(str, keys))}")
            found = found[str(key)]
        return self.value(found)

    def _cidr(self, argument: list[Any]) -> Any:
        block, count, bits = [*(self.value(item) for item in argument), None][:3]
        if _is_unknown(block):
            return UNKNOWN
        network = ipaddress.ip_network(block)
        prefix = network.max_prefixlen - int(bits or 8)
        subnets = network.subnets(new_prefix=prefix)
        return [str(subnet) for subnet, _ in zip(subnets, range(int(count)), strict=False)]


def _is_unknown(value: Any) -> bool:
    return isinstance(value, str) and UNKNOWN in value


def _text(value: Any) -> str:
    """A scalar as CloudFormation writes it into text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict) or value is NO_VALUE or value is None:
        raise ValidationError(f"Template error: {value!r} cannot be written into text")
    return str(value)
