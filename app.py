"""Which environment → Strategy → stacks → synth."""

import sys
from pathlib import Path

from aws_cdk import App

from stacks import build
from strategy import StrategyError, load

FUNCTIONS = Path(__file__).parent / "build" / "functions"


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
