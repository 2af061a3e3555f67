"""A stack operation as it runs, on a thread of its own: create, update or delete, with events, and back again on failure."""

from __future__ import annotations

from collections.abc import Callable

from aws_rehearsal.cloudformation import changes
from aws_rehearsal.cloudformation.builder import Builder, importable, reasons, set_policies
from aws_rehearsal.cloudformation.errors import ResourceFailed, ValidationError
from aws_rehearsal.cloudformation.graph import dependencies, order
from aws_rehearsal.cloudformation.scope import StackScope
from aws_rehearsal.cloudformation.stack import Resource, Snapshot, Stack

_FAILURES = (ResourceFailed, ValidationError)


class Deployment:
    """One operation on one stack. Every step that succeeds says how it is undone; a failure undoes them, last first."""

    def __init__(self, builder: Builder, stack: Stack) -> None:
        self.builder = builder
        self.stack = stack
        self._undo: list[Callable[[], None]] = []
        self._leaving: list[Resource] = []
        self._imports = False

    # ------------------------------------------------------------------ operations
    def create(self, scope: StackScope, *, on_failure: str, imports: bool = False) -> None:
        """`on_failure`: ROLLBACK, DELETE or DO_NOTHING, as CreateStack takes it."""
        self._imports = imports
        self.stack.set_status("CREATE_IN_PROGRESS", "User Initiated")
        try:
            self._converge(scope)
        except _FAILURES as error:
            if on_failure == "DO_NOTHING":
                self.stack.set_status("CREATE_FAILED", str(error))
            elif on_failure == "DELETE":
                self.delete(())
            else:
                self.stack.set_status("ROLLBACK_IN_PROGRESS", f"{error} Rollback requested by user.")
                self.stack.set_status("ROLLBACK_FAILED" if self._roll_back() else "ROLLBACK_COMPLETE")
        else:
            self.stack.set_status("CREATE_COMPLETE")

    def update(self, scope: StackScope, before: Snapshot, *, roll_back: bool, imports: bool = False) -> None:
        """`before` is the stack as it was: the caller has already given it the new template and parameters."""
        self._imports = imports
        self.stack.set_status("UPDATE_IN_PROGRESS", "User Initiated")
        try:
            self._converge(scope)
        except _FAILURES as error:
            if not roll_back:
                self.stack.set_status("UPDATE_FAILED", str(error))
                return
            self.stack.set_status("UPDATE_ROLLBACK_IN_PROGRESS", str(error))
            failed = self._roll_back()
            self.stack.restore(before)
            self.stack.set_status("UPDATE_ROLLBACK_FAILED" if failed else "UPDATE_ROLLBACK_COMPLETE")
            return
        self.stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        dropped = [resource for name, resource in self.stack.resources.items() if name not in scope.wanted]
        for resource in _last_first([*dropped, *self._leaving]):
            replaced = self.stack.resources.get(resource.logical_id) is not resource
            self._remove(resource, resource.update_replace_policy if replaced else resource.deletion_policy)
        self.stack.set_status("UPDATE_COMPLETE")

    def delete(self, retain: tuple[str, ...]) -> None:
        self.stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
        failed = []
        for resource in _last_first(list(self.stack.resources.values())):
            policy = "Retain" if resource.logical_id in retain else resource.deletion_policy
            if not self._remove(resource, policy):
                failed.append(resource.logical_id)
        if failed:
            self.stack.set_status("DELETE_FAILED", f"The following resource(s) failed to delete: [{', '.join(failed)}]. ")
        else:
            self.stack.set_status("DELETE_COMPLETE")

    # ------------------------------------------------------------------ forward
    def _converge(self, scope: StackScope) -> None:
        graph = dependencies(scope.template.resources, scope.wanted)
        for logical_id in order(graph):
            definition = scope.template.resources[logical_id]
            existing = self.stack.resources.get(logical_id)
            if existing is None:
                self._create(scope, logical_id, graph[logical_id])
                continue
            properties = self._properties(scope, existing)
            action, _ = changes.judge(self.stack.region, existing, properties)
            if action == "replace":
                changes.refuse_same_name(self.stack.region, existing, properties)
                self.stack.record(
                    existing, "UPDATE_IN_PROGRESS", "Requested update requires the creation of a new physical resource"
                )
                self._leaving.append(existing)
                self._create(scope, logical_id, graph[logical_id], replaces=existing)
            elif action == "update":
                self._update(existing, properties)
            self.stack.resources[logical_id].depends_on = graph[logical_id]
            set_policies(self.stack.resources[logical_id], definition)
        with reasons():
            self.stack.outputs = scope.outputs()

    def _properties(self, scope: StackScope, existing: Resource) -> dict[str, object]:
        try:
            return self._evaluate(scope, existing)
        except _FAILURES as error:
            self.stack.record(existing, "UPDATE_FAILED", str(error))
            raise ResourceFailed(f"The following resource(s) failed to update: [{existing.logical_id}].") from error

    def _evaluate(self, scope: StackScope, resource: Resource) -> dict[str, object]:
        with reasons():
            given = scope.evaluator.value(scope.template.resources[resource.logical_id].get("Properties") or {})
            return self.builder.coerce(self.stack.region, resource.type, given)

    def _create(self, scope: StackScope, logical_id: str, depends_on: frozenset[str], replaces: Resource | None = None) -> None:
        definition = scope.template.resources[logical_id]
        resource = self.builder.prepare(self.stack, logical_id, definition, depends_on)
        self.stack.resources[logical_id] = resource

        def undo() -> None:
            self._remove(resource, "Delete" if resource.deletion_policy == "RetainExceptOnCreate" else resource.deletion_policy)
            if replaces is not None:
                self.stack.resources[logical_id] = replaces
                self.stack.record(replaces, "UPDATE_COMPLETE")

        self._undo.append(undo)
        try:
            properties = self._evaluate(scope, resource)
            if self._imports and importable(definition) and self.builder.find(self.stack, resource, properties):
                self._import(resource, properties)
                return
            self.builder.create(self.stack, resource, properties)
        except _FAILURES as error:
            self.stack.record(resource, "CREATE_FAILED", str(error))
            raise ResourceFailed(f"The following resource(s) failed to create: [{logical_id}].") from error
        self.stack.record(resource, "CREATE_COMPLETE")

    def _import(self, resource: Resource, properties: dict[str, object]) -> None:
        """Make it the stack's, then what the template says. A rollback lets go of it again, and leaves it as it then is."""
        self.stack.record(resource, "IMPORT_IN_PROGRESS", "Resource import started.")
        self.stack.record(resource, "IMPORT_COMPLETE", "Resource import completed.")
        self.stack.record(resource, "UPDATE_IN_PROGRESS")
        self.builder.update(self.stack, resource, properties)
        self.stack.record(resource, "UPDATE_COMPLETE")

    def _update(self, resource: Resource, properties: dict[str, object]) -> None:
        previous, old_id = dict(resource.properties), resource.physical_id
        self.stack.record(resource, "UPDATE_IN_PROGRESS")

        def undo() -> None:
            self.stack.record(resource, "UPDATE_IN_PROGRESS")
            try:
                self.builder.update(self.stack, resource, previous)
            except ResourceFailed as error:
                self.stack.record(resource, "UPDATE_FAILED", str(error))
                raise
            self.stack.record(resource, "UPDATE_COMPLETE")

        self._undo.append(undo)
        try:
            self.builder.update(self.stack, resource, properties)
        except _FAILURES as error:
            resource.properties = properties  # some of it may have been applied: the way back starts from here
            self.stack.record(resource, "UPDATE_FAILED", str(error))
            raise ResourceFailed(f"The following resource(s) failed to update: [{resource.logical_id}].") from error
        if resource.physical_id != old_id:  # a custom resource may answer an update with a replacement
            self._leaving.append(_former(resource, old_id, previous))
        self.stack.record(resource, "UPDATE_COMPLETE")

    # ------------------------------------------------------------------ backward
    def _roll_back(self) -> list[str]:
        """Undo what was done, last first; returns the reasons of what could not be undone."""
        failures = []
        for undo in reversed(self._undo):
            try:
                undo()
            except _FAILURES as error:
                failures.append(str(error))
        failures += [name for name, resource in self.stack.resources.items() if resource.status == "DELETE_FAILED"]
        return failures

    def _remove(self, resource: Resource, policy: str) -> bool:
        """Delete one resource, or leave it standing as its policy says; False when it could not be deleted."""
        current = self.stack.resources.get(resource.logical_id) is resource
        if resource.physical_id and policy in {"Retain", "RetainExceptOnCreate"}:
            self.stack.record(resource, "DELETE_SKIPPED")
        else:
            self.stack.record(resource, "DELETE_IN_PROGRESS")
            try:
                self.builder.delete(self.stack, resource)
            except ResourceFailed as error:
                self.stack.record(resource, "DELETE_FAILED", str(error))
                return False
            self.stack.record(resource, "DELETE_COMPLETE")
        if current:
            del self.stack.resources[resource.logical_id]
        return True


def _former(resource: Resource, physical_id: str, properties: dict[str, object]) -> Resource:
    """The old physical resource behind a logical id that now has another."""
    former = Resource(
        resource.logical_id, resource.type, physical_id, properties, {}, resource.kind, resource.depends_on, resource.status
    )
    former.update_replace_policy = resource.update_replace_policy
    return former


def _last_first(resources: list[Resource]) -> list[Resource]:
    """Reverse dependency order; what was replaced goes together with its logical id."""
    names = {resource.logical_id for resource in resources}
    graph = {name: {need for each in resources if each.logical_id == name for need in each.depends_on & names} for name in names}
    rank = {name: number for number, name in enumerate(order(dict(sorted(graph.items()))))}
    return sorted(resources, key=lambda resource: rank[resource.logical_id], reverse=True)
