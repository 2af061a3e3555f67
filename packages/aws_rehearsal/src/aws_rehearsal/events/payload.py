"""What a target is sent: the event in AWS's shape, or what the target's Input, InputPath or InputTransformer makes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from jsonpath_ng.ext.parser import parse

_FIELDS = ("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail")
_TOKEN = re.compile(r'\\.|"|<([\w.-]+)>', re.DOTALL)
_MISSING = object()


def as_aws_sends_it(event: dict[str, Any]) -> dict[str, Any]:
    """An event of moto's with the fields, order and time format of AWS's."""
    moment = event["time"]
    if not isinstance(moment, str):
        moment = datetime.fromtimestamp(float(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {field: {**event, "time": moment}[field] for field in _FIELDS}


def payload(target: dict[str, Any], event: dict[str, Any], *, rule_arn: str) -> str:
    """The text the target receives."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        found = _find(target["InputPath"], event)
        return json.dumps(None if found is _MISSING else found)
    if "InputTransformer" in target:
        return _transform(target["InputTransformer"], event, rule_arn)
    return json.dumps(event)


def _transform(transformer: dict[str, Any], event: dict[str, Any], rule_arn: str) -> str:
    """Fill a template. The result is not parsed: AWS sends `"text <name>"` with its quotation marks, several lines as such."""
    values: dict[str, Any] = {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rsplit("/", 1)[-1],
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.json": event,
        "aws.events.event.ingestion-time": event["time"],
    }
    values |= {name: _find(path, event) for name, path in transformer.get("InputPathsMap", {}).items()}
    return _TOKEN.sub(_filler(values), transformer["InputTemplate"])


def _filler(values: dict[str, Any]) -> Callable[[re.Match[str]], str]:
    """Replaces `<name>`: by JSON where a value stands alone, by bare text inside quotation marks."""
    inside = False

    def fill(token: re.Match[str]) -> str:
        nonlocal inside
        if token[0] == '"':
            inside = not inside
        name = token[1]
        if name is None or name not in values:
            return token[0]
        value = values[name]
        if not inside:
            return json.dumps(None if value is _MISSING else value)
        if value is _MISSING:
            return ""
        text = value if isinstance(value, str) else json.dumps(value)
        return json.dumps(text)[1:-1]

    return fill


def _find(path: str, event: dict[str, Any]) -> Any:
    matches = parse(path).find(event)
    return matches[0].value if matches else _MISSING
