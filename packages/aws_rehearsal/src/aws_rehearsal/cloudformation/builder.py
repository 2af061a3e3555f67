"""One resource at a time: find its handler, resolve and check its properties, and turn every error into a reason."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from aws_rehearsal.cloudformation import dynamic, registry
from aws_rehearsal.cloudformation.custom import Answers, CustomResource
from aws_rehearsal.cloudformation.errors import ResourceFailed, ValidationError
from aws_rehearsal.cloudformation.handler import HANDLERS, Context, Handler, Physical, Properties, gone
from aws_rehearsal.cloudformation.recorded import Identity, Recorded
from aws_rehearsal.cloudformation.stack import Kind, Resource, Stack
from aws_rehearsal.dynamodb.visibility import BY_CLOUDFORMATION

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

CUSTOM = "AWS::CloudFormation::CustomResource"
METADATA = "AWS::CDK::Metadata"
"""The CDK's own usage record, known to CloudFormation but not to its registry."""


class Builder:
    """Creates, updates and deletes resources in `cloud`, through the handlers."""

    def __init__(self, cloud: Cloud, account: str) -> None:
        self.cloud = cloud
        self.account = account
        self.answers = Answers()
        self._recorded: set[Identity] = set()
        """Which recorded resources with a custom name stand, in a stack or left behind by one."""
        self.closed = False

    def knows(self, region: str, resource_type: str) -> bool:
        return _unregistered(resource_type) or registry.exists(region, resource_type)

    def coerce(self, region: str, resource_type: str, properties: dict[str, Any]) -> dict[str, Any]:
        if _unregistered(resource_type):
            return properties
        return registry.resource_type(region, resource_type).coerce(properties)

    def prepare(self, stack: Stack, logical_id: str, definition: dict[str, Any], depends_on: frozenset[str]) -> Resource:
        """The record of a resource that is about to be created."""
        resource_type = definition["Type"]
        kind: Kind = "simulated" if resource_type in HANDLERS or _is_custom(resource_type) else "recorded"
        resource = Resource(logical_id, resource_type, "", {}, {}, kind, depends_on, "CREATE_IN_PROGRESS")
        set_policies(resource, definition)
        stack.record(resource, "CREATE_IN_PROGRESS")
        return resource

    def create(self, stack: Stack, resource: Resource, properties: dict[str, Any]) -> None:
        with reasons():
            ready = self._ready(stack, resource, properties)
            handler, context = self._handler(resource.type), self._context(stack, resource)
            if name := handler.taken(context, Properties(ready)):
                raise ResourceFailed(f"Resource of type '{resource.type}' with identifier '{name}' already exists.")
            physical = handler.create(context, ready)
            self._keep(resource, properties, physical, ready)

    def find(self, stack: Stack, resource: Resource, properties: dict[str, Any]) -> bool:
        """Give the record the resource that stands already under its custom name; False when there is none."""
        handler = self._handler(resource.type)
        name = properties.get(handler.named_by)
        if not name:
            return False
        with reasons():
            found = handler.find(self._context(stack, resource), str(name), properties)
        if found is not None:
            physical, resource.properties = found
            resource.physical_id, resource.attributes = physical.id, physical.attributes
        return found is not None

    def would_import(self, stack: Stack, logical_id: str, definition: dict[str, Any], evaluate: Callable[[Any], Any]) -> bool:
        """Whether a resource that is new in the template stands already; only its name is evaluated."""
        named_by = self._handler(definition["Type"]).named_by
        given = (definition.get("Properties") or {}).get(named_by) if importable(definition) else None
        if given is None:
            return False
        resource = Resource(logical_id, definition["Type"], "", {}, {}, "simulated", frozenset(), "")
        return self.find(stack, resource, {named_by: evaluate(given)})

    def update(self, stack: Stack, resource: Resource, properties: dict[str, Any]) -> None:
        with reasons():
            ready = self._ready(stack, resource, properties)
            old = Properties(self._resolve(stack, resource.properties))
            physical = Physical(resource.physical_id, resource.attributes)
            physical = self._handler(resource.type).update(self._context(stack, resource), physical, old, ready)
            self._keep(resource, properties, physical, ready)

    def delete(self, stack: Stack, resource: Resource) -> None:
        """Deleting what is already gone succeeds."""
        if not resource.physical_id:
            return
        with reasons():
            handler = self._handler(resource.type)
            physical = Physical(resource.physical_id, resource.attributes)
            try:
                handler.delete(self._context(stack, resource), physical, Properties(resource.properties))
            except ClientError as error:
                if not gone(error):
                    raise

    def _keep(self, resource: Resource, properties: dict[str, Any], physical: Physical, ready: Properties) -> None:
        resource.properties, resource.physical_id, resource.attributes = properties, physical.id, physical.attributes
        resource.unread = ready.unread if resource.kind == "simulated" else ()

    def _handler(self, resource_type: str) -> Handler:
        if _is_custom(resource_type):
            return CustomResource(resource_type, self.answers)
        if resource_type == METADATA:
            return _MetadataRecord()
        return HANDLERS.get(resource_type) or Recorded(resource_type, self._recorded)

    def _ready(self, stack: Stack, resource: Resource, properties: dict[str, Any]) -> Properties:
        """Dynamic references resolved, values coerced again, and checked against the registry."""
        resolved = self._resolve(stack, properties)
        if not _unregistered(resource.type):
            kind = registry.resource_type(stack.region, resource.type)
            resolved = kind.coerce(resolved)
            kind.check(resolved)
        return Properties(resolved)

    def _resolve(self, stack: Stack, properties: dict[str, Any]) -> dict[str, Any]:
        resolved: dict[str, Any] = dynamic.resolve(properties, functools.partial(self._client, stack.region))
        return resolved

    def _context(self, stack: Stack, resource: Resource) -> Context:
        def started(physical_id: str) -> None:
            resource.physical_id = physical_id
            stack.record(resource, resource.status, "Resource creation Initiated")

        client: Callable[..., Any] = lambda service, region=stack.region: self._client(region, service)  # noqa: E731  # a default
        return Context(
            region=stack.region,
            account=self.account,
            stack_name=stack.name,
            stack_id=stack.id,
            logical_id=resource.logical_id,
            client=client,
            sleep=self._sleep,
            started=started,
            snapshot=resource.deletion_policy == "Snapshot",
        )

    def _sleep(self, seconds: float) -> None:
        with self.cloud.gateway.waiting():
            self.cloud.clock.sleep(seconds)

    def _client(self, region: str, service: str) -> Any:
        if self.closed:
            raise ResourceFailed("the embedded AWS is closing")
        # Only where it makes a difference: each mark is one more client to make.
        return self.cloud.client(service, region, mark=BY_CLOUDFORMATION if service == "dynamodb" else "")


