"""EventBridge rules with their targets."""

from __future__ import annotations

import json
from typing import Any

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, stands, tags


class Rule(Handler):
    type = "AWS::Events::Rule"

    def taken(self, context: Context, properties: Properties) -> str:
        name, bus = str(properties.get("Name") or ""), properties.pick("EventBusName")
        return name if name and stands(context.client("events").describe_rule, Name=name, **bus) else ""

    def create(self, context: Context, properties: Properties) -> Physical:
        name = properties.get("Name") or context.name()
        bus = properties.get("EventBusName", "default")
        arn = self._put(context, name, properties)
        identifier = name if bus == "default" else f"{bus.rsplit('/', 1)[-1]}|{name}"
        context.started(identifier)
        self._aim(context, name, properties)
        return Physical(identifier, {"Arn": arn})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        name = physical.id.rsplit("|", 1)[-1]
        self._put(context, name, new)
        leaving = {target["Id"] for target in old.get("Targets", [])} - {target["Id"] for target in new.get("Targets", [])}
        if leaving:
            context.client("events").remove_targets(Rule=name, Ids=sorted(leaving), **new.pick("EventBusName"))
        self._aim(context, name, new)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:
        name, events = physical.id.rsplit("|", 1)[-1], context.client("events")
        targets = [target["Id"] for target in properties.get("Targets", [])]
        if targets:
            events.remove_targets(Rule=name, Ids=targets, **properties.pick("EventBusName"))
        events.delete_rule(Name=name, **properties.pick("EventBusName"))

    def _put(self, context: Context, name: str, properties: Properties) -> str:
        given = properties.pick("Description", "EventBusName", "RoleArn", "ScheduleExpression", "State")
        if "EventPattern" in properties:
            pattern: Any = properties["EventPattern"]
            given["EventPattern"] = pattern if isinstance(pattern, str) else json.dumps(pattern)
        return str(context.client("events").put_rule(Name=name, Tags=tags(properties), **given)["RuleArn"])

    def _aim(self, context: Context, name: str, properties: Properties) -> None:
        if not properties.get("Targets"):
            return
        answer = context.client("events").put_targets(Rule=name, Targets=properties["Targets"], **properties.pick("EventBusName"))
        if answer.get("FailedEntryCount"):
            raise RuntimeError(f"PutTargets refused {answer['FailedEntries']}")
