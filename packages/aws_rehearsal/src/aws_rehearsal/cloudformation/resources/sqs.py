"""SQS queues and their policies."""

from __future__ import annotations

import json
from typing import Any

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, stands, tag_map

_ATTRIBUTES = (
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
)


class Queue(Handler):
    type = "AWS::SQS::Queue"

    def taken(self, context: Context, properties: Properties) -> str:
        name = str(properties.get("QueueName") or "")
        return name if name and stands(context.client("sqs").get_queue_url, QueueName=name) else ""

    def create(self, context: Context, properties: Properties) -> Physical:
        sqs = context.client("sqs")
        name = properties.get("QueueName") or context.name(75) + (".fifo" if properties.get("FifoQueue") else "")
        url = sqs.create_queue(QueueName=name, Attributes=_attributes(properties), tags=tag_map(properties))["QueueUrl"]
        arn = f"arn:aws:sqs:{context.region}:{context.account}:{name}"
        return Physical(url, {"Arn": arn, "QueueName": name, "QueueUrl": url})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        sqs = context.client("sqs")
        attributes = {name: value for name, value in _attributes(new).items() if name != "FifoQueue"}
        sqs.set_queue_attributes(QueueUrl=physical.id, Attributes=attributes)
        if stale := list(tag_map(old)):
            sqs.untag_queue(QueueUrl=physical.id, TagKeys=stale)
        if labels := tag_map(new):
            sqs.tag_queue(QueueUrl=physical.id, Tags=labels)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("sqs").delete_queue(QueueUrl=physical.id)


class QueuePolicy(Handler):
    type = "AWS::SQS::QueuePolicy"

    def create(self, context: Context, properties: Properties) -> Physical:
        self._put(context, properties)
        identifier = context.name()
        return Physical(identifier, {"Id": identifier})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:  # noqa: ARG002
        self._put(context, new)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        for queue in properties["Queues"]:
            context.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": ""})

    def _put(self, context: Context, properties: Properties) -> None:
        for queue in properties["Queues"]:
            policy = _text(properties["PolicyDocument"])
            context.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})


def _attributes(properties: Properties) -> dict[str, str]:
    return {name: _text(value) for name, value in properties.pick(*_ATTRIBUTES).items()}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict) else str(value)
