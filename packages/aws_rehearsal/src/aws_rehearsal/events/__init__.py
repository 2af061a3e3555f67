"""EventBridge and SNS: events and notifications that arrive, schedules on the virtual clock, and an outbox for e-mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_rehearsal import context
from aws_rehearsal.events.delivery import Delivery, Failure
from aws_rehearsal.events.mail import Mail, outbox
from aws_rehearsal.events.scheduled_rules import Schedules

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud

__all__ = ["Delivery", "Failure", "Mail", "Schedules", "delivery", "install", "outbox", "schedules"]

_installed: list[tuple[Delivery, Schedules]] = []


def install(cloud: Cloud) -> None:
    made = Delivery(cloud)
    planned = Schedules(cloud, made.event)
    _installed.append((made, planned))
    cloud.region_lost.append(planned.lose)
    cloud.closing.append(_installed.clear)
    cloud.closing.append(made.close)


def delivery() -> Delivery:
    """The running cloud's deliveries; LookupError when there is none."""
    context.current()
    return _installed[-1][0]


def schedules() -> Schedules:
    """The running cloud's scheduled rules; LookupError when there is none."""
    context.current()
    return _installed[-1][1]
