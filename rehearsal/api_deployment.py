"""Deploying an assembly through CloudFormation's API: the same stacks as the CDK command line makes, without its processes.

For tests and worlds in which the command line is not the subject: no node, no change sets, and stacks that do not need one
another at the same time. What the command line does and this does not: importing what stands already, and showing its work.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from aws_rehearsal import Cloud
from deployment.deploy import deploy
from strategy import Strategy

BOOTSTRAP = Path(__file__).resolve().parent.parent / "node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml"
TOOLKIT = "CDKToolkit"
DATED = (1980, 1, 1, 0, 0, 0)
"""As the command line dates what it packs: the same files are the same archive."""


class StackFailed(Exception):
    """A stack did not come up; the message names it, and what failed in it."""


def deploy_assembly(cloud: Cloud, strategy: Strategy, assembly: Path) -> None:
    """Bootstrap both regions, publish the assets of `assembly`, and deploy all its stacks in the order of `make deploy`.

    `strategy` is what the assembly was made from. As with the command line: deployed again, only what differs is changed, and
    services that are to run in the primary need their releases first (`scenarios.application.release`).
    """
    stacks = Stacks(cloud, assembly)
    stacks.bootstrap(strategy.regions.primary, strategy.regions.recovery)
    stacks.publish()
    deploy(strategy, cdk=stacks.deploy, client=cloud.client)


@dataclass(frozen=True)
class Artifact:
    """One stack of an assembly."""

    id: str
    needs: frozenset[str]
    region: str
    properties: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.properties["stackName"])


class Stacks:
    """The stacks of an assembly, in one cloud."""

    def __init__(self, cloud: Cloud, assembly: Path) -> None:
        self._cloud, self._assembly = cloud, assembly

    @cached_property
    def artifacts(self) -> dict[str, Artifact]:
        manifest = json.loads((self._assembly / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
        kinds = {name: each for name, each in manifest.items() if each["type"] == "aws:cloudformation:stack"}
        return {
            name: Artifact(
                name,
                frozenset(each.get("dependencies", ())) & kinds.keys(),
                each["environment"].rpartition("/")[2],
                {"stackName": name, **each["properties"]},
            )
            for name, each in kinds.items()
        }

    def bootstrap(self, *regions: str) -> None:
        """The command line's own template, with the choices it makes."""
        body = BOOTSTRAP.read_text(encoding="utf-8")
        with ThreadPoolExecutor() as threads:
            for done in [threads.submit(self._apply, region, TOOLKIT, TemplateBody=body) for region in regions]:
                done.result()

    def publish(self) -> None:
        """Every file and folder that the stacks name, to the bucket in which they look for it."""
        archives: dict[str, bytes] = {}
        for source, destination in self._files():
            if source["path"] not in archives:
                archives[source["path"]] = _packed(self._assembly / source["path"], source["packaging"])
            key = destination["objectKey"]
            s3 = self._cloud.client("s3", destination["region"])
            s3.put_object(Bucket=destination["bucketName"], Key=key, Body=archives[source["path"]])

    def deploy(self, *command: str) -> None:
        """As `cdk deploy` understands it: names of stacks or `--all`, `--exclusively`, and `--parameters NAME=VALUE`."""
        words = iter(command)
        chosen, parameters, alone = set[str](), dict[str, str](), False
        for word in words:
            if word == "--parameters":
                name, _, parameters[name] = next(words).partition("=")
            elif word == "--exclusively":
                alone = True
            else:
                chosen |= self.artifacts.keys() if word == "--all" else {word}
        self._deploy(chosen if alone else self._with_needs(chosen), parameters)

    def _deploy(self, chosen: set[str], parameters: Mapping[str, str]) -> None:
        """Each as soon as what it needs stands."""
        waiting = dict(sorted((name, self.artifacts[name].needs & chosen) for name in chosen))
        with ThreadPoolExecutor(max_workers=max(len(chosen), 1)) as threads:
            running: dict[Future[None], str] = {}
            while waiting or running:
                missing = {*waiting, *running.values()}
                for name in [each for each, needs in waiting.items() if not needs & missing]:
                    running[threads.submit(self._deploy_one, self.artifacts[name], parameters)] = name
                    del waiting[name]
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    del running[done]
                    done.result()

    def _with_needs(self, chosen: set[str]) -> set[str]:
        needed = {need for name in chosen for need in self.artifacts[name].needs}
        return chosen if needed <= chosen else self._with_needs(chosen | needed)

    def _deploy_one(self, artifact: Artifact, parameters: Mapping[str, str]) -> None:
        template = json.loads((self._assembly / artifact.properties["templateFile"]).read_text(encoding="utf-8"))
        declared = template.get("Parameters", {})
        known = self._parameters(artifact)
        given = [
            {"ParameterKey": name, "ParameterValue": parameters[name]}
            if name in parameters
            else {"ParameterKey": name, "UsePreviousValue": True}
            for name in declared
            if name in parameters or name in known
        ]
        self._apply(
            artifact.region,
            artifact.name,
            TemplateURL=_url(artifact.properties["stackTemplateAssetObjectUrl"], artifact.region),
            Parameters=given,
            RoleARN=artifact.properties["cloudFormationExecutionRoleArn"].replace("${AWS::Partition}", "aws"),
            Tags=[{"Key": key, "Value": value} for key, value in artifact.properties.get("tags", {}).items()],
        )

    def _parameters(self, artifact: Artifact) -> set[str]:
        """Names of what the stack was told before, and keeps."""
        stack = self._described(artifact.region, artifact.name)
        return {each["ParameterKey"] for each in stack.get("Parameters", [])}

    def _apply(self, region: str, name: str, **request: Any) -> None:
        cloudformation = self._cloud.client("cloudformation", region)
        change = cloudformation.update_stack if self._described(region, name) else cloudformation.create_stack
        try:
            change(StackName=name, Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"], **request)
        except ClientError as error:
            if "No updates are to be performed" in str(error):
                return
            raise
        while (stack := self._described(region, name))["StackStatus"].endswith("_IN_PROGRESS"):
            pass  # each call waits in the embedded AWS itself
        if stack["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            raise StackFailed(f"{name} in {region} is {stack['StackStatus']}: {'; '.join(self._reasons(region, name))}")

    def _described(self, region: str, name: str) -> dict[str, Any]:
        """Empty: there is no such stack."""
        try:
            found: dict[str, Any] = self._cloud.client("cloudformation", region).describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return {}
            raise
        return found

    def _reasons(self, region: str, name: str) -> list[str]:
        events = self._cloud.client("cloudformation", region).describe_stack_events(StackName=name)["StackEvents"]
        return [
            f"{each['LogicalResourceId']}: {each['ResourceStatusReason']}"
            for each in events
            if each["ResourceStatus"].endswith("_FAILED") and each.get("ResourceStatusReason")
        ]

    def _files(self) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
        for artifact in self.artifacts:
            manifest = json.loads((self._assembly / f"{artifact}.assets.json").read_text(encoding="utf-8"))
            for each in manifest["files"].values():
                yield from ((each["source"], destination) for destination in each["destinations"].values())


def _packed(source: Path, packaging: str) -> bytes:
    if packaging == "file":
        return source.read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(source.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(str(path.relative_to(source)), DATED)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, path.stat().st_mode << 16
                archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def _url(location: str, region: str) -> str:
    """`s3://bucket/key`, as CloudFormation takes it."""
    bucket, _, key = location.removeprefix("s3://").partition("/")
    return f"https://{bucket}.s3.{region}.amazonaws.com/{key}"
