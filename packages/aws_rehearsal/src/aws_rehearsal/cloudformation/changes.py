"""What an operation would do to each resource: the same judgement for a change set and for the deployment itself."""

from __future__ import annotations

from typing import Any, Literal

from aws_rehearsal.cloudformation import registry
from aws_rehearsal.cloudformation.builder import Builder, default_policy
from aws_rehearsal.cloudformation.errors import ResourceFailed, ValidationError
from aws_rehearsal.cloudformation.graph import dependencies, order
from aws_rehearsal.cloudformation.scope import StackScope
from aws_rehearsal.cloudformation.stack import Resource, Stack

Action = Literal["none", "update", "replace"]
_SIDE_NOTES = ("Metadata", "DeletionPolicy", "UpdateReplacePolicy")


def judge(region: str, existing: Resource, properties: dict[str, Any]) -> tuple[Action, list[str]]:
    """(action, create-only properties that changed) for a resource that exists."""
    if existing.properties == properties:
        return "none", []
    if not registry.exists(region, existing.type):
        return "update", []
    kind = registry.resource_type(region, existing.type)
    fixed = kind.must_replace(existing.properties, properties)
    return ("replace", fixed) if fixed else ("update", [])


def refuse_same_name(region: str, existing: Resource, properties: dict[str, Any]) -> None:
    """A replacement is created before the old one goes: it cannot carry the same explicit name."""
    kind = registry.resource_type(region, existing.type)
    names = [name for name in kind.identifier if name in properties]
    if names and len(names) == len(kind.identifier) and all(existing.properties.get(name) == properties[name] for name in names):
        raise ResourceFailed(
            "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
            f"Rename {properties[names[0]]} and update the stack again."
        )


def refuse_other_types(stack: Stack, scope: StackScope) -> None:
    for name, existing in stack.resources.items():
        if name in scope.wanted and scope.template.resources[name]["Type"] != existing.type:
            raise ValidationError(
                "Update of resource type is not permitted. "
                f"The new template modifies resource type of the following resources: [{name}]"
            )


def proposed(builder: Builder, stack: Stack, scope: StackScope, *, imports: bool) -> list[dict[str, Any]]:
    """The changes of a change set, in the order of the deployment, removals last."""
    found = []
    for logical_id in order(dependencies(scope.template.resources, scope.wanted)):
        definition = scope.template.resources[logical_id]
        existing = stack.resources.get(logical_id)
        if existing is None:
            known = imports and builder.would_import(stack, logical_id, definition, scope.evaluator.value)
            found.append(_change("Import" if known else "Add", logical_id, definition["Type"]))
            continue
        properties = builder.coerce(stack.region, definition["Type"], scope.evaluator.value(definition.get("Properties") or {}))
        action, fixed = judge(stack.region, existing, properties)
        old = stack.template.resources[logical_id]
        notes = [note for note in _SIDE_NOTES if old.get(note) != definition.get(note)]
        if action == "replace":
            scope.unknown.add(logical_id)
        if action != "none" or notes:
            changed = sorted(
                name for name in {*properties, *existing.properties} if properties.get(name) != existing.properties.get(name)
            )
            found.append(_modification(existing, definition, changed, fixed, notes))
    removed = [name for name in stack.resources if name not in scope.wanted]
    return found + [_removal(stack.resources[name]) for name in removed]


def _change(action: str, logical_id: str, resource_type: str, **more: Any) -> dict[str, Any]:
    change = {
        "Action": action,
        "LogicalResourceId": logical_id,
        "ResourceType": resource_type,
        "Scope": [],
        "Details": [],
        **more,
    }
    return {"Type": "Resource", "ResourceChange": change}


def _modification(
    existing: Resource, definition: dict[str, Any], changed: list[str], fixed: list[str], notes: list[str]
) -> dict[str, Any]:
    policy = definition.get("UpdateReplacePolicy", default_policy(definition))
    details = [
        {
            "Target": {
                "Attribute": "Properties",
                "Name": name,
                "RequiresRecreation": "Always" if any(path.split("/")[0] == name for path in fixed) else "Never",
            },
            "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }
        for name in changed
    ]
    details += [
        {
            "Target": {"Attribute": note, "RequiresRecreation": "Never"},
            "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }
        for note in notes
    ]
    extra: dict[str, Any] = {"PhysicalResourceId": existing.physical_id, "Replacement": "True" if fixed else "False"}
    if fixed:
        extra["PolicyAction"] = {"Retain": "ReplaceAndRetain", "Snapshot": "ReplaceAndSnapshot"}.get(policy, "ReplaceAndDelete")
    scope = (["Properties"] if changed else []) + notes
    return _change("Modify", existing.logical_id, existing.type, Scope=scope, Details=details, **extra)


def _removal(resource: Resource) -> dict[str, Any]:
    action = {"Retain": "Retain", "Snapshot": "Snapshot"}.get(resource.deletion_policy, "Delete")
    return _change("Remove", resource.logical_id, resource.type, PhysicalResourceId=resource.physical_id, PolicyAction=action)
