"""CloudFormation's silent conversions between text, numbers and booleans, driven by a type's schema."""

from __future__ import annotations

from typing import Any


def coerce(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> Any:
    """`value` with its scalars converted where the schema leaves no doubt; anything else is returned as it came."""
    schema = _dereference(schema, root)
    branches = [_dereference(branch, root) for key in ("oneOf", "anyOf", "allOf") for branch in schema.get(key, [])]
    if isinstance(value, dict):
        return {key: coerce(item, _member(key, schema, branches), root) for key, item in value.items()}
    if isinstance(value, list):
        items: dict[str, Any] = next((each["items"] for each in (schema, *branches) if isinstance(each.get("items"), dict)), {})
        return [coerce(item, items, root) for item in value]
    return _scalar(value, {kind for each in (schema, *branches) for kind in _types(each)})


def _dereference(schema: Any, root: dict[str, Any]) -> dict[str, Any]:
    while isinstance(schema, dict) and "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema if isinstance(schema, dict) else {}


def _member(key: str, schema: dict[str, Any], branches: list[dict[str, Any]]) -> dict[str, Any]:
    for each in (schema, *branches):
        if key in each.get("properties", {}):
            found: dict[str, Any] = each["properties"][key]
            return found
    for each in (schema, *branches):
        for pattern_schema in each.get("patternProperties", {}).values():
            if isinstance(pattern_schema, dict):
                return pattern_schema
    extra = schema.get("additionalProperties")
    return extra if isinstance(extra, dict) else {}


def _types(schema: dict[str, Any]) -> list[str]:
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)


def _scalar(value: Any, kinds: set[str]) -> Any:
    if isinstance(value, str) and "string" not in kinds and not value.startswith("{{"):
        return _from_text(value, kinds)
    if isinstance(value, bool) and "string" in kinds and "boolean" not in kinds:
        return "true" if value else "false"
    if isinstance(value, int | float) and not isinstance(value, bool) and "string" in kinds and not kinds & {"integer", "number"}:
        return str(value)
    return value


def _from_text(text: str, kinds: set[str]) -> Any:
    if "boolean" in kinds and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    for kind, convert in (("integer", int), ("number", float)):
        if kind in kinds:
            try:
                return convert(text)
            except ValueError:
                continue
    return text
