"""A stack's parameters: what was given, what was kept, what the template allows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from aws_rehearsal.cloudformation.errors import ValidationError
from aws_rehearsal.cloudformation.template import Template

SSM_VALUE = "AWS::SSM::Parameter::Value<"
HIDDEN = "****"


def choose(template: Template, given: list[dict[str, Any]], previous: Mapping[str, str]) -> dict[str, str]:
    """One text per parameter of the template: given, kept with UsePreviousValue, or the default; checked."""
    declared = template.parameters
    unknown = [item["ParameterKey"] for item in given if item["ParameterKey"] not in declared]
    if unknown:
        raise ValidationError(f"Parameters: {unknown} do not exist in the template")
    chosen = {name: str(definition["Default"]) for name, definition in declared.items() if "Default" in definition}
    for item in given:
        name = item["ParameterKey"]
        if not item.get("UsePreviousValue"):
            chosen[name] = item.get("ParameterValue", "")
        elif name in previous:
            chosen[name] = previous[name]
        elif name not in chosen:
            raise ValidationError(
                f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true: no previous value"
            )
    missing = [name for name in declared if name not in chosen]
    if missing:
        raise ValidationError(f"Parameters: {missing} must have values")
    for name, definition in declared.items():
        _check(name, definition, chosen[name])
    return {name: chosen[name] for name in declared}


def _check(name: str, definition: Mapping[str, Any], text: str) -> None:
    allowed = definition.get("AllowedValues")
    pattern = definition.get("AllowedPattern")
    items = text.split(",") if definition.get("Type") == "CommaDelimitedList" else [text]
    for item in items:
        if allowed is not None and item.strip() not in [_text(value) for value in allowed]:
            _refuse(definition, f"Parameter '{name}' must be one of AllowedValues")
        if pattern is not None and not re.fullmatch(pattern, item):
            _refuse(definition, f"Parameter '{name}' must match pattern {pattern}")
        if not int(definition.get("MinLength", 0)) <= len(item) <= int(definition.get("MaxLength", len(item))):
            _refuse(definition, f"Parameter '{name}' has a length outside its bounds")
    if definition.get("Type") == "Number":
        try:
            number = float(text)
        except ValueError:
            raise ValidationError(f"Parameter '{name}' must be a number.") from None
        if not float(definition.get("MinValue", number)) <= number <= float(definition.get("MaxValue", number)):
            _refuse(definition, f"Parameter '{name}' is outside its bounds")


def _refuse(definition: Mapping[str, Any], message: str) -> None:
    explanation = definition.get("ConstraintDescription")
    raise ValidationError(f"{message}: {explanation}" if explanation else message)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def resolve(template: Template, chosen: Mapping[str, str], read_parameter: Callable[[str], str]) -> dict[str, str]:
    """The values behind parameters that name an SSM parameter."""
    definitions = template.parameters
    return {
        name: read_parameter(text)
        for name, text in chosen.items()
        if str(definitions[name].get("Type", "")).startswith(SSM_VALUE)
    }


def values(template: Template, chosen: Mapping[str, str], resolved: Mapping[str, str]) -> dict[str, Any]:
    """What `Ref` gives: text, or a list for the list types."""
    result: dict[str, Any] = {}
    for name, text in chosen.items():
        kind = str(template.parameters[name].get("Type", "String")).removeprefix(SSM_VALUE)
        value = resolved.get(name, text)
        is_list = kind.startswith(("List<", "CommaDelimitedList"))
        result[name] = [item.strip() for item in value.split(",")] if is_list else value
    return result


def described(template: Template, chosen: Mapping[str, str], resolved: Mapping[str, str]) -> list[dict[str, str]]:
    """As DescribeStacks shows them; a NoEcho value is never shown."""
    shown = []
    for name, text in chosen.items():
        hidden = str(template.parameters[name].get("NoEcho", "")).lower() == "true"
        entry = {"ParameterKey": name, "ParameterValue": HIDDEN if hidden else text}
        if name in resolved:
            entry["ResolvedValue"] = resolved[name]
        shown.append(entry)
    return shown
