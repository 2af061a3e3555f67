"""Which store the application uses now: what its services read when they start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recovery.endpoint import resource
from strategy import Strategy
from strategy.catalogue.store_arns import physical_name

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

    from strategy.model.strategy import Store


def in_use(ssm: SSMClient, strategy: Strategy, store: Store) -> str:
    """Without a parameter, it is the store that the strategy names."""
    return resource(ssm, strategy.prefix, store.name) or physical_name(strategy, store)
