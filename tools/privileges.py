"""`python -m tools.privileges`: which rights of functions and workflows the scenarios use, and which nobody would miss.

Every scenario runs with policies enforced; then each right is taken away from what was decided. A right is a function's or
workflow's name and an action, both regions together. Prints figures, and on stderr what a person should look at.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from aws_rehearsal import Removal, removals
from rehearsal.options import Options
from rehearsal.scenarios import Context
from rehearsal.session import rehearse
from tools.permissions.calls import reason

SCENARIOS = ("region-loss", "failback", "drill", "all-routes")


class Rights:
    """What was found in each cloud, by whose right it is and its action."""

    def __init__(self) -> None:
        self.decisions = 0
        self.denied: list[str] = []
        self._found: dict[tuple[str, str], list[Removal]] = defaultdict(list)

    def read(self, context: Context) -> None:
        guard = context.cloud.guard
        self.decisions += context.result.decisions
        self.denied += context.result.denied
        callers = dict(_callers(context))
        for role, removal in removals(callers, list(guard.samples.values())):
            caller = callers[role].removeprefix(f"{context.strategy.prefix}-")
            self._found[caller, removal.action].append(removal)

    def unused(self) -> list[tuple[str, str]]:
        return sorted(right for right, found in self._found.items() if not any(each.used for each in found))

    def unexplained(self) -> list[tuple[str, str]]:
        """Unused, and no reason stands beside the grant."""
        return [right for right in self.unused() if not reason(*right)]

    def unnoticed(self) -> list[tuple[str, str]]:
        """Used, and allowed all the same without this one."""
        return sorted(
            right
            for right, found in self._found.items()
            if any(each.used for each in found) and not any(each.denied for each in found)
        )

    def figures(self) -> dict[str, float]:
        used = len(self._found) - len(self.unused())
        return {
            "iam.decisions": self.decisions,
            "iam.denied": len(self.denied),
            "iam.grants": len(self._found),
            "iam.grants_unused": len(self.unused()),
            "iam.grants_unexplained": len(self.unexplained()),
            "iam.removals": used,
            "iam.removals_noticed": used - len(self.unnoticed()),
        }


def _callers(context: Context) -> Iterator[tuple[str, str]]:
    """The role's ARN and the name of each function and workflow of both regions; a lost one has none."""
    for region in (context.primary, context.recovery):
        if region in context.cloud.gateway.lost_regions:
            continue
        functions, machines = context.cloud.client("lambda", region), context.cloud.client("stepfunctions", region)
        for page in functions.get_paginator("list_functions").paginate():
            yield from ((each["Role"], each["FunctionName"]) for each in page["Functions"])
        for page in machines.get_paginator("list_state_machines").paginate():
            for each in page["stateMachines"]:
                yield machines.describe_state_machine(stateMachineArn=each["stateMachineArn"])["roleArn"], each["name"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.privileges", description=__doc__)
    parser.add_argument("--scenario", choices=SCENARIOS, action="append", help="only this one; all without it")
    scenarios = parser.parse_args().scenario or SCENARIOS
    rights = Rights()
    for scenario in scenarios:
        with tempfile.TemporaryDirectory() as folder:
            options = Options("dev", output=Path(folder, "rehearsal"))
            result = rehearse(scenario, options, Console(stderr=True, quiet=True), at_the_end=rights.read)
            if not result.verified:
                sys.exit(f"{scenario} was not verified: {'; '.join(result.findings)[:2000]}")
    for what, found in (("unused, without a reason", rights.unexplained()), ("used, and not missed", rights.unnoticed())):
        print(*(f"{what}: {caller} {action}" for caller, action in found), sep="\n", file=sys.stderr)
    print(json.dumps(rights.figures()))


if __name__ == "__main__":
    main()
