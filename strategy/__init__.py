"""The strategy: what is protected, how often, for how long, where copies go, what is left out, and what is promised.

One typed, frozen value, loaded from `environments/<name>.toml`. Pure Python: no boto3, no aws_cdk, no clock. Everything else
in this project is a function of it. `strategy.checks.guards.check` says which of its promises it cannot keep.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from strategy.model.loader import StrategyError, load
    from strategy.model.strategy import Strategy

__all__ = ["Strategy", "StrategyError", "load"]

_HOME = {"Strategy": "strategy.model.strategy", "StrategyError": "strategy.model.loader", "load": "strategy.model.loader"}


def __getattr__(name: str) -> Any:
    """Imported when asked for: the Lambda functions need `strategy.catalogue.names`, and have no pydantic."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
