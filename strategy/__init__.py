"""The strategy: what is protected, how often, for how long, where copies go, what is left out, and what is promised.

One typed, frozen value, loaded from `environments/<name>.toml`. Pure Python: no boto3, no aws_cdk, no clock. Everything else
in this project is a function of it. `strategy.guards.check` says which of its promises it cannot keep.
"""

from strategy.load import StrategyError, load
from strategy.model import Strategy

__all__ = ["Strategy", "StrategyError", "load"]
