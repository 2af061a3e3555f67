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
    """Nothing in the recovery region waits for the primary; in the primary, the backup stack waits for the vault that it copies
    into. What runs in one region needs nothing of the other's, so that both come up at the same time.
    """
    regions = strategy.regions
    made: list[Stack] = []
    received: tuple[Stack, ...] = ()
    for region in (regions.recovery, regions.primary):
        standby = StandbyStack(app, strategy=strategy, region=region, after=(), functions=functions)
        backup = BackupStack(app, strategy=strategy, region=region, after=(*received, standby), functions=functions)
        dr = DrStack(app, strategy=strategy, region=region, after=(standby, backup), functions=functions)
        # Last in its region: what is looked at is there when the first look is.
        monitoring = MonitoringStack(app, strategy=strategy, region=region, after=(standby, backup, dr), functions=functions)
        made += [standby, backup, dr, monitoring]
        received = (backup,)
    if ReadReplicaStack.wanted(strategy):  # the exception: there is nothing to replicate before the primary stands
        ReadReplicaStack(app, strategy=strategy, region=strategy.regions.recovery, after=made)
    if CutoverStack.wanted(strategy):  # last: Route 53 refuses to watch an alarm that is not there
        home = names.home(strategy.regions.primary, strategy.regions.recovery)
        CutoverStack(app, strategy=strategy, region=home, after=made)
