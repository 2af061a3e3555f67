"""A refused strategy in one line: file, key, value found, what is allowed or to be done."""

from __future__ import annotations

import re
from datetime import date, time
from difflib import get_close_matches
from typing import Any, cast, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from strategy.model.cron import CronError
from strategy.model.document import BASE, EXTENDS, Document, Location
from strategy.model.strategy import StoreKind, Strategy

_PLAIN = {
    "a valid boolean": "true or false",
    "a valid string": "text in quotes",
    "a valid integer": "a whole number",
    "a valid tuple": "a list",
    "a valid dictionary": "a table",
}
"""pydantic's words for types, in the words of a TOML file."""
_LONGEST = 80


def explain(error: ValidationError, document: Document) -> str:
    """The most telling error, then how many more there are."""
    # A misspelt key shows up twice, as missing and as unknown: the second says what to do. So does a misspelt name of an entry:
    # the base's entry lacks what the environment's file says of it, under the wrong name.
    errors = sorted(
        error.errors(include_url=False),
        key=lambda each: (each["type"] != "extra_forbidden", BASE in document.files(_without_tags(each["loc"]))),
    )
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    location = _without_tags(errors[0]["loc"])
    key = _key(location, document.values)
    if location[:1] == ("regions",) and document.overrides:
        key += f" (with {', '.join(f'{role}={region}' for role, region in document.overrides.items())} given by the caller)"
    problem = _problem(errors[0], location, document.values)
    files = _files(errors[0], _named(location, problem, document.values), document)
    return (f"{files}: {key}: {problem}" if key else f"{files}: {problem}") + more


def _files(error: ErrorDetails, location: Location, document: Document) -> str:
    """Whose the value is; what is missing from a table of the base can be said in either file."""
    found = document.files(location)
    if error["type"] == "missing" and BASE in found:
        return " or ".join(document.files(()))
    return " and ".join(found)


def _named(location: Location, problem: str, document: dict[str, Any]) -> Location:
    """What a table's own message is about: it begins with the key (`rules: the name 'a' is used twice`)."""
    value = cast("Any", document)
    for step in location:
        value = _step(value, step)
    key = problem.partition(":")[0]
    return (*location, key) if isinstance(value, dict) and key in value else location


def _problem(error: ErrorDetails, location: Location, document: dict[str, Any]) -> str:
    found, field = error["input"], _field(location, document)
    value = _shown(found)
    what = f" ({' '.join(field.description.split())})" if field and field.description else ""
    match error["type"]:
        case "missing":
            return f"missing; add it{what}"
        case "extra_forbidden":
            return f"unknown key; {_near(str(location[-1]), _allowed_keys(location[:-1], document))}"
        case "union_tag_invalid" | "union_tag_not_found":
            kind = repr(found["kind"]) if isinstance(found, dict) and "kind" in found else "none"
            return f"kind: found {kind}; allowed: {' or '.join(repr(str(each)) for each in StoreKind)}"
        case "value_error":
            cause = error["ctx"]["error"]
            message = str(cause)
            if isinstance(cause, CronError):
                message = cause.problem if cause.field else f"allowed: {cause.allowed}"
            # A table is too long to repeat in one line; its own message quotes what matters.
            return message if isinstance(found, dict | list | BaseModel) else f"found {value}; {message}"
    return f"found {value}; allowed: {_allowed(error)}{what}"


def _allowed_keys(location: Location, document: dict[str, Any]) -> list[str]:
    return [*_fields(location, document), *(() if location else (EXTENDS,))]


def _allowed(error: ErrorDetails) -> str:
    match error["type"]:
        case "string_pattern_mismatch":
            return f"text matching {error['ctx']['pattern']}"
        case "string_too_short":
            return "text that is not empty"
        case "too_short":
            return f"{error['ctx']['min_length']} or more of them"
        case "literal_error" | "enum":
            return str(error["ctx"]["expected"])
        case "date_type" | "date_parsing" | "date_from_datetime_parsing" | "date_from_datetime_inexact":
            return "a date without quotes, such as 2027-06-30"
    plain = re.sub(r" or (instance of|object to) .*", "", error["msg"].removeprefix("Input should be "))
    return _PLAIN.get(plain, plain)


def _shown(found: Any) -> str:
    """A value as its file spells it, cut where it is long."""
    if isinstance(found, dict | BaseModel):
        return "a table"
    if isinstance(found, bool):
        return str(found).lower()
    text = str(found) if isinstance(found, date | time) else repr(found)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _near(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, 1)
    return f"did you mean {close[0]!r}?" if close else f"allowed: {', '.join(known)}"


def _without_tags(location: Location) -> Location:
    """The place in the file: pydantic names the kind of a store in between (`stores`, 0, `mysql`, `size`)."""
    kept: list[int | str] = []
    for index, step in enumerate(location):
        if index == 2 and location[0] == "stores" and step in set(StoreKind) and isinstance(location[1], int):
            continue
        if step != "[key]":
            kept.append(step)
    return tuple(kept)


def _key(location: Location, document: dict[str, Any]) -> str:
    """Dotted; an element of a list by its name, or else by its number, counted from 1."""
    text, value = "", cast("Any", document)
    for step in location:
        value = _step(value, step)
        if isinstance(step, int):
            name = value.get("name") if isinstance(value, dict) else None
            named = isinstance(name, str) and re.fullmatch(r"[\w.-]{1,50}", name)
            text += f"[{name if named else step + 1}]"
        else:
            text += ("." if text else "") + (step if step.isprintable() else repr(step))
    return text


def _step(value: Any, step: int | str) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) else None


def _fields(location: Location, document: dict[str, Any]) -> dict[str, FieldInfo]:
    """The fields allowed in the table at `location`."""
    model: type[BaseModel] | None = Strategy
    value = cast("Any", document)
    for step in location:
        value = _step(value, step)
        if model is not None and isinstance(step, str) and step in model.model_fields:
            candidates = list(_models(model.model_fields[step].annotation))
            model = candidates[0] if candidates else None
        if isinstance(step, int) and location[0] == "stores" and isinstance(value, dict):
            model = next(
                (each for each in _models(Strategy.model_fields["stores"].annotation) if _kind(each) == value.get("kind")), model
            )
    return dict(model.model_fields) if model else {}


def _kind(model: type[BaseModel]) -> str | None:
    field = model.model_fields.get("kind")
    return str(get_args(field.annotation)[0]) if field else None


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for each in get_args(annotation) for model in _models(each)]


def _field(location: Location, document: dict[str, Any]) -> FieldInfo | None:
    return _fields(location[:-1], document).get(str(location[-1])) if location else None
