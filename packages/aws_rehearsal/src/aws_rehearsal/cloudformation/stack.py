"""What the engine remembers: stacks, their resources, their events and their change sets."""

from __future__ import annotations

import copy
import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from aws_rehearsal.cloudformation.template import Template

if TYPE_CHECKING:
    from aws_rehearsal.cloudformation.deployment import Deployment

Kind = Literal["simulated", "recorded"]


@dataclass
class Resource:
    """One resource of a stack, as it was last created or updated.

    `properties` are resolved and coerced, except for dynamic references, which stay as text: a secret is never kept here,
    and a rotated one is no change. `unread` names the properties the embedded AWS accepted without modelling them.
    """

    logical_id: str
    type: str
    physical_id: str
    properties: dict[str, Any]
    attributes: dict[str, Any]
    kind: Kind
    depends_on: frozenset[str]
    status: str
    reason: str = ""
    changed: datetime = field(default_factory=lambda: datetime.now(UTC))
    deletion_policy: str = "Delete"
    update_replace_policy: str = "Delete"
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Event:
    event_id: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str
    timestamp: datetime
    token: str


@dataclass(frozen=True)
class Desired:
    """What a request wants a stack to be."""

    template: Template
    parameters: dict[str, str]
    resolved: dict[str, str]
    """Values of the parameters that name an SSM parameter."""
    tags: list[dict[str, str]]
    settings: dict[str, Any]

    @property
    def imports(self) -> bool:
        """Whether what is new in the template, and stands already, is imported."""
        return bool(self.settings.get("ImportExistingResources"))


@dataclass(frozen=True)
class ChangeSet:
    """A proposed operation: the request that `ExecuteChangeSet` will carry out, and the changes it would make."""

    id: str
    name: str
    operation: Literal["CREATE", "UPDATE"]
    description: str
    desired: Desired
    changes: list[dict[str, Any]]
    status: str
    execution_status: str
    reason: str
    created: datetime


@dataclass
class Stack:
    """One stack. `condition` guards it and is notified at every change of status."""

    id: str
    name: str
    region: str
    template: Template
    parameters: dict[str, str]
    tags: list[dict[str, str]]
    settings: dict[str, Any] = field(default_factory=dict)
    status: str = "REVIEW_IN_PROGRESS"
    reason: str = ""
    token: str = ""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime | None = None
    deleted: datetime | None = None
    protected: bool = False
    resources: dict[str, Resource] = field(default_factory=dict)
    resolved: dict[str, str] = field(default_factory=dict)
    """Values of the parameters that name an SSM parameter."""
    imports: set[str] = field(default_factory=set)
    """Names of other stacks' exports that this one uses: those exports cannot go."""
    outputs: list[dict[str, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    unfinished: Deployment | None = None
    """The last operation that failed and was not rolled back, or not to the end."""
    condition: threading.Condition = field(default_factory=threading.Condition)

    @property
    def in_progress(self) -> bool:
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    @property
    def exports(self) -> dict[str, str]:
        return {output["ExportName"]: output["OutputValue"] for output in self.outputs if "ExportName" in output}

    def set_status(self, status: str, reason: str = "") -> None:
        """Change the status, with its event; wakes everyone who waits for the stack to settle."""
        with self.condition:
            self.status, self.reason = status, reason
            self._record(self.name, self.id, "AWS::CloudFormation::Stack", status, reason)
            self.condition.notify_all()

    def record(self, resource: Resource, status: str, reason: str = "") -> None:
        """A resource's status and its event."""
        with self.condition:
            resource.status, resource.reason, resource.changed = status, reason, datetime.now(UTC)
            self._record(resource.logical_id, resource.physical_id, resource.type, status, reason)

    def _record(self, logical_id: str, physical_id: str, resource_type: str, status: str, reason: str) -> None:
        event_id = f"{logical_id}-{status}-{uuid.uuid4()}"
        now = datetime.now(UTC)
        self.events.append(Event(event_id, logical_id, physical_id, resource_type, status, reason, now, self.token))

    def snapshot(self) -> Snapshot:
        resources = {name: copy.copy(resource) for name, resource in self.resources.items()}
        return Snapshot(self.template, dict(self.parameters), list(self.tags), dict(self.resolved), resources, list(self.outputs))

    def restore(self, snapshot: Snapshot) -> None:
        """Back to what the stack said before a failed update; resources are brought back one by one, by the rollback."""
        self.template, self.parameters, self.tags = snapshot.template, snapshot.parameters, snapshot.tags
        self.resolved, self.outputs = snapshot.resolved, snapshot.outputs


@dataclass(frozen=True)
class Snapshot:
    """A stack before an update."""

    template: Template
    parameters: dict[str, str]
    tags: list[dict[str, str]]
    resolved: dict[str, str]
    resources: dict[str, Resource]
    outputs: list[dict[str, str]]
