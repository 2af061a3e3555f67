"""What every stack of this app is: a part of the strategy, in one region."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aws_cdk import Environment, Stack
from constructs import Construct

from strategy import Strategy
from strategy.catalogue import names


class RegionalStack(Stack):
    """A stack of one `kind` in one region. Its CloudFormation name is the same in both regions; its id in the app is not."""

    def __init__(
        self, scope: Construct, *, kind: str, strategy: Strategy, region: str, after: Iterable[Stack], **properties: Any
    ) -> None:
        """`after` are the stacks, of either region, that must be deployed before this one."""
        super().__init__(
            scope,
            names.stack_id(strategy.prefix, kind, region),
            stack_name=names.stack(strategy.prefix, kind),
            env=Environment(account=strategy.account, region=region),
            tags=strategy.tags,
            **properties,
        )
        self.strategy = strategy
        self.home = region
        """The region as plain text; `Stack.region` may be a token."""
        for stack in after:
            self.add_stack_dependency(stack)

    @property
    def is_primary(self) -> bool:
        return self.home == self.strategy.regions.primary

    @property
    def other_region(self) -> str:
        return self.strategy.regions.other(self.home)

    @property
    def evidence_bucket(self) -> str:
        return names.evidence_bucket(self.strategy.prefix, self.home, self.strategy.account)
