"""Queues and topics that let AWS deliver to them: for tests whose subject is not who may."""

from __future__ import annotations

import json

from aws_rehearsal import ACCOUNT, Cloud

SERVICES = ["events.amazonaws.com", "sns.amazonaws.com"]


def open_queue(cloud: Cloud, name: str, region: str) -> str:
    """The ARN of a new queue that rules and topics may send to."""
    arn = f"arn:aws:sqs:{region}:{ACCOUNT}:{name}"
    cloud.client("sqs", region).create_queue(QueueName=name, Attributes={"Policy": _policy("sqs:SendMessage", arn)})
    return arn


def open_topic(cloud: Cloud, name: str, region: str) -> str:
    """The ARN of a new topic that rules may publish to."""
    sns = cloud.client("sns", region)
    arn = str(sns.create_topic(Name=name)["TopicArn"])
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=_policy("sns:Publish", arn))
    return arn


def _policy(action: str, arn: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": SERVICES}, "Action": action, "Resource": arn}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
