"""CloudFormation's API, the part that only reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from aws_rehearsal.cloudformation import parameters
from aws_rehearsal.cloudformation.engine import Engine
from aws_rehearsal.cloudformation.errors import ChangeSetNotFound, ValidationError
from aws_rehearsal.cloudformation.stack import ChangeSet, Event, Kind, Resource, Stack
from aws_rehearsal.cloudformation.template import Template
from aws_rehearsal.service import Service

_NAMED = {"AWS::IAM::Group", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"}


class Reading(Service):
    """Descriptions and lists. Every answer is whole: there is never a second page."""

    name = "cloudformation"

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def resources(self) -> list[tuple[str, str, str, str, Kind]]:
        """(region, stack, logical id, type, simulated or recorded) of everything that stands, for the report."""
        return [
            (region, stack.name, resource.logical_id, resource.type, resource.kind)
            for region in self.engine.regions
            for stack in self.engine.live(region)
            for resource in stack.resources.values()
        ]

    def unmodelled(self) -> list[tuple[str, str, str, str, str]]:
        """(region, stack, logical id, type, property) of properties that were accepted and checked, but have no effect here."""
        return [
            (region, stack.name, resource.logical_id, resource.type, name)
            for region in self.engine.regions
            for stack in self.engine.live(region)
            for resource in stack.resources.values()
            for name in resource.unread
        ]

    # ------------------------------------------------------------------ stacks
    def describe_stacks(self, region: str, *, StackName: str = "", **_: Any) -> dict[str, Any]:
        if not StackName:
            return {"Stacks": [self._stack(stack) for stack in reversed(self.engine.live(region))]}
        stack = self.engine.get(region, StackName)
        self.engine.wait_settled(stack)
        return {"Stacks": [self._stack(stack)]}

    def list_stacks(self, region: str, *, StackStatusFilter: list[str] | None = None, **_: Any) -> dict[str, Any]:
        chosen = [
            stack for stack in reversed(self.engine.stacks(region)) if not StackStatusFilter or stack.status in StackStatusFilter
        ]
        return {"StackSummaries": [self._stack(stack) for stack in chosen]}

    def describe_stack_events(self, region: str, *, StackName: str, **_: Any) -> dict[str, Any]:
        stack = self.engine.get(region, StackName)
        return {"StackEvents": [self._event(stack, event) for event in reversed(list(stack.events))]}

    def describe_events(self, region: str, *, StackName: str = "", **_: Any) -> dict[str, Any]:
        stack = self.engine.get(region, StackName)
        return {"OperationEvents": [self._event(stack, event) for event in reversed(list(stack.events))]}

    def describe_stack_resource(self, region: str, *, StackName: str, LogicalResourceId: str) -> dict[str, Any]:
        stack = self.engine.get(region, StackName)
        resource = stack.resources.get(LogicalResourceId)
        if resource is None:
            raise ValidationError(f"Resource {LogicalResourceId} does not exist for stack {stack.name}")
        return {"StackResourceDetail": self._resource(stack, resource)}

    def describe_stack_resources(
        self, region: str, *, StackName: str = "", LogicalResourceId: str = "", PhysicalResourceId: str = ""
    ) -> dict[str, Any]:
        for stack in [self.engine.get(region, StackName)] if StackName else self.engine.live(region):
            found = list(stack.resources.values())
            if StackName or any(resource.physical_id == PhysicalResourceId for resource in found):
                chosen = [resource for resource in found if LogicalResourceId in {"", resource.logical_id}]
                return {"StackResources": [self._resource(stack, resource) for resource in chosen]}
        raise ValidationError(f"Stack for {PhysicalResourceId} does not exist")

    def list_stack_resources(self, region: str, *, StackName: str, **_: Any) -> dict[str, Any]:
        stack = self.engine.get(region, StackName)
        return {"StackResourceSummaries": [self._resource(stack, resource) for resource in list(stack.resources.values())]}

    def list_exports(self, region: str, **_: Any) -> dict[str, Any]:
        exports = [
            {"ExportingStackId": stack.id, "Name": name, "Value": value}
            for stack in self.engine.live(region)
            for name, value in stack.exports.items()
        ]
        return {"Exports": exports}

    def list_imports(self, region: str, *, ExportName: str, **_: Any) -> dict[str, Any]:
        users = [stack.name for stack in self.engine.live(region) if ExportName in stack.imports]
        if not users:
            raise ValidationError(f"Export '{ExportName}' is not imported by any stack.")
        return {"Imports": users}

    # ------------------------------------------------------------------ templates
    def get_template(self, region: str, *, StackName: str = "", ChangeSetName: str = "", **_: Any) -> dict[str, Any]:
        if ChangeSetName:
            _stack, change_set = self.change_set(region, ChangeSetName, StackName)
            return {"TemplateBody": change_set.desired.template.body, "StagesAvailable": ["Original", "Processed"]}
        stack = self.engine.get(region, StackName)
        return {"TemplateBody": stack.template.body, "StagesAvailable": ["Original", "Processed"]}

    def get_template_summary(self, region: str, *, StackName: str = "", **request: Any) -> dict[str, Any]:
        template = self.engine.get(region, StackName).template if StackName else self.engine.template(region, request)
        types = sorted({resource["Type"] for resource in template.resources.values()})
        summary = {"ResourceTypes": types, "Version": "2010-09-09", "Metadata": json.dumps(template.document.get("Metadata", {}))}
        return {**self._declared(template), **summary}

    def validate_template(self, region: str, **request: Any) -> dict[str, Any]:
        return self._declared(self.engine.template(region, request))

    # ------------------------------------------------------------------ change sets
    def change_set(self, region: str, name_or_id: str, stack_name: str) -> tuple[Stack, ChangeSet]:
        for stack in [self.engine.get(region, stack_name)] if stack_name else self.engine.live(region):
            for change_set in stack.change_sets.values():
                if name_or_id in {change_set.name, change_set.id}:
                    return stack, change_set
        raise ChangeSetNotFound(f"ChangeSet [{name_or_id}] does not exist")

    def describe_change_set(self, region: str, *, ChangeSetName: str, StackName: str = "", **_: Any) -> dict[str, Any]:
        stack, change_set = self.change_set(region, ChangeSetName, StackName)
        desired = change_set.desired
        shown = parameters.described(desired.template, desired.parameters, desired.resolved)
        return {**self._change_set(stack, change_set), "Parameters": shown, "Tags": desired.tags, "Changes": change_set.changes}

    def list_change_sets(self, region: str, *, StackName: str, **_: Any) -> dict[str, Any]:
        stack = self.engine.get(region, StackName)
        return {"Summaries": [self._change_set(stack, change_set) for change_set in stack.change_sets.values()]}

    # ------------------------------------------------------------------ shapes
    def _stack(self, stack: Stack) -> dict[str, Any]:
        with stack.condition:
            optional = {"LastUpdatedTime": stack.updated, "DeletionTime": stack.deleted, "StackStatusReason": stack.reason}
            optional["RoleARN"] = stack.settings.get("RoleARN")
            return {
                "StackId": stack.id,
                "StackName": stack.name,
                "Description": stack.template.description,
                "TemplateDescription": stack.template.description,
                "Parameters": parameters.described(stack.template, stack.parameters, stack.resolved),
                "CreationTime": stack.created,
                "StackStatus": stack.status,
                "DisableRollback": bool(stack.settings.get("DisableRollback", False)),
                "NotificationARNs": stack.settings.get("NotificationARNs", []),
                "RollbackConfiguration": stack.settings.get("RollbackConfiguration", {}),
                "Capabilities": stack.settings.get("Capabilities", []),
                "Outputs": stack.outputs,
                "Tags": stack.tags,
                "EnableTerminationProtection": stack.protected,
                "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
                **{name: value for name, value in optional.items() if value},
            }

    def _event(self, stack: Stack, event: Event) -> dict[str, Any]:
        optional = {"ResourceStatusReason": event.reason, "ClientRequestToken": event.token}
        return {
            "StackId": stack.id,
            "StackName": stack.name,
            "EventId": event.event_id,
            "LogicalResourceId": event.logical_id,
            "PhysicalResourceId": event.physical_id,
            "ResourceType": event.type,
            "ResourceStatus": event.status,
            "Timestamp": event.timestamp,
            **{name: value for name, value in optional.items() if value},
        }

    def _resource(self, stack: Stack, resource: Resource) -> dict[str, Any]:
        shown = {
            "StackId": stack.id,
            "StackName": stack.name,
            "LogicalResourceId": resource.logical_id,
            "PhysicalResourceId": resource.physical_id,
            "ResourceType": resource.type,
            "ResourceStatus": resource.status,
            "Timestamp": resource.changed,
            "LastUpdatedTimestamp": resource.changed,
            "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
        }
        return {**shown, "ResourceStatusReason": resource.reason} if resource.reason else shown

    def _change_set(self, stack: Stack, change_set: ChangeSet) -> dict[str, Any]:
        shown = {
            "ChangeSetId": change_set.id,
            "ChangeSetName": change_set.name,
            "StackId": stack.id,
            "StackName": stack.name,
            "Description": change_set.description,
            "Status": change_set.status,
            "ExecutionStatus": change_set.execution_status,
            "CreationTime": change_set.created,
            "ImportExistingResources": change_set.desired.imports,
            "Capabilities": change_set.desired.settings.get("Capabilities", []),
            "NotificationARNs": change_set.desired.settings.get("NotificationARNs", []),
            "RollbackConfiguration": change_set.desired.settings.get("RollbackConfiguration", {}),
        }
        return {**shown, "StatusReason": change_set.reason} if change_set.reason else shown

    def _declared(self, template: Template) -> dict[str, Any]:
        types = {resource["Type"] for resource in template.resources.values()}
        capabilities = ["CAPABILITY_NAMED_IAM"] if types & _NAMED else []
        return {"Description": template.description, "Capabilities": capabilities, "Parameters": list(_parameters(template))}


def _parameters(template: Template) -> Iterator[dict[str, Any]]:
    for name, definition in template.parameters.items():
        shown = {
            "ParameterKey": name,
            "ParameterType": definition.get("Type", "String"),
            "NoEcho": str(definition.get("NoEcho", "")).lower() == "true",
            "Description": definition.get("Description", ""),
        }
        yield {**shown, "DefaultValue": str(definition["Default"])} if "Default" in definition else shown
