"""Secrets, given or generated, and their replicas."""

from __future__ import annotations

import json
from typing import Any

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, tags

_PASSWORD = (
    "ExcludeCharacters",
    "ExcludeLowercase",
    "ExcludeNumbers",
    "ExcludePunctuation",
    "ExcludeUppercase",
    "IncludeSpace",
    "PasswordLength",
    "RequireEachIncludedType",
)


class Secret(Handler):
    type = "AWS::SecretsManager::Secret"

    def create(self, context: Context, properties: Properties) -> Physical:
        secrets = context.client("secretsmanager")
        arn = secrets.create_secret(
            Name=properties.get("Name") or context.name(),
            SecretString=_value(secrets, properties),
            Tags=tags(properties),
            **properties.pick("Description", "KmsKeyId", AddReplicaRegions="ReplicaRegions"),
        )["ARN"]
        return Physical(arn, {"Id": arn})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        secrets = context.client("secretsmanager")
        given = new.pick("Description", "KmsKeyId")
        source = ("GenerateSecretString", "SecretString")
        if any(old.get(name) != new.get(name) for name in source) and any(name in new for name in source):
            given["SecretString"] = _value(secrets, new)
        secrets.update_secret(SecretId=physical.id, **given)
        before = {each["Region"] for each in old.get("ReplicaRegions", [])}
        after = {each["Region"] for each in new.get("ReplicaRegions", [])}
        if before - after:
            secrets.remove_regions_from_replication(SecretId=physical.id, RemoveReplicaRegions=sorted(before - after))
        if after - before:
            joining = [each for each in new["ReplicaRegions"] if each["Region"] not in before]
            secrets.replicate_secret_to_regions(SecretId=physical.id, AddReplicaRegions=joining)
        if stale := [tag["Key"] for tag in tags(old)]:
            secrets.untag_resource(SecretId=physical.id, TagKeys=stale)
        secrets.tag_resource(SecretId=physical.id, Tags=tags(new))
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:
        secrets = context.client("secretsmanager")
        regions = [each["Region"] for each in properties.get("ReplicaRegions", [])]
        if regions:
            secrets.remove_regions_from_replication(SecretId=physical.id, RemoveReplicaRegions=regions)
        secrets.delete_secret(SecretId=physical.id, ForceDeleteWithoutRecovery=True)


def _value(secrets: Any, properties: Properties) -> str:
    """The secret's text: as given, or a generated password, alone or under its key in the template."""
    if "SecretString" in properties:
        return str(properties["SecretString"])
    generate = properties.get("GenerateSecretString", {})
    password = secrets.get_random_password(**{name: generate[name] for name in _PASSWORD if name in generate})["RandomPassword"]
    if "SecretStringTemplate" not in generate:
        return str(password)
    return json.dumps({**json.loads(generate["SecretStringTemplate"]), generate["GenerateStringKey"]: password})
