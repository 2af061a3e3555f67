"""SNS topics, their subscriptions and their policies."""

from __future__ import annotations

import json
from typing import Any

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, stands, tags

_TEXTS = ("DisplayName", "KmsMasterKeyId", "SignatureVersion", "TracingConfig")


class Topic(Handler):
    type = "AWS::SNS::Topic"

    def taken(self, context: Context, properties: Properties) -> str:
        name = str(properties.get("TopicName") or "")
        arn = f"arn:aws:sns:{context.region}:{context.account}:{name}"
        return arn if name and stands(context.client("sns").get_topic_attributes, TopicArn=arn) else ""

    def create(self, context: Context, properties: Properties) -> Physical:
        sns = context.client("sns")
        fifo = bool(properties.get("FifoTopic"))
        name = properties.get("TopicName") or context.name(250) + (".fifo" if fifo else "")
        attributes = {**_settings(properties), **({"FifoTopic": "true"} if fifo else {})}
        arn = sns.create_topic(Name=name, Attributes=attributes, Tags=tags(properties))["TopicArn"]
        context.started(arn)
        for subscription in properties.get("Subscription", []):
            sns.subscribe(TopicArn=arn, Protocol=subscription["Protocol"], Endpoint=subscription["Endpoint"])
        return Physical(arn, {"TopicArn": arn, "TopicName": name})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        sns = context.client("sns")
        settings = _settings(new)
        for name in {*_settings(old), *settings}:
            sns.set_topic_attributes(TopicArn=physical.id, AttributeName=name, AttributeValue=settings.get(name, ""))
        wanted = {(each["Protocol"], each["Endpoint"]) for each in new.get("Subscription", [])}
        mine = {(each["Protocol"], each["Endpoint"]) for each in old.get("Subscription", [])}
        for each in sns.list_subscriptions_by_topic(TopicArn=physical.id)["Subscriptions"]:
            if (each["Protocol"], each["Endpoint"]) in mine - wanted:
                sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
        for protocol, endpoint in sorted(wanted - mine):
            sns.subscribe(TopicArn=physical.id, Protocol=protocol, Endpoint=endpoint)
        if stale := [tag["Key"] for tag in tags(old)]:
            sns.untag_resource(ResourceArn=physical.id, TagKeys=stale)
        sns.tag_resource(ResourceArn=physical.id, Tags=tags(new))
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("sns").delete_topic(TopicArn=physical.id)


class Subscription(Handler):
    type = "AWS::SNS::Subscription"

    def create(self, context: Context, properties: Properties) -> Physical:
        region = properties.get("Region") or context.region
        arn = context.client("sns", region).subscribe(
            TopicArn=properties["TopicArn"],
            Protocol=properties["Protocol"],
            Endpoint=properties["Endpoint"],
            Attributes=_subscription(properties),
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        return Physical(arn, {"Arn": arn})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        sns = context.client("sns", new.get("Region") or context.region)
        settings = _subscription(new)
        for name in {*_subscription(old), *settings}:
            sns.set_subscription_attributes(
                SubscriptionArn=physical.id, AttributeName=name, AttributeValue=settings.get(name, "")
            )
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:
        context.client("sns", properties.get("Region") or context.region).unsubscribe(SubscriptionArn=physical.id)


class TopicPolicy(Handler):
    type = "AWS::SNS::TopicPolicy"

    def create(self, context: Context, properties: Properties) -> Physical:
        self._put(context, properties)
        identifier = context.name()
        return Physical(identifier, {"Id": identifier})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:  # noqa: ARG002
        self._put(context, new)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:
        """The topic keeps the last policy it was given, as in AWS; it usually goes with the topic."""

    def _put(self, context: Context, properties: Properties) -> None:
        for topic in properties["Topics"]:
            context.client("sns").set_topic_attributes(
                TopicArn=topic, AttributeName="Policy", AttributeValue=_text(properties["PolicyDocument"])
            )


def _settings(properties: Properties) -> dict[str, str]:
    settings = {name: str(value) for name, value in properties.pick(*_TEXTS).items()}
    if properties.get("ContentBasedDeduplication") is not None:
        settings["ContentBasedDeduplication"] = str(properties["ContentBasedDeduplication"]).lower()
    return settings


def _subscription(properties: Properties) -> dict[str, str]:
    given = properties.pick("FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy", "DeliveryPolicy")
    return {name: _text(value) for name, value in given.items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
