"""SNS notifications to Lambda functions and mailboxes; moto itself serves queues and HTTP endpoints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_rehearsal.events.mail import Mail, send

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud
    from aws_rehearsal.events.delivery import Delivery

MAIL = frozenset({"email", "email-json"})


def notify(cloud: Cloud, delivery: Delivery, subscription: Any, notification: dict[str, Any]) -> None:
    """Deliver a notification (Type, MessageId, TopicArn, Subject, Message, …) to a moto subscription."""
    if subscription.protocol in MAIL:
        text = json.dumps(notification) if subscription.protocol == "email-json" else notification["Message"]
        mail = Mail(subscription.topic.arn, subscription.endpoint, notification["Subject"], text, cloud.clock.now())
        send(cloud, mail)
        return
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "Sns": notification,
    }
    target = {"Arn": subscription.endpoint}
    if redrive := subscription.attributes.get("RedrivePolicy"):
        target["DeadLetterConfig"] = {"Arn": json.loads(redrive)["deadLetterTargetArn"]}
    delivery.send(subscription.topic.arn, target, json.dumps({"Records": [record]}))
