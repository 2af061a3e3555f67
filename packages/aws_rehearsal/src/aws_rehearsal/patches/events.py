"""EventBridge: targets moto does not know, and schedules that fire."""

from __future__ import annotations

import copy
from typing import Any

from moto.events.exceptions import ValidationException
from moto.events.models import EventsBackend, Rule

from aws_rehearsal import events
from aws_rehearsal.context import current
from aws_rehearsal.events.delivery import SERVICES, service
from aws_rehearsal.events.scheduled_rules import next_run
from aws_rehearsal.patches import patch


@patch(
    Rule,
    "send_to_targets",
    source="472e002e2dab8a59",
    why="stock moto raises for SNS, Lambda and Step Functions, and serves disabled rules and rules that have only a schedule",
)
def send_to_targets(original: Any, rule: Any, event: dict[str, Any], *args: Any, **kwargs: Any) -> None:
    pattern = rule.event_pattern
    if rule.state == "DISABLED" or not pattern.get_pattern() or not pattern.matches_event(event):
        return
    delivery = events.delivery()
    delivery.event(rule, event)
    others = copy.copy(rule)
    others.targets = [each for each in rule.targets if service(each["Arn"]) not in SERVICES and not delivery.lost(each["Arn"])]
    original(others, event, *args, **kwargs)


@patch(EventsBackend, "put_rule", source="28bf0ac76b1b1a3e", why="stock moto never runs a schedule")
def put_rule(original: Any, backend: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    expression = kwargs.get("scheduled_expression")
    if expression:
        next_run(expression, current().clock.now())  # refused before anything is stored
    rule = original(backend, name, *args, **kwargs)
    events.schedules().plan(rule)
    return rule


@patch(EventsBackend, "enable_rule", source="e34ebc497b115916", why="see put_rule")
def enable_rule(original: Any, backend: Any, name: str, event_bus_arn: str | None) -> Any:
    done = original(backend, name, event_bus_arn)
    if done:
        events.schedules().plan(backend.describe_rule(name, event_bus_arn))
    return done


@patch(EventsBackend, "disable_rule", source="64d050344a2457c2", why="see put_rule")
def disable_rule(original: Any, backend: Any, name: str, event_bus_arn: str | None) -> Any:
    done = original(backend, name, event_bus_arn)
    if done:
        events.schedules().plan(backend.describe_rule(name, event_bus_arn))
    return done


@patch(EventsBackend, "delete_rule", source="cce3b9511f72da41", why="see put_rule")
def delete_rule(original: Any, backend: Any, name: str, event_bus_arn: str | None) -> None:
    original(backend, name, event_bus_arn)
    if (event_bus_arn or "default").endswith("default"):  # only the default bus has schedules
        events.schedules().forget(backend.region_name, name)


@patch(
    EventsBackend, "put_targets", source="5c3742b61a68c82b", why="stock moto takes a state machine without a role to start it as"
)
def put_targets(original: Any, backend: Any, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]) -> Any:
    for target in targets:
        if service(target["Arn"]) == "states" and not target.get("RoleArn"):
            raise ValidationException(f"RoleArn is required for target {target['Arn']}.")
    return original(backend, name, event_bus_arn, targets)
