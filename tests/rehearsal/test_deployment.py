"""How an environment is deployed, by command line and by API: the primary's stack gets the key that the other region made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, Environment, Stack, aws_kms, aws_ssm

from aws_rehearsal import ACCOUNT, Cloud
from rehearsal.api_deployment import StackFailed, Stacks, deploy_assembly
from rehearsal.cdk import Cdk
from strategy import Strategy, load
from strategy.catalogue import names


def assembly(directory: Path, strategy: Strategy) -> Path:
    """Stacks named as an environment's are, with what this is about and nothing else."""
    app = App(outdir=str(directory / "cdk.out"), analytics_reporting=False)

    def stack(kind: str, region: str) -> Stack:
        return Stack(
            app,
            names.stack_id(strategy.prefix, kind, region),
            stack_name=names.stack(strategy.prefix, kind),
            env=Environment(account=ACCOUNT, region=region),
        )

    def replicates(backup: Stack, default: str) -> None:
        to = CfnParameter(backup, names.REPLICATES_TO, default=default).value_as_string
        aws_ssm.StringParameter(backup, "Replicates", parameter_name="/replicates", string_value=f"to {to}")

    receiving = stack("backup", strategy.regions.recovery)
    replicates(receiving, "")
    key = aws_kms.Key(receiving, "Key")
    CfnOutput(receiving, names.REPLICATED_BACKUPS_KEY, value=key.key_arn)
    sending = stack("backup", strategy.regions.primary)
    sending.add_stack_dependency(receiving)
    replicates(sending, strategy.regions.recovery)
    told = CfnParameter(sending, names.REPLICATED_BACKUPS_KEY, allowed_pattern="^arn:aws:kms:.+:key/.+$")
    aws_ssm.StringParameter(sending, "Told", parameter_name="/told", string_value=told.value_as_string)
    for kind in ("standby", "monitoring"):
        aws_ssm.StringParameter(stack(kind, strategy.regions.primary), "There", parameter_name=f"/{kind}", string_value="yes")
    return Path(app.synth().directory)


@contextmanager
def command_line(cloud: Cloud, strategy: Strategy, synthesised: Path) -> Iterator[Callable[[], None]]:
    with Cdk(cloud, log=synthesised.parent / "cdk.log") as cdk:
        cdk.bootstrap(strategy.regions.primary, strategy.regions.recovery)
        yield lambda: cdk.deploy(strategy, assembly=synthesised, progress=lambda _: None)


@contextmanager
def api(cloud: Cloud, strategy: Strategy, synthesised: Path) -> Iterator[Callable[[], None]]:
    yield lambda: deploy_assembly(cloud, strategy, synthesised)


@pytest.mark.parametrize("deployer", [command_line, api])
def test_the_key_reaches_the_primary_and_stays(tmp_path: Path, deployer: Callable[..., Any]) -> None:
    dev = load("dev")
    mysql = dev.store("mysql").model_copy(update={"replicated_backups": True})
    strategy = dev.model_copy(update={"stores": (mysql, dev.store("audit-logs")), "dns": None})
    synthesised = assembly(tmp_path, strategy)
    with Cloud(directory=tmp_path / "cloud") as cloud, deployer(cloud, strategy, synthesised) as deploy:
        ssm = cloud.client("ssm", strategy.regions.primary)
        keys = cloud.client("kms", strategy.regions.recovery)
        for _ in range(2):  # deployed again, the stack keeps what it was told
            deploy()
            told = ssm.get_parameter(Name="/told")["Parameter"]["Value"]
            assert told in [key["KeyArn"] for key in keys.list_keys()["Keys"]]
            for region in (strategy.regions.primary, strategy.regions.recovery):
                (stack,) = cloud.client("cloudformation", region).describe_stacks(StackName=f"{strategy.prefix}-backup")["Stacks"]
                values = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
                assert values[names.REPLICATES_TO] == strategy.regions.other(region)


def test_a_stack_that_fails_by_api_says_where_and_why(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path / "cdk.out"), analytics_reporting=False)
    there = Stack(app, "There", env=Environment(account=ACCOUNT, region="ap-southeast-2"))
    aws_ssm.CfnParameter(there, "Nameless", type="Strings", value="no")
    with Cloud(directory=tmp_path / "cloud") as cloud:
        stacks = Stacks(cloud, Path(app.synth().directory))
        stacks.bootstrap("ap-southeast-2")
        stacks.publish()
        with pytest.raises(StackFailed, match=r"There in ap-southeast-2 is ROLLBACK_COMPLETE: Nameless: .*Strings"):
            stacks.deploy("There")
