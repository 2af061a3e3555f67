"""SNS: notifications to functions and mailboxes, and none into a lost region."""

from __future__ import annotations

import json
from typing import Any

from moto.core.utils import iso_8601_datetime_with_milliseconds
from moto.sns.exceptions import SNSException
from moto.sns.models import SNSBackend, Subscription, Topic

from aws_rehearsal import events, keys
from aws_rehearsal.context import current
from aws_rehearsal.events.delivery import RefusedError
from aws_rehearsal.events.notification import MAIL, notify
from aws_rehearsal.patches import patch


@patch(SNSBackend, "publish_batch", source="2ddd04189799df50", why="stock moto lists it as a failed entry")
def publish_batch(original: Any, backend: Any, topic_arn: str, *args: Any, **options: Any) -> Any:
    _check_key(backend.get_topic(topic_arn))
    return original(backend, topic_arn, *args, **options)


@patch(Topic, "publish", source="8a3b92494536599f", why="stock moto publishes under a disabled key")
def publish_to_topic(original: Any, topic: Any, *args: Any, **options: Any) -> Any:
    _check_key(topic)
    return original(topic, *args, **options)


def _check_key(topic: Any) -> None:
    """API_Publish and API_PublishBatch: KMSDisabled, KMSInvalidState."""
    if found := keys.unusable(topic.kms_master_key_id, topic.account_id, topic.sns_backend.region_name):
        raise SNSException("KMSDisabled" if found.disabled else "KMSInvalidState", found.said)


@patch(
    Subscription,
    "publish",
    source="fd07bd0bb87fbe2a",
    why="moto drops e-mail, and hands functions a made-up notification, synchronously",
)
def publish(original: Any, subscription: Any, message: str, message_id: str, **options: Any) -> None:
    ours = subscription.protocol == "lambda" or subscription.protocol in MAIL
    if not ours:
        delivery = events.delivery()
        if subscription.protocol != "sqs":
            original(subscription, message, message_id, **options)
        elif delivery.lost(subscription.endpoint):
            delivery.fail(subscription.topic.arn, subscription.endpoint, "the target's region is lost")
        elif _wanted(subscription, message, options.get("message_attributes")):
            try:
                delivery.check(subscription.topic.arn, {"Arn": subscription.endpoint})
            except RefusedError as error:
                delivery.fail(subscription.topic.arn, subscription.endpoint, str(error))
                _to_dead_letters(subscription, message, message_id, options)
            else:
                original(subscription, message, message_id, **options)
        return
    attributes = options.get("message_attributes")
    if not _wanted(subscription, message, attributes):
        return
    notify(current(), events.delivery(), subscription, _notification(subscription, message, message_id, options))


def _wanted(subscription: Any, message: str, attributes: Any) -> bool:
    """By the subscription's filter."""
    matcher = subscription._filter_policy_matcher  # noqa: SLF001  the original reads it the same way
    return bool(matcher is None or matcher.matches(attributes, message))


def _notification(subscription: Any, message: str, message_id: str, options: dict[str, Any]) -> dict[str, Any]:
    if options.get("message_structure") == "json":
        message = subscription._parse_message_structure(message, subscription.protocol)  # noqa: SLF001  likewise
    return {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": subscription.topic.arn,
        "Subject": options.get("subject"),
        "Message": message,
        "Timestamp": iso_8601_datetime_with_milliseconds(),
        "MessageAttributes": options.get("message_attributes") or {},
    }


def _to_dead_letters(subscription: Any, message: str, message_id: str, options: dict[str, Any]) -> None:
    """What a subscription could not deliver: to the queue of its redrive policy, which must let SNS in as well."""
    redrive = subscription.attributes.get("RedrivePolicy")
    if not redrive:
        return
    queue = json.loads(redrive)["deadLetterTargetArn"]
    raw = str(subscription.attributes.get("RawMessageDelivery", "")).lower() == "true"
    text = message if raw else json.dumps(_notification(subscription, message, message_id, options))
    events.delivery().send(subscription.topic.arn, {"Arn": queue, "DeadLetter": True}, text)
