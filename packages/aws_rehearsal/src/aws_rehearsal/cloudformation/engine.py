"""The engine behind the API: which stacks exist, and one thread per operation that runs on them."""

from __future__ import annotations

import functools
import threading
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError

from aws_rehearsal.cloudformation import parameters
from aws_rehearsal.cloudformation.builder import Builder
from aws_rehearsal.cloudformation.deployment import Deployment
from aws_rehearsal.cloudformation.errors import ValidationError
from aws_rehearsal.cloudformation.scope import StackScope, checked
from aws_rehearsal.cloudformation.stack import Desired, Stack
from aws_rehearsal.cloudformation.template import EMPTY, Template, parse

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

SETTLE_SECONDS = 10.0
"""Real seconds DescribeStacks may wait for a running operation, so that a poll every five seconds is not what takes the time."""

SETTINGS = (
    "Capabilities",
    "DisableRollback",
    "ImportExistingResources",
    "NotificationARNs",
    "OnFailure",
    "OnStackFailure",
    "RoleARN",
    "RollbackConfiguration",
    "TimeoutInMinutes",
)
"""What a request says about the operation rather than about the stack's resources."""


class Engine:
    """State of all stacks in all regions."""

    def __init__(self, cloud: Cloud, account: str) -> None:
        self.cloud = cloud
        self.account = account
        self.builder = Builder(cloud, account)
        self._stacks: dict[str, list[Stack]] = {}
        self._lock = threading.RLock()
        self._threads: list[threading.Thread] = []

    def close(self) -> None:
        """Operations end with their next step; then nothing is left running."""
        self.builder.closed = True
        self.builder.answers.close()
        for thread in self._threads:
            thread.join(timeout=2)

    # ------------------------------------------------------------------ stacks
    @property
    def regions(self) -> list[str]:
        return sorted(self._stacks)

    def stacks(self, region: str) -> list[Stack]:
        """Newest last, deleted ones included."""
        return list(self._stacks.get(region, []))

    def live(self, region: str) -> list[Stack]:
        return [stack for stack in self.stacks(region) if stack.status != "DELETE_COMPLETE"]

    def find(self, region: str, name_or_id: str) -> Stack | None:
        """A live stack by name, or any stack by its id."""
        for stack in reversed(self.stacks(region)):
            if stack.id == name_or_id or (stack.name == name_or_id and stack.status != "DELETE_COMPLETE"):
                return stack
        return None

    def get(self, region: str, name_or_id: str) -> Stack:
        found = self.find(region, name_or_id)
        if found is None:
            raise ValidationError(f"Stack with id {name_or_id} does not exist")
        return found

    def add(self, region: str, name: str) -> Stack:
        """A new, empty stack in REVIEW_IN_PROGRESS."""
        with self._lock:
            stack_id = f"arn:aws:cloudformation:{region}:{self.account}:stack/{name}/{uuid.uuid4()}"
            stack = Stack(stack_id, name, region, EMPTY, {}, [])
            self._stacks.setdefault(region, []).append(stack)
            return stack

    def wait_settled(self, stack: Stack) -> None:
        """Long polling, outside the count of busy requests: the clock may leap while somebody waits here."""
        with self.cloud.gateway.waiting(), stack.condition:
            stack.condition.wait_for(lambda: not stack.in_progress, timeout=SETTLE_SECONDS)

    # ------------------------------------------------------------------ operations
    def run(self, stack: Stack, status: str, operation: Callable[[Deployment], None]) -> None:
        """Start an operation on a thread of its own. The status changes at once: nobody may see the stack at rest again."""
        with stack.condition:
            if stack.in_progress:
                raise ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")
            stack.status = status
        deployment = Deployment(self.builder, stack)
        thread = threading.Thread(target=self._run, args=(stack, deployment, operation), name=f"stack-{stack.name}", daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()

    def _run(self, stack: Stack, deployment: Deployment, operation: Callable[[Deployment], None]) -> None:
        try:
            with self.cloud.gateway.working():
                operation(deployment)
        except Exception as error:  # the thread's last resort: a stack never stays in progress
            stack.set_status(
                f"{stack.status.split('_', maxsplit=1)[0]}_FAILED", f"Internal Failure: {type(error).__name__}: {error}"
            )
            raise

    # ------------------------------------------------------------------ templates
    def template(self, region: str, request: dict[str, Any], previous: Template = EMPTY) -> Template:
        """The template a request names: inline, by URL, or the one the stack already has."""
        if request.get("UsePreviousTemplate"):
            return previous
        if "TemplateBody" in request:
            template = parse(request["TemplateBody"])
        elif "TemplateURL" in request:
            template = parse(self._download(region, request["TemplateURL"]))
        else:
            raise ValidationError("Either Template URL or Template Body must be specified.")
        checked(template)
        unknown = sorted({each["Type"] for each in template.resources.values() if not self.builder.knows(region, each["Type"])})
        if unknown:
            raise ValidationError(f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")
        return template

    def _download(self, region: str, url: str) -> str:
        """Read through the cloud's own S3, whatever host the URL names: path style, or with the bucket in the host."""
        parts = urlsplit(url)
        host, path = parts.hostname or "", unquote(parts.path).lstrip("/")
        bucket, _, rest = host.partition(".s3")
        if not rest:
            bucket, _, path = path.partition("/")
        try:
            answer = self.cloud.client("s3", region).get_object(Bucket=bucket, Key=path)
        except ClientError as error:
            raise ValidationError(f"S3 error: {error}") from error
        return str(answer["Body"].read().decode())

    def desired(self, region: str, request: dict[str, Any], stack: Stack | None = None) -> Desired:
        """What a request wants, with what it leaves out taken from the stack as it is; raises ValidationError."""
        template = self.template(region, request, stack.template if stack else EMPTY)
        chosen = parameters.choose(template, request.get("Parameters", []), stack.parameters if stack else {})
        resolved = parameters.resolve(template, chosen, functools.partial(self._parameter, region))
        tags = list(request.get("Tags", stack.tags if stack else []))
        settings = {name: request[name] for name in SETTINGS if name in request}
        return Desired(template, chosen, resolved, tags, settings)

    def scope(self, stack: Stack, desired: Desired) -> StackScope:
        """The names of a stack; raises ValidationError where conditions or names do not hold."""
        pseudo = {
            "AWS::AccountId": self.account,
            "AWS::NotificationARNs": stack.settings.get("NotificationARNs", []),
            "AWS::Partition": "aws",
            "AWS::Region": stack.region,
            "AWS::StackId": stack.id,
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": "amazonaws.com",
        }
        values = {**pseudo, **parameters.values(desired.template, desired.parameters, desired.resolved)}
        imported, zones = functools.partial(self._imported, stack), functools.partial(self._zones, stack)
        return StackScope(desired.template, values, stack.resources, imported=imported, zones=zones)

    def _parameter(self, region: str, name: str) -> str:
        try:
            return str(self.cloud.client("ssm", region).get_parameter(Name=name)["Parameter"]["Value"])
        except ClientError as error:
            raise ValidationError(
                f"Unable to fetch parameters [{name}] from parameter store for this account: {error}"
            ) from error

    def _imported(self, stack: Stack, name: str) -> str:
        for other in self.live(stack.region):
            if name in other.exports:
                stack.imports.add(name)
                return other.exports[name]
        raise ValidationError(f"No export named {name} found.")

    def _zones(self, stack: Stack, region: str) -> list[str]:
        """Zones of a region; an empty name means the stack's own."""
        region = region or stack.region
        zones = self.cloud.client("ec2", region).describe_availability_zones()["AvailabilityZones"]
        return [zone["ZoneName"] for zone in zones]
