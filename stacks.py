"""Which stacks an environment has, and in which order they are deployed."""

from pathlib import Path

from aws_cdk import App, Stack

from backup_stack.read_replica_stack import ReadReplicaStack
from backup_stack.stack import BackupStack
from dr_stack.cutover.cutover_stack import CutoverStack
from dr_stack.stack import DrStack
from dr_stack.standby.stack import StandbyStack
from monitoring_stack.stack import MonitoringStack
from strategy import Strategy
from strategy.catalogue import names


def build(app: App, strategy: Strategy, functions: Path) -> None:
    """The recovery region comes first: nothing there may wait for the primary, and the primary copies into its vault."""
    before: list[Stack] = []
    for region in (strategy.regions.recovery, strategy.regions.primary):
        before.append(StandbyStack(app, strategy=strategy, region=region, after=(), functions=functions))
        before.append(BackupStack(app, strategy=strategy, region=region, after=before, functions=functions))
        before.append(DrStack(app, strategy=strategy, region=region, after=before, functions=functions))
        # Last in its region: what is looked at is there when the first look is.
        before.append(MonitoringStack(app, strategy=strategy, region=region, after=before, functions=functions))
    if ReadReplicaStack.wanted(strategy):  # the exception: there is nothing to replicate before the primary stands
        ReadReplicaStack(app, strategy=strategy, region=strategy.regions.recovery, after=before)
    if CutoverStack.wanted(strategy):  # last: Route 53 refuses to watch an alarm that is not there
        home = names.home(strategy.regions.primary, strategy.regions.recovery)
        CutoverStack(app, strategy=strategy, region=home, after=before)
