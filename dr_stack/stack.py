"""DrStack: the workflows that bring back one store where it lives and, in the recovery region, the one for a lost region."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from components.network import Network
from components.regional_stack import RegionalStack
from dr_stack.cutover.switch import Switch
from dr_stack.drills.schedule import Drills
from dr_stack.heartbeat import Heartbeats
from dr_stack.late_writes import LateWrites
from dr_stack.people_policies import ApproverPolicy, OperatorPolicy, PlannedFailoverPolicy, ViewerPolicy
from dr_stack.plans_table import Plans
from dr_stack.preflight import DailyPreflight
from dr_stack.region.functions import RegionFunctions
from dr_stack.region.workflow import RegionWorkflow
from dr_stack.restore.functions import RestoreFunctions
from dr_stack.restore.workflow import RouteWorkflow
from dr_stack.restore_tests.answer_workflow import AnsweringRestoreTests
from dr_stack.restore_tests.watch_workflow import WatchingRestoreTests
from dr_stack.verify.functions import Functions
from strategy.catalogue.routes import Route


class DrStack(RegionalStack):
    def __init__(self, *arguments: Any, functions: Path, **properties: Any) -> None:
        super().__init__(*arguments, kind="dr", **properties)
        strategy, region = self.strategy, self.home
        network = Network(self, prefix=strategy.prefix)
        called = Functions(self, "Functions", strategy=strategy, region=region, network=network, code=functions)
        Plans(self, "Plans", strategy=strategy)
        ViewerPolicy(self, "Viewer", strategy=strategy, region=region)
        OperatorPolicy(self, "Operator", strategy=strategy, region=region)
        PlannedFailoverPolicy(self, "PlannedFailover", strategy=strategy, region=region)
        # In the primary too: the regions change roles, and IAM deletes no policy that a role still has.
        ApproverPolicy(self, "Approver", strategy=strategy, region=region)
        steps = RestoreFunctions(self, "Restore", strategy=strategy, region=region, network=network, code=functions)
        Heartbeats(self, "Heartbeats", strategy=strategy, region=region, network=network, code=functions)
        switch = Switch(self, "Switch", strategy=strategy, region=region, network=network, code=functions)
        LateWrites(self, "Late", strategy=strategy, region=region, network=network, code=functions)
        for route in Route:
            if any(store.kind == route.kind for store in strategy.stores):
                RouteWorkflow(
                    self,
                    route.title().replace("-", ""),
                    strategy=strategy,
                    region=region,
                    route=route,
                    functions=steps,
                    verify=called.verify_mysql if route.kind == "mysql" else called.verify_dynamodb,
                )
        answer = AnsweringRestoreTests(self, "RestoreTest", strategy=strategy, region=region, verifiers=called, code=functions)
        WatchingRestoreTests(self, "RestoreTests", strategy=strategy, region=region, answer=answer.machine, code=functions)
        Drills(self, "Drills", strategy=strategy, region=region, primary=self.is_primary, code=functions)
        scheduled = not self.is_primary
        DailyPreflight(self, "Preflight", strategy=strategy, region=region, scheduled=scheduled, code=functions)
        if not self.is_primary:
            RegionWorkflow(
                self,
                "RecoverRegion",
                strategy=strategy,
                region=region,
                functions=RegionFunctions(self, "Region", strategy=strategy, region=region, code=functions),
                steps=steps,
                switch=switch,
            )
