"""TOML → Strategy. An error names the file, the key, the value found and what is allowed."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError

from strategy.model import Strategy

ENVIRONMENTS = Path(__file__).resolve().parent.parent / "environments"


class StrategyError(Exception):
    """The strategy cannot be used; the message says what, where and what to do."""


def load(
    environment: str, *, directory: Path = ENVIRONMENTS, primary: str | None = None, recovery: str | None = None
) -> Strategy:
    """Load `environments/<environment>.toml`; `primary` and `recovery` override the file (the region swap)."""
    path = directory / f"{environment}.toml"
    if not path.is_file():
        known = ", ".join(sorted(each.stem for each in directory.glob("*.toml")))
        raise StrategyError(f"unknown environment {environment!r}: choose one of {known}")
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    regions = document.setdefault("regions", {})
    for role, region in (("primary", primary), ("recovery", recovery)):
        if region is not None:
            regions[role] = region
    try:
        return Strategy.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        raise StrategyError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