def set_policies(resource: Resource, definition: dict[str, Any]) -> None:
    resource.deletion_policy = definition.get("DeletionPolicy", default_policy(definition))
    resource.update_replace_policy = definition.get("UpdateReplacePolicy", default_policy(definition))


def importable(definition: dict[str, Any]) -> bool:
    """CloudFormation imports only what it would never delete again by mistake."""
    return definition.get("DeletionPolicy") in {"Retain", "RetainExceptOnCreate"}


def default_policy(definition: dict[str, Any]) -> str:
    """Everything is deleted by default, except that a lone database instance leaves a final snapshot."""
    alone = definition["Type"] == "AWS::RDS::DBInstance" and "DBClusterIdentifier" not in definition.get("Properties", {})
    return "Snapshot" if alone else "Delete"


class _MetadataRecord(Handler):
    def create(self, context: Context, properties: Properties) -> Physical:  # noqa: ARG002
        return Physical(context.logical_id)

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:  # noqa: ARG002
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:
        """Nothing was created."""


def _is_custom(resource_type: str) -> bool:
    return resource_type == CUSTOM or resource_type.startswith("Custom::")


def _unregistered(resource_type: str) -> bool:
    return resource_type == METADATA or _is_custom(resource_type)


@contextmanager
def reasons() -> Iterator[None]:
    """Every error of a handler or a service becomes a ResourceFailed with its text."""
    try:
        yield
    except (ResourceFailed, ValidationError):
        raise
    except (ClientError, BotoCoreError) as error:
        raise ResourceFailed(str(error)) from error
    except Exception as error:  # a fault of ours must fail the stack, not leave it in progress for ever
        raise ResourceFailed(f"Internal Failure: {type(error).__name__}: {error}") from error
