"""DrStack: the workflow that brings a lost region back in this one, and the functions it calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from components.network import Network
from components.regional_stack import RegionalStack
from dr_stack.functions import Functions
from dr_stack.workflow.region import RegionWorkflow


class DrStack(RegionalStack):
    def __init__(self, *arguments: Any, functions: Path, **properties: Any) -> None:
        super().__init__(*arguments, kind="dr", **properties)
        network = Network(self, prefix=self.strategy.prefix)
        called = Functions(self, "Functions", strategy=self.strategy, region=self.home, network=network, code=functions)
        RegionWorkflow(self, "RecoverRegion", strategy=self.strategy, region=self.home, network=network, functions=called)
