"""CloudFormation's API, the part that changes things: stacks and change sets. The part that only reads is in `reading.py`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aws_rehearsal.cloudformation import changes
from aws_rehearsal.cloudformation.deployment import Deployment
from aws_rehearsal.cloudformation.engine import SETTINGS, Engine
from aws_rehearsal.cloudformation.errors import ResourceFailed, ValidationError
from aws_rehearsal.cloudformation.queries import Reading
from aws_rehearsal.cloudformation.scope import StackScope
from aws_rehearsal.cloudformation.stack import ChangeSet, Desired, Stack

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

NO_UPDATES = "No updates are to be performed."
NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
_UPDATABLE = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_COMPLETE",
    "CREATE_FAILED",
}


class CloudFormation(Reading):
    """The whole service: `install` puts one instance into the cloud."""

    def __init__(self, cloud: Cloud, account: str) -> None:
        super().__init__(Engine(cloud, account))

    # ------------------------------------------------------------------ stacks
    def create_stack(self, region: str, *, StackName: str, **request: Any) -> dict[str, Any]:
        if self.engine.find(region, StackName) is not None:
            raise ValidationError(f"Stack [{StackName}] already exists")
        if "DisableRollback" in request and "OnFailure" in request:
            raise ValidationError("Specify either OnFailure or DisableRollback, but not both")
        desired = self.engine.desired(region, request)
        stack = self.engine.add(region, StackName)
        stack.protected = bool(request.get("EnableTerminationProtection"))
        try:
            self._start_creation(stack, desired, request)
        except ValidationError:
            stack.status = "DELETE_COMPLETE"
            raise
        return {"StackId": stack.id}

    def update_stack(self, region: str, *, StackName: str, **request: Any) -> dict[str, Any]:
        stack = self._updatable(region, StackName)
        desired = self.engine.desired(region, request, stack)
        differs, _ = self._compare(stack, desired)
        if not differs:
            raise ValidationError(NO_UPDATES)
        self._start_update(stack, desired, request)
        return {"StackId": stack.id}

    def delete_stack(self, region: str, *, StackName: str, **request: Any) -> dict[str, Any]:
        stack = self.engine.find(region, StackName)
        if stack is None or stack.status == "DELETE_COMPLETE":
            return {}
        if stack.protected:
            raise ValidationError(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
        for other in self.engine.live(region):
            in_use = sorted(other.imports & stack.exports.keys()) if other is not stack else []
            if in_use:
                raise ValidationError(f"Export {in_use[0]} cannot be deleted as it is in use by {other.name}")
        retain = tuple(request.get("RetainResources", ()))
        force = request.get("DeletionMode") == "FORCE_DELETE_STACK"
        if (retain or force) and stack.status != "DELETE_FAILED":
            asked = "RetainResources" if retain else "DeletionMode FORCE_DELETE_STACK"
            raise ValidationError(
                f"Invalid operation on stack [{stack.id}]. {asked} is for DELETE_FAILED; the stack is in {stack.status}."
            )
        if unknown := [name for name in retain if name not in stack.resources]:
            raise ValidationError(f"The specified resources to retain must exist: {unknown}")
        stack.token = request.get("ClientRequestToken", "")

        def delete(deployment: Deployment) -> None:
            deployment.delete(retain, force=force)
            stack.deleted = datetime.now(UTC)

        self.engine.run(stack, "DELETE_IN_PROGRESS", delete)
        return {}

    def continue_update_rollback(
        self, region: str, *, StackName: str, ResourcesToSkip: Sequence[str] = (), RoleARN: str = "", ClientRequestToken: str = ""
    ) -> dict[str, Any]:
        """Only what failed to be brought back may be skipped (API reference, ContinueUpdateRollback)."""
        stack = self.engine.get(region, StackName)
        unfinished = stack.unfinished
        if stack.status != "UPDATE_ROLLBACK_FAILED" or unfinished is None:
            raise ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not continue its rollback.")
        for name in ResourcesToSkip:
            if name not in stack.resources or stack.resources[name].status != "UPDATE_FAILED":
                raise ValidationError(
                    f"Resource [{name}] cannot be skipped: it is not in UPDATE_FAILED because a rollback failed"
                )
        self._again(stack, RoleARN, ClientRequestToken)
        skip = tuple(ResourcesToSkip)
        self.engine.run(stack, "UPDATE_ROLLBACK_IN_PROGRESS", lambda _: unfinished.resume(skip))
        return {}

    def rollback_stack(
        self,
        region: str,
        *,
        StackName: str,
        RoleARN: str = "",
        ClientRequestToken: str = "",
        RetainExceptOnCreate: bool = False,
    ) -> dict[str, Any]:
        """Of a stack whose failure was not rolled back at once: DisableRollback."""
        stack = self.engine.get(region, StackName)
        unfinished = stack.unfinished
        status = {"CREATE_FAILED": "ROLLBACK_IN_PROGRESS", "UPDATE_FAILED": "UPDATE_ROLLBACK_IN_PROGRESS"}.get(stack.status)
        if status is None or unfinished is None:
            raise ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not be rolled back.")
        self._again(stack, RoleARN, ClientRequestToken)
        unfinished.keep_made &= not RetainExceptOnCreate
        self.engine.run(stack, status, lambda _: unfinished.roll_back("User Initiated"))
        return {"StackId": stack.id}

    def update_termination_protection(self, region: str, *, StackName: str, EnableTerminationProtection: bool) -> dict[str, Any]:
        stack = self.engine.get(region, StackName)
        stack.protected = EnableTerminationProtection
        return {"StackId": stack.id}

    # ------------------------------------------------------------------ change sets
    def create_change_set(self, region: str, *, StackName: str, ChangeSetName: str, **request: Any) -> dict[str, Any]:
        kind = request.get("ChangeSetType", "UPDATE")
        if kind not in {"CREATE", "UPDATE"}:
            raise ValidationError(f"the embedded AWS makes no change sets of type {kind}")
        stack = self.engine.find(region, StackName)
        if kind == "UPDATE":
            stack = self._updatable(region, StackName)
        elif stack is not None and stack.status != "REVIEW_IN_PROGRESS":
            raise ValidationError(f"Stack [{StackName}] already exists and cannot be created again")
        desired = self.engine.desired(region, request, stack)
        stack = stack or self.engine.add(region, StackName)
        if ChangeSetName in stack.change_sets:
            raise ValidationError(f"ChangeSet {ChangeSetName} already exists")
        change_set = self._propose(stack, desired, kind, ChangeSetName)
        stack.change_sets[ChangeSetName] = replace(change_set, description=request.get("Description", ""))
        return {"Id": change_set.id, "StackId": stack.id}

    def execute_change_set(self, region: str, *, ChangeSetName: str, StackName: str = "", **request: Any) -> dict[str, Any]:
        stack, change_set = self.change_set(region, ChangeSetName, StackName)
        if change_set.execution_status != "AVAILABLE":
            raise ValidationError(
                f"ChangeSet [{change_set.id}] cannot be executed in its current status of [{change_set.status}]"
            )
        start = self._start_creation if change_set.operation == "CREATE" else self._start_update
        start(stack, change_set.desired, request)
        stack.change_sets.clear()  # executing one change set deletes them all, as in AWS
        return {}

    def delete_change_set(self, region: str, *, ChangeSetName: str, StackName: str = "", **_: Any) -> dict[str, Any]:
        stack = self.engine.find(region, StackName) if StackName else None
        if StackName and stack is None:
            raise ValidationError(f"Stack [{StackName}] does not exist")
        for each in [stack] if stack else self.engine.live(region):
            for change_set in list(each.change_sets.values()):
                if ChangeSetName in {change_set.name, change_set.id}:
                    del each.change_sets[change_set.name]
        return {}

    # ------------------------------------------------------------------ machinery
    def _again(self, stack: Stack, role: str, token: str) -> None:
        stack.token = token
        if role:
            stack.settings = {**stack.settings, "RoleARN": role}

    def _updatable(self, region: str, name: str) -> Stack:
        stack = self.engine.get(region, name)
        if stack.status not in _UPDATABLE:
            raise ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")
        return stack

    def _adopt(self, stack: Stack, desired: Desired, request: dict[str, Any]) -> StackScope:
        """Give the stack its new template and parameters; the names that follow from them are returned."""
        scope = self.engine.scope(stack, desired)
        stack.template, stack.parameters, stack.resolved = desired.template, desired.parameters, desired.resolved
        stack.tags = desired.tags
        late = {name: request[name] for name in SETTINGS if name in request}
        stack.settings = {**stack.settings, **desired.settings, **late}
        stack.token = request.get("ClientRequestToken", "")
        stack.imports.clear()
        return scope

    def _start_creation(self, stack: Stack, desired: Desired, request: dict[str, Any]) -> None:
        scope = self._adopt(stack, desired, request)
        settings = stack.settings
        chosen = settings.get("OnFailure") or settings.get("OnStackFailure") or "ROLLBACK"
        on_failure = "DO_NOTHING" if settings.get("DisableRollback") else chosen
        keep_made = not request.get("RetainExceptOnCreate", False)

        def create(deployment: Deployment) -> None:
            deployment.create(scope, on_failure=on_failure, imports=desired.imports, keep_made=keep_made)
            if stack.status == "DELETE_COMPLETE":
                stack.deleted = datetime.now(UTC)

        self.engine.run(stack, "CREATE_IN_PROGRESS", create)

    def _start_update(self, stack: Stack, desired: Desired, request: dict[str, Any]) -> None:
        before = stack.snapshot()
        scope = self._adopt(stack, desired, request)
        stack.updated = datetime.now(UTC)
        keep_made = not request.get("RetainExceptOnCreate", False)
        roll_back = not {**desired.settings, **request}.get("DisableRollback", False)

        def update(deployment: Deployment) -> None:
            deployment.update(scope, before, roll_back=roll_back, imports=desired.imports, keep_made=keep_made)

        self.engine.run(stack, "UPDATE_IN_PROGRESS", update)

    def _compare(self, stack: Stack, desired: Desired) -> tuple[bool, list[dict[str, Any]]]:
        """(whether there is anything to do, the changes of resources); a template that cannot be evaluated is refused."""
        try:
            scope = self.engine.scope(stack, desired)
            changes.refuse_other_types(stack, scope)
            found = changes.proposed(self.engine.builder, stack, scope, imports=desired.imports)
            differs = scope.outputs() != stack.outputs or _sorted(desired.tags) != _sorted(stack.tags)
        except ResourceFailed as error:
            raise ValidationError(str(error)) from error
        return bool(found) or differs or stack.status == "UPDATE_FAILED", found

    def _propose(self, stack: Stack, desired: Desired, operation: Any, name: str) -> ChangeSet:
        """A change set; one that would do nothing, or that cannot be evaluated, has failed and says why."""
        found: list[dict[str, Any]] = []
        try:
            differs, found = self._compare(stack, desired)
            status, reason = ("CREATE_COMPLETE", "") if differs else ("FAILED", NO_CHANGES)
        except ValidationError as error:
            status, reason = "FAILED", str(error)
        return ChangeSet(
            id=f"arn:aws:cloudformation:{stack.region}:{self.engine.account}:changeSet/{name}/{uuid.uuid4()}",
            name=name,
            operation=operation,
            description="",
            desired=desired,
            changes=found,
            status=status,
            execution_status="AVAILABLE" if status == "CREATE_COMPLETE" else "UNAVAILABLE",
            reason=reason,
            created=datetime.now(UTC),
        )


def _sorted(tags: list[dict[str, str]]) -> list[tuple[str, str]]:
    return sorted((tag["Key"], tag["Value"]) for tag in tags)
