"""The unmodified CDK command line against the embedded AWS: bootstrap, deploy, diff, deploy again, change, destroy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from aws_cdk import App, CfnOutput, DefaultStackSynthesizer, Environment, RemovalPolicy, Stack, aws_s3, aws_s3_assets, aws_ssm

from aws_rehearsal import Cloud

ACCOUNT, REGION = "123456789012", "ap-southeast-1"
ROOT = Path(__file__).parents[3]


def assembly(directory: Path, value: str) -> Path:
    """A stack with a file asset, a bucket, a parameter and outputs."""
    asset = directory / "asset.txt"
    asset.write_text("content")
    app = App(outdir=str(directory / f"cdk-{value}"), analytics_reporting=False)
    stack = Stack(app, "Small", env=Environment(account=ACCOUNT, region=REGION), synthesizer=DefaultStackSynthesizer())
    uploaded = aws_s3_assets.Asset(stack, "Asset", path=str(asset))
    bucket = aws_s3.Bucket(stack, "Bucket", removal_policy=RemovalPolicy.DESTROY)
    aws_ssm.StringParameter(stack, "Parameter", parameter_name="/small/value", string_value=value)
    CfnOutput(stack, "BucketName", value=bucket.bucket_name)
    CfnOutput(stack, "AssetKey", value=uploaded.s3_object_key)
    return Path(app.synth().directory)


def cdk(cloud: Cloud, directory: Path, *arguments: str) -> str:
    environment = {
        **cloud.credentials("deployer").environment(),
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "HOME": str(directory),
        "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "CI": "true",
    }
    program = str(ROOT / "node_modules" / ".bin" / "cdk")
    done = subprocess.run(
        [program, *arguments], cwd=directory, env=environment, capture_output=True, text=True, check=False, timeout=1800
    )
    text = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    assert done.returncode == 0, text
    return text


def test_the_real_command_line_deploys_changes_and_destroys(tmp_path: Path) -> None:
    assert shutil.which(str(ROOT / "node_modules" / ".bin" / "cdk")), "run `make setup` first: the CDK command line is missing"
    first, second = assembly(tmp_path, "one"), assembly(tmp_path, "two")
    deploy = ("deploy", "Small", "--require-approval", "never", "--progress", "events", "--app")
    with Cloud(directory=tmp_path / "cloud") as cloud:
        ssm = cloud.client("ssm", REGION)
        cdk(cloud, tmp_path, "bootstrap", f"aws://{ACCOUNT}/{REGION}")
        shown = cdk(cloud, tmp_path, *deploy, str(first))
        assert "Small.BucketName = " in shown
        assert "CREATE_COMPLETE" in shown
        assert ssm.get_parameter(Name="/small/value")["Parameter"]["Value"] == "one"
        key = re.search(r"Small\.AssetKey = (\S+)", shown)
        assert key
        assets = cloud.client("s3", REGION).list_objects_v2(Bucket=f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}")["Contents"]
        assert key[1] in [each["Key"] for each in assets]
        assert "(no changes)" in cdk(cloud, tmp_path, *deploy, str(first))
        assert "Number of stacks with differences: 1" in cdk(cloud, tmp_path, "diff", "--app", str(second))
        cdk(cloud, tmp_path, *deploy, str(second), "--method=direct")
        assert ssm.get_parameter(Name="/small/value")["Parameter"]["Value"] == "two"
        cdk(cloud, tmp_path, "destroy", "Small", "--force", "--app", str(second))
        assert [stack["StackName"] for stack in cloud.client("cloudformation", REGION).describe_stacks()["Stacks"]] == [
            "CDKToolkit"
        ]
