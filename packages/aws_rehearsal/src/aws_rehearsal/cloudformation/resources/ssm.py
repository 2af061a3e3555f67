"""Systems Manager parameters."""

from __future__ import annotations

from typing import Any

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, tags


class Parameter(Handler):
    type = "AWS::SSM::Parameter"

    def create(self, context: Context, properties: Properties) -> Physical:
        name = properties.get("Name") or f"CFN-{context.name()}"
        context.client("ssm").put_parameter(Name=name, Tags=tags(properties), **_settings(properties))
        return _physical(name, properties)

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        ssm = context.client("ssm")
        ssm.put_parameter(Name=physical.id, Overwrite=True, **_settings(new))
        of_parameter = {"ResourceType": "Parameter", "ResourceId": physical.id}
        if stale := [tag["Key"] for tag in tags(old)]:
            ssm.remove_tags_from_resource(**of_parameter, TagKeys=stale)
        if labels := tags(new):
            ssm.add_tags_to_resource(**of_parameter, Tags=labels)
        return _physical(physical.id, new)

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("ssm").delete_parameter(Name=physical.id)


def _settings(properties: Properties) -> dict[str, Any]:
    return properties.pick("Value", "Type", "Description", "AllowedPattern", "Tier", "DataType")


def _physical(name: str, properties: Properties) -> Physical:
    return Physical(name, {"Type": properties["Type"], "Value": properties["Value"]})
