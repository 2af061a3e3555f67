"""Which environment → Strategy → guards → stacks → synth → is everything covered?"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from aws_cdk import App

from components.acknowledge import left_out
from components.coverage import gaps
from components.function import checking_signatures
from stacks import build
from strategy import StrategyError, load
from strategy.checks.guards import Severity, check

FUNCTIONS = Path(__file__).parent / "build" / "functions"

if __name__ == "__main__":
    # Validating the templates takes most of a synth; the tests do it, for every environment.
    app = App(analytics_reporting=False, builtin_cloud_formation_validation=False)
    environment, *swap = map(app.node.try_get_context, ("environment", "primary", "recovery"))
    try:
        strategy = load(environment or "", primary=swap[0], recovery=swap[1])
        for bundle in (FUNCTIONS, checking_signatures(FUNCTIONS)):
            if not bundle.is_dir():
                raise StrategyError(f"build/{bundle.name} is missing: run `make bundle`")
    except StrategyError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    today = datetime.now(UTC).date()
    findings = check(strategy, today)
    sys.stderr.writelines(f"{finding}\n" for finding in findings)
    if any(finding.severity is Severity.ERROR for finding in findings):
        sys.exit(2)
    with left_out():
        build(app, strategy, FUNCTIONS)
    if uncovered := gaps(Path(app.synth().directory), strategy, today):
        sys.stderr.writelines(f"error: {gap}\n" for gap in uncovered)
        sys.exit(2)
