"""How an environment is deployed, with the real CDK command line: the primary's stack gets the key that the other region made."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import App, CfnOutput, CfnParameter, Environment, Stack, aws_kms, aws_ssm

from aws_rehearsal import ACCOUNT, Cloud
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


def test_the_key_reaches_the_primary_and_stays(tmp_path: Path) -> None:
    dev = load("dev")
    mysql = dev.store("mysql").model_copy(update={"replicated_backups": True})
    strategy = dev.model_copy(update={"stores": (mysql, dev.store("audit-logs"))})
    synthesised = assembly(tmp_path, strategy)
    with Cloud(directory=tmp_path / "cloud") as cloud, Cdk(cloud, log=tmp_path / "cdk.log") as cdk:
        cdk.bootstrap(strategy.regions.primary, strategy.regions.recovery)
        ssm = cloud.client("ssm", strategy.regions.primary)
        keys = cloud.client("kms", strategy.regions.recovery)
        for _ in range(2):  # deployed again, the stack keeps what it was told
            cdk.deploy(strategy, assembly=synthesised, progress=lambda _: None)
            told = ssm.get_parameter(Name="/told")["Parameter"]["Value"]
            assert told in [key["KeyArn"] for key in keys.list_keys()["Keys"]]
            for region in (strategy.regions.primary, strategy.regions.recovery):
                (stack,) = cloud.client("cloudformation", region).describe_stacks(StackName=f"{strategy.prefix}-backup")["Stacks"]
                values = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
                assert values[names.REPLICATES_TO] == strategy.regions.other(region)
