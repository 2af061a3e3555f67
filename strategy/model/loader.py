"""TOML → Strategy. An error is one line: file, key, value found, values allowed, what to do.

`strategy.model.document` says how an environment's file and `base.toml` go together.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from strategy.model.document import BASE, EXTENDS, Document, StrategyError
from strategy.model.strategy import Strategy
from strategy.model.validation_errors import explain

__all__ = ["ENVIRONMENTS", "StrategyError", "document", "environments", "files", "load"]

ENVIRONMENTS = Path(__file__).resolve().parents[2] / "environments"


def load(
    environment: str, *, directory: Path = ENVIRONMENTS, primary: str | None = None, recovery: str | None = None
) -> Strategy:
    """Load `environments/<environment>.toml`, or the file of that path; `primary` and `recovery` override it: the region swap."""
    found = document(environment, directory=directory, primary=primary, recovery=recovery)
    try:
        strategy = Strategy.model_validate(found.values)
    except ValidationError as error:
        raise StrategyError(explain(error, found)) from error
    own = Path(found.file).stem
    if strategy.environment != own:
        raise StrategyError(f"{found.file}: environment: found {strategy.environment!r}; allowed: {own!r}, the file's own name")
    return strategy


def document(
    environment: str, *, directory: Path = ENVIRONMENTS, primary: str | None = None, recovery: str | None = None
) -> Document:
    """What `load` makes a strategy of."""
    path = _path(environment, directory)
    own, base = _layers(path)
    given = {"primary": primary, "recovery": recovery}
    return Document.of(path.name, own, base, {role: region for role, region in given.items() if region is not None})


def environments(directory: Path = ENVIRONMENTS) -> list[str]:
    """Those that have a file: the base is none."""
    return sorted(path.stem for path in directory.glob("*.toml") if path.name != BASE)


def files(path: Path) -> tuple[Path, ...]:
    """The files that an environment's file stands for: itself, and its base where it extends one that is there."""
    base = path.with_name(BASE)
    return (path, base) if EXTENDS in _read(path) and base.is_file() else (path,)


def _path(environment: str, directory: Path) -> Path:
    if environment.endswith(".toml") and Path(environment).is_file():
        directory, environment = Path(environment).resolve().parent, Path(environment).stem
    known = environments(directory)
    if environment not in known:
        raise StrategyError(f"unknown environment {environment!r}: choose one of {', '.join(known)}")
    return directory / f"{environment}.toml"


def _layers(path: Path) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The file's own values, and those of its base."""
    own = _read(path)
    if EXTENDS not in own:
        return own, None
    named = own.pop(EXTENDS)
    if named != BASE:
        raise StrategyError(f"{path.name}: {EXTENDS}: found {named!r}; allowed: {BASE!r}, a file beside it")
    if not path.with_name(BASE).is_file():
        raise StrategyError(f"{path.name}: {EXTENDS}: found {BASE!r}; there is no such file beside it")
    base = _read(path.with_name(BASE))
    if EXTENDS in base:
        raise StrategyError(f"{BASE}: {EXTENDS}: found {base[EXTENDS]!r}; a base extends no other: take the line away")
    return own, base


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
