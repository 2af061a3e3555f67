"""CloudWatch log groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_rehearsal.cloudformation.handler import Context, Handler, Physical, Properties, tag_map


class LogGroup(Handler):
    type = "AWS::Logs::LogGroup"
    named_by = "LogGroupName"

    def find(self, context: Context, name: str, wanted: Mapping[str, Any]) -> tuple[Physical, dict[str, Any]] | None:  # noqa: ARG002
        groups = context.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        for each in groups:
            if each["logGroupName"] == name:
                has = {"RetentionInDays": each["retentionInDays"]} if "retentionInDays" in each else {}
                arn = f"arn:aws:logs:{context.region}:{context.account}:log-group:{name}:*"
                return Physical(name, {"Arn": arn}), {"LogGroupName": name, **has}
        return None

    def create(self, context: Context, properties: Properties) -> Physical:
        logs = context.client("logs")
        name = properties.get("LogGroupName") or context.name(512)
        labels = {"tags": tag_map(properties)} if "Tags" in properties else {}
        logs.create_log_group(logGroupName=name, **properties.pick(kmsKeyId="KmsKeyId"), **labels)
        context.started(name)
        _retain(context, name, properties)
        return Physical(name, {"Arn": f"arn:aws:logs:{context.region}:{context.account}:log-group:{name}:*"})

    def update(self, context: Context, physical: Physical, old: Properties, new: Properties) -> Physical:
        logs = context.client("logs")
        arn = physical.attributes["Arn"].removesuffix(":*")
        if old.get("KmsKeyId") and not new.get("KmsKeyId"):
            logs.disassociate_kms_key(logGroupName=physical.id)
        if new.get("KmsKeyId"):
            logs.associate_kms_key(logGroupName=physical.id, kmsKeyId=new["KmsKeyId"])
        if stale := list(tag_map(old)):
            logs.untag_resource(resourceArn=arn, tagKeys=stale)
        if labels := tag_map(new):
            logs.tag_resource(resourceArn=arn, tags=labels)
        if "RetentionInDays" not in new:
            logs.delete_retention_policy(logGroupName=physical.id)
        _retain(context, physical.id, new)
        return physical

    def delete(self, context: Context, physical: Physical, properties: Properties) -> None:  # noqa: ARG002
        context.client("logs").delete_log_group(logGroupName=physical.id)


def _retain(context: Context, name: str, properties: Properties) -> None:
    if "RetentionInDays" in properties:
        context.client("logs").put_retention_policy(logGroupName=name, retentionInDays=properties["RetentionInDays"])
