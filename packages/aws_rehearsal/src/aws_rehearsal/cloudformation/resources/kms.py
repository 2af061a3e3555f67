"""KMS keys, replicas and aliases."""

from __future__ import annotations

import json
from typing import Any

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, tags

_DEFAULT_WINDOW = 30


class Key(Handler):
    type = "AWS::KMS::Key"

    def create(self, context: Context, properties: Properties) -> Physical:
        kms = context.client("kms")
        key = kms.create_key(
            Tags=tags(properties, "TagKey", "TagValue"),
            **_policy(properties),
            **properties.pick("Description", "KeyUsage", "KeySpec", "MultiRegion", "Origin"),
        )["KeyMetadata"]
        context.started(key["KeyId"])
        _switch(kms, key["KeyId"], properties)
        return Physical(key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        kms = context.client("kms")
        if "KeyPolicy" in new:
            kms.put_key_policy(KeyId=physical.id, PolicyName="default", **_policy(new))
        kms.update_key_description(KeyId=physical.id, Description=new.get("Description", ""))
        if old.get("EnableKeyRotation") and not new.get("EnableKeyRotation"):
            kms.disable_key_rotation(KeyId=physical.id)
        _retag(kms, physical.id, old, new)
        _switch(kms, physical.id, new, was_disabled=old.get("Enabled") is False)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:
        _schedule_deletion(context.client("kms"), physical.id, properties)


class ReplicaKey(Handler):
    """A replica of another region's key; made through the primary key's region, as KMS does it."""

    type = "AWS::KMS::ReplicaKey"

    def create(self, context: Context, properties: Properties) -> Physical:
        primary = properties["PrimaryKeyArn"]
        replica = context.client("kms", primary.split(":")[3]).replicate_key(
            KeyId=primary.rsplit("/", 1)[-1],  # moto knows keys by their id only
            ReplicaRegion=context.region,
            Tags=tags(properties, "TagKey", "TagValue"),
            **_policy(properties),
            **properties.pick("Description"),
        )["ReplicaKeyMetadata"]
        context.started(replica["KeyId"])
        _switch(context.client("kms"), replica["KeyId"], properties)
        return Physical(replica["KeyId"], {"Arn": replica["Arn"], "KeyId": replica["KeyId"]})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        kms = context.client("kms")
        kms.put_key_policy(KeyId=physical.id, PolicyName="default", **_policy(new))
        kms.update_key_description(KeyId=physical.id, Description=new.get("Description", ""))
        _retag(kms, physical.id, old, new)
        _switch(kms, physical.id, new, was_disabled=old.get("Enabled") is False)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:
        _schedule_deletion(context.client("kms"), physical.id, properties)


class Alias(Handler):
    type = "AWS::KMS::Alias"

    def create(self, context: Context, properties: Properties) -> Physical:
        context.client("kms").create_alias(AliasName=properties["AliasName"], TargetKeyId=properties["TargetKeyId"])
        return Physical(properties["AliasName"])

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:  # noqa: ARG002
        context.client("kms").update_alias(AliasName=physical.id, TargetKeyId=new["TargetKeyId"])
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("kms").delete_alias(AliasName=physical.id)


def _policy(properties: Properties) -> dict[str, str]:
    policy = properties.get("KeyPolicy")
    if not policy:
        return {}
    return {"Policy": policy if isinstance(policy, str) else json.dumps(policy)}


def _switch(kms: Any, key: str, properties: Properties, *, was_disabled: bool = False) -> None:
    """Rotation, and whether the key is enabled."""
    if properties.get("EnableKeyRotation"):
        kms.enable_key_rotation(KeyId=key, **properties.pick("RotationPeriodInDays"))
    if properties.get("Enabled") is False:
        kms.disable_key(KeyId=key)
    elif was_disabled:
        kms.enable_key(KeyId=key)


def _retag(kms: Any, key: str, old: Properties, new: Properties) -> None:
    if stale := [tag["TagKey"] for tag in tags(old, "TagKey", "TagValue")]:
        kms.untag_resource(KeyId=key, TagKeys=stale)
    if labels := tags(new, "TagKey", "TagValue"):
        kms.tag_resource(KeyId=key, Tags=labels)


def _schedule_deletion(kms: Any, key: str, properties: Properties) -> None:
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=properties.get("PendingWindowInDays", _DEFAULT_WINDOW))
