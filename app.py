"""Which environment → Strategy → stacks → synth."""

import sys
from pathlib import Path

from aws_cdk import App, Stack

from backup_stack.stack import BackupStack
from dr_stack.stack import DrStack
from dr_stack.standby.stack import StandbyStack
from monitoring_stack.stack import MonitoringStack
from strategy import Strategy, StrategyError, load

FUNCTIONS = Path(__file__).parent / "build" / "functions"


def build(app: App, strategy: Strategy, functions: Path) -> None:
    """The recovery region comes first: nothing there may wait for the primary, and the primary copies into its vault."""
    before: list[Stack] = []
    for region in (strategy.regions.recovery, strategy.regions.primary):
        before.append(StandbyStack(app, strategy=strategy, region=region, after=()))
        before.append(MonitoringStack(app, strategy=strategy, region=region, after=()))
        before.append(BackupStack(app, strategy=strategy, region=region, after=before, functions=functions))
    DrStack(app, strategy=strategy, region=strategy.regions.recovery, after=before[:3], functions=functions)


if __name__ == "__main__":
    # Validating the templates takes most of a synth; the tests do it, for every environment.
    app = App(analytics_reporting=False, builtin_cloud_formation_validation=False)
    environment, *swap = map(app.node.try_get_context, ("environment", "primary", "recovery"))
    try:
        strategy = load(environment or "", primary=swap[0], recovery=swap[1])
        if not FUNCTIONS.is_dir():
            raise StrategyError("build/functions is missing: run `make bundle`")
    except StrategyError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    build(app, strategy, FUNCTIONS)
    app.synth()
