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
_LEFT = "One or more resources could not be deleted."


class Deployment:
    """One operation on one stack. Every step that is begun says how it is undone; a failure undoes them, last first."""

    def __init__(self, builder: Builder, stack: Stack) -> None:
        self.builder = builder
        self.stack = stack
        self._undo: list[tuple[Resource, Callable[[], None]]] = []
        self._made: list[tuple[Resource, bool]] = []
        """What this operation made, and whether it was there before and only imported."""
        self._leaving: list[Resource] = []
        self._imports = False
        self._before: Snapshot | None = None
        self.keep_made = True

    # ------------------------------------------------------------------ operations
    def create(self, scope: StackScope, *, on_failure: str, imports: bool = False, keep_made: bool = True) -> None:
        """`on_failure`: ROLLBACK, DELETE or DO_NOTHING, as CreateStack takes it.

        `keep_made`: whether a rollback leaves what has the DeletionPolicy Retain; not with the request's RetainExceptOnCreate.
        """
        self._imports, self.keep_made = imports, keep_made
        self.stack.set_status("CREATE_IN_PROGRESS", "User Initiated")
        try:
            self._converge(scope)
        except _FAILURES as error:
            if on_failure == "DO_NOTHING":
                self.stack.unfinished = self
                self.stack.set_status("CREATE_FAILED", str(error))
            elif on_failure == "DELETE":
                self.stack.set_status("DELETE_IN_PROGRESS", f"{error} Delete requested by user.")
                self._conclude("DELETE", self._unmake())
            else:
                self.roll_back(f"{error} Rollback requested by user.")
        else:
            self.stack.set_status("CREATE_COMPLETE")

    def update(
        self, scope: StackScope, before: Snapshot, *, roll_back: bool, imports: bool = False, keep_made: bool = True
    ) -> None:
        """`before` is the stack as it was: the caller has already given it the new template and parameters."""
        self._imports, self.keep_made, self._before = imports, keep_made, before
        self.stack.set_status("UPDATE_IN_PROGRESS", "User Initiated")
        try:
            self._converge(scope)
        except _FAILURES as error:
            if not roll_back:
                self.stack.unfinished = self
                self.stack.set_status("UPDATE_FAILED", str(error))
                return
            self.roll_back(str(error))
            return
        self.stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        dropped = [resource for name, resource in self.stack.resources.items() if name not in scope.wanted]
        left = False
        for resource in _last_first([*dropped, *self._leaving]):
            replaced = self.stack.resources.get(resource.logical_id) is not resource
            if not self._remove(resource, resource.update_replace_policy if replaced else resource.deletion_policy):
                left = True
                self._forget(resource)
        self.stack.set_status("UPDATE_COMPLETE", f"Update successful. {_LEFT}" if left else "")

    def delete(self, retain: tuple[str, ...], *, force: bool = False) -> None:
        """`force`: what cannot be deleted is left standing (FORCE_DELETE_STACK)."""
        self.stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
        failed = []
        for resource in _last_first(list(self.stack.resources.values())):
            policy = "Retain" if resource.logical_id in retain else resource.deletion_policy
            if self._remove(resource, policy):
                continue
            if force:
                self._remove(resource, "Retain")
            else:
                failed.append(resource.logical_id)
        self._conclude("DELETE", failed)

    def roll_back(self, reason: str) -> None:
        """To where the stack was before this operation: to nothing after a creation."""
        if self._before is None:
            self.stack.set_status("ROLLBACK_IN_PROGRESS", reason)
            self._conclude("ROLLBACK", self._unmake())
        else:
            self._restore(reason, self._before, ())

    def resume(self, skip: tuple[str, ...]) -> None:
        """An update's rollback that failed goes on; what is in `skip` is left as it is, and called updated."""
        if self._before is not None:
            self._restore("User Initiated", self._before, skip)

    # ------------------------------------------------------------------ forward
    def _converge(self, scope: StackScope) -> None:
        graph = dependencies(scope.template.resources, scope.wanted)
        for logical_id in order(graph):
            definition = scope.template.resources[logical_id]
            existing = self.stack.resources.get(logical_id)
            if existing is not None and existing.status == "CREATE_FAILED":  # by an operation that was not rolled back
                self._remove(existing, "Delete")
                existing = None
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

        if replaces is not None:

            def undo() -> None:
                self.stack.resources[logical_id] = replaces
                self.stack.record(replaces, "UPDATE_COMPLETE")

            self._undo.append((replaces, undo))
        self._made.append((resource, False))
        try:
            properties = self._evaluate(scope, resource)
            if self._imports and importable(definition) and self.builder.find(self.stack, resource, properties):
                self._made[-1] = (resource, True)
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

        self._undo.append((resource, undo))
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
    def _unmake(self) -> list[str]:
        """Delete what this operation made, last first; returns what could not be deleted.

        What is to be retained stays, and its name with it; but not with RetainExceptOnCreate, whose case this is. What was
        only imported is let go of.
        """
        failed = []
        for resource, imported in reversed(self._made):
            kept = resource.deletion_policy == "Retain" and self.keep_made and resource.status != "CREATE_FAILED"
            if not self._remove(resource, "Retain" if imported or kept else "Delete"):
                failed.append(resource.logical_id)
        return failed

    def _restore(self, reason: str, before: Snapshot, skip: tuple[str, ...]) -> None:
        """First everything as it was, last first; then what is new goes, and a failure to delete it does not count."""
        self.stack.set_status("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        self.stack.restore(before)
        while self._undo:
            resource, undo = self._undo[-1]
            if resource.logical_id in skip:
                self.stack.record(resource, "UPDATE_COMPLETE")
            else:
                try:
                    undo()
                except _FAILURES:
                    self.stack.unfinished = self
                    self._conclude("UPDATE_ROLLBACK", [resource.logical_id], doing="update")
                    return
            self._undo.pop()
        self.stack.set_status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        left = self._unmake()
        for resource, _ in self._made:
            self._forget(resource)
        self.stack.set_status("UPDATE_ROLLBACK_COMPLETE", _LEFT if left else "")

    def _forget(self, resource: Resource) -> None:
        """What an update could not delete at its end is the stack's no more."""
        if self.stack.resources.get(resource.logical_id) is resource:
            del self.stack.resources[resource.logical_id]

    def _conclude(self, operation: str, failed: list[str], doing: str = "delete") -> None:
        if failed:
            reason = f"The following resource(s) failed to {doing}: [{', '.join(failed)}]. "
            self.stack.set_status(f"{operation}_FAILED", reason)
        else:
            self.stack.set_status(f"{operation}_COMPLETE")

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
