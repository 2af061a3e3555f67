"""Deploys an environment with the CDK, and tells the primary what only the deployed recovery region knows.

    python -m deployment.deploy ENVIRONMENT [--primary REGION --recovery REGION] [options of `cdk deploy` …]

First it looks for what the stacks stand on (`deployment/foundations.py`), and creates nothing where that is missing. Then it does
three things. The ARN of the key for replicated RDS backups: where the strategy replicates them, the recovery region is
deployed first, the ARN is read from its backup stack, and the primary's backup stack is deployed with it as a parameter. And
that the workload runs in the primary: its standby stack is activated as soon as every service has a release there
(`deployment/release.py`); until then it waits, and that is said. Then everything, which leaves what is there as it is. And that
the recovery region's buckets, whose stack the primary waits for, replicate to the primary's, once those are there. Credentials
and endpoints come from the environment, as for any tool of AWS.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from deployment import foundations
from deployment.release import released
from strategy import Strategy, StrategyError, load
from strategy.catalogue import names

ROOT = Path(__file__).resolve().parent.parent
CDK = ROOT / "node_modules" / ".bin" / "cdk"
ASSEMBLY = ROOT / "cdk.out"


class DeploymentError(Exception):
    """The deployment cannot go on; the message says what is missing and what to do."""


def deploy(
    strategy: Strategy, *, cdk: Callable[..., None], client: Callable[[str, str], Any], say: Callable[[str], None] = print
) -> None:
    """Run `cdk deploy` (which `cdk` does, with the arguments given it) as often as the environment needs.

    `client` makes a boto3 client of a service in a region. Raises DeploymentError before the first command where something is
    missing that the stacks stand on, or a stack is left over from a deployment that failed.
    """
    if found := [*foundations.missing(strategy, client), *foundations.stuck(strategy, client)]:
        raise DeploymentError("nothing was deployed. " + "\n  ".join(found))
    activate(strategy, cdk=cdk, ssm=client("ssm", strategy.regions.primary), say=say)
    if strategy.replicates_backups:
        regions, prefix = strategy.regions, strategy.prefix
        backup = names.stack_id(prefix, "backup", regions.primary)
        # What the primary's backup stack stands on, and nothing that stands on it: `cdk deploy` takes along what a stack needs.
        cdk(names.stack_id(prefix, "backup", regions.recovery), names.stack_id(prefix, "standby", regions.primary))
        key = received_key(strategy, client("cloudformation", regions.recovery))
        # Exclusively: the parameter would go to the other region's stack of the same name too, which has none.
        cdk(backup, "--exclusively", "--parameters", f"{names.REPLICATED_BACKUPS_KEY}={key}")
    cdk("--all")
    for region in (strategy.regions.recovery, strategy.regions.primary):
        replicate(strategy, region, cdk=cdk, cloudformation=client("cloudformation", region))


def replicate(strategy: Strategy, region: str, *, cdk: Callable[..., None], cloudformation: Any) -> None:
    """The buckets of a region replicate to the other one, as soon as both stand."""
    name, other = names.stack(strategy.prefix, "backup"), strategy.regions.other(region)
    described = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    if {"ParameterKey": names.REPLICATES_TO, "ParameterValue": other} in described.get("Parameters", []):
        return
    backup = names.stack_id(strategy.prefix, "backup", region)
    cdk(backup, "--exclusively", "--parameters", f"{names.REPLICATES_TO}={other}")


def activate(strategy: Strategy, *, cdk: Callable[..., None], ssm: Any, say: Callable[[str], None]) -> None:
    """The workload runs in the primary: once activated, a deployment without the parameter keeps it so."""
    primary = strategy.regions.primary
    missing = [each.name for each in strategy.services if not released(ssm, strategy.prefix, each.name)]
    if missing:
        say(
            f"{names.stack(strategy.prefix, 'standby')} in {primary} is not activated: no release of {', '.join(missing)} yet. "
            f"Release them (python -m deployment.release --help), then deploy again."
        )
        return
    # Exclusively: the other region's stack has the same name, and the parameter would go to it too.
    standby = names.stack_id(strategy.prefix, "standby", primary)
    cdk(standby, "--exclusively", "--parameters", f"{names.ACTIVATED}=true")


def received_key(strategy: Strategy, cloudformation: Any) -> str:
    """The ARN of the key, as the recovery region's backup stack says it."""
    stack = names.stack(strategy.prefix, "backup")
    described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    for output in described.get("Outputs", []):
        if output["OutputKey"] == names.REPLICATED_BACKUPS_KEY:
            return str(output["OutputValue"])
    raise DeploymentError(f"{stack} in {strategy.regions.recovery} says no {names.REPLICATED_BACKUPS_KEY}: deploy it again")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m deployment.deploy", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("environment")
    parser.add_argument("--primary")
    parser.add_argument("--recovery")
    given, options = parser.parse_known_args(arguments)
    context = [f"environment={given.environment}"]
    context += [f"{role}={getattr(given, role)}" for role in ("primary", "recovery") if getattr(given, role)]

    def run(*command: str) -> None:
        subprocess.run([str(CDK), *command], cwd=ROOT, check=True)

    def client(service: str, region: str) -> Any:
        import boto3

        session: Any = boto3.session.Session(region_name=region)
        return session.client(service)

    try:
        strategy = load(given.environment, primary=given.primary, recovery=given.recovery)
        run("synth", "--quiet", "--output", str(ASSEMBLY), *(word for each in context for word in ("-c", each)))
        deploy(strategy, cdk=lambda *command: run("deploy", *command, "--app", str(ASSEMBLY), *options), client=client)
    except (StrategyError, DeploymentError) as error:
        print(f"deploy: {error}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        for left in (*foundations.stuck(strategy, client), *foundations.kept(strategy, client)):
            print(f"deploy: {left}", file=sys.stderr)
        return int(error.returncode)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
