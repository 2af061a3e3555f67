"""TOML → Strategy. An error is one line: file, key, value found, values allowed, what to do."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ValidationError

from strategy.model.strategy import Strategy
from strategy.model.validation_errors import explain

ENVIRONMENTS = Path(__file__).resolve().parents[2] / "environments"


class StrategyError(Exception):
    """The strategy cannot be used; the message says what, where and what to do."""

    exit_code: ClassVar[int] = 2
    """A command line that ends with it was given the wrong input."""


def load(
    environment: str, *, directory: Path = ENVIRONMENTS, primary: str | None = None, recovery: str | None = None
) -> Strategy:
    """Load `environments/<environment>.toml`, or the file of that path; `primary` and `recovery` override it: the region swap."""
    if environment.endswith(".toml") and Path(environment).is_file():
        directory, environment = Path(environment).resolve().parent, Path(environment).stem
    known = sorted(each.stem for each in directory.glob("*.toml"))
    if environment not in known:
        raise StrategyError(f"unknown environment {environment!r}: choose one of {', '.join(known)}")
    path = directory / f"{environment}.toml"
    document = _read(path)
    overrides = {role: region for role, region in (("primary", primary), ("recovery", recovery)) if region is not None}
    regions = document.setdefault("regions", {})
    if isinstance(regions, dict):
        regions.update(overrides)
    try:
        strategy = Strategy.model_validate(document)
    except ValidationError as error:
        raise StrategyError(f"{path.name}: {explain(error, document, overrides)}") from error
    if strategy.environment != environment:
        raise StrategyError(
            f"{path.name}: environment: found {strategy.environment!r}; allowed: {environment!r}, the file's own name"
        )
    return strategy


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        match = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
        place = f"line {match[2]}, column {match[3]}" if match and match[2] else "end of the file"
        raise StrategyError(f"{path.name}: {place}: not TOML: {match[1] if match else error}") from error
    except UnicodeDecodeError as error:
        raise StrategyError(f"{path.name}: byte {error.start}: not UTF-8; save the file as UTF-8") from error
    except OSError as error:
        raise StrategyError(f"{path.name}: cannot be read: {error.strerror}") from error
