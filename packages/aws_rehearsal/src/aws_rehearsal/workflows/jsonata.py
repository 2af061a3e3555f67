"""JSONata as Step Functions evaluates it: `$states`, the execution's variables, and AWS's own functions.

Values are bound to the expression, not pasted into its text, so a quote in a password or a large input costs nothing.
AWS forbids `$eval` (use `$parse`); here it is undefined as well.
"""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from collections.abc import Mapping
from typing import Any

from jsonata import Jsonata
from jsonata.jexception import JException
from jsonata.utils import Utils

_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


class EvaluationError(Exception):
    """What becomes States.QueryEvaluationError."""


def evaluate(expression: str, variables: Mapping[str, Any]) -> Any:
    """The value of a JSONata expression (without `{% %}`), as plain JSON data.

    `variables` are named without the dollar sign. Raises EvaluationError when it cannot be evaluated, yields nothing, or
    yields something that is not JSON (a function).
    """
    bindings = {name: _bound(value) for name, value in variables.items()}
    try:
        program = Jsonata(expression)
        program.set_output_convert_nulls(False)
        result = program.evaluate(None, _FUNCTIONS | bindings)
    except (JException, ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise EvaluationError(f"The JSONata expression '{expression}' threw an error during evaluation. {error}") from error
    if result is None:
        raise EvaluationError(f"The JSONata expression '{expression}' returned nothing (undefined).")
    return _plain(result, expression)


def _bound(value: Any) -> Any:
    """A null, however deep, is a value; the library takes Python's None for nothing."""
    if value is None:
        return Utils.NULL_VALUE
    if isinstance(value, dict):
        return {key: _bound(each) for key, each in value.items()}
    return [_bound(each) for each in value] if isinstance(value, list) else value


def _plain(value: Any, expression: str) -> Any:
    if value is Utils.NULL_VALUE or value is None:
        return None
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value  # JSONata has one kind of number: 7200 / 2 is 3600, not 3600.0
    if isinstance(value, list | tuple):
        return [_plain(each, expression) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each, expression) for key, each in value.items()}
    raise EvaluationError(f"The JSONata expression '{expression}' returned an unsupported result type.")


# ---------------------------------------------------------------------- the functions AWS adds
def _partition(array: list[Any], size: float) -> list[list[Any]]:
    step = int(size)
    if step < 1:
        raise ValueError("$partition needs a chunk size of at least 1")
    return [list(array[start : start + step]) for start in range(0, len(array), step)]


def _range(first: float, last: float, step: float) -> list[int]:
    if not step:
        raise ValueError("$range needs a step other than 0")
    return list(range(int(first), int(last) + (1 if step > 0 else -1), int(step)))


def _hash(value: Any, algorithm: str = "SHA-256") -> str:
    if algorithm not in _HASHES:
        raise ValueError(f"$hash knows {', '.join(_HASHES)}, not {algorithm!r}")
    text = value if isinstance(value, str) else json.dumps(_plain(value, "$hash"), separators=(",", ":"))
    return hashlib.new(_HASHES[algorithm], text.encode()).hexdigest()


def _random(seed: float | None = None) -> float:
    return random.Random(seed).random()


def _uuid() -> str:
    return str(uuid.uuid4())


_FUNCTIONS: dict[str, Any] = {
    "partition": Jsonata.JLambda(_partition),
    "range": Jsonata.JLambda(_range),
    "hash": Jsonata.JLambda(_hash),
    "random": Jsonata.JLambda(_random),
    "uuid": Jsonata.JLambda(_uuid),
    "parse": Jsonata.JLambda(json.loads),
    "eval": None,
}
