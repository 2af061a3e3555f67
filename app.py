"""Which environment → Strategy → stacks → synth."""

import sys
from pathlib import Path

from aws_cdk import App

from backup_stack.stack import BackupStack
from dr_stack.stack import DrStack
from dr_stack.standby.stack import StandbyStack
from monitoring_stack.stack import MonitoringStack
from strategy import Strategy, StrategyError, load

FUNCTIONS = Path(__file__).parent / "build" / "functions"
CONTEXT = ("environment", "primary", "recovery")


def build(app: App, strategy: Strategy, functions: Path) -> None:
    """The recovery region comes first: nothing there may wait for the primary, and the primary copies into its vault."""
    backups: list[BackupStack] = []
    for region in (strategy.regions.recovery, strategy.regions.primary):
        standby = StandbyStack(app, strategy=strategy, region=region)
        monitoring = MonitoringStack(app, strategy=strategy, region=region)
        backup = BackupStack(app, strategy=strategy, region=region, functions=functions)
        for needed in (standby, *backups):
            backup.add_stack_dependency(needed)
        backups.append(backup)
        if region == strategy.regions.recovery:
            dr = DrStack(app, strategy=strategy, region=region, functions=functions)
            for needed in (standby, monitoring, backup):
                dr.add_stack_dependency(needed)


if __name__ == "__main__":
    app = App(analytics_reporting=False)
    environment, primary, recovery = map(app.node.try_get_context, CONTEXT)
    try:
        strategy = load(environment or "", primary=primary, recovery=recovery)
        if not FUNCTIONS.is_dir():
            raise StrategyError("build/functions is missing: run `make bundle`")
    except StrategyError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    build(app, strategy, FUNCTIONS)
    app.synth()
