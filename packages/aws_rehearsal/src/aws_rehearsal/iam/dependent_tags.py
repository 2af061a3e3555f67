"""The right to tag, of a call that makes something with tags."""

from __future__ import annotations

from collections.abc import Iterator

from aws_rehearsal.iam.call import Call, text
from aws_rehearsal.iam.call_context import Context, of_request, tags_of
from aws_rehearsal.iam.need import Need

_REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_"
_TAG = {
    "backup": ("TagResource", "https://docs.aws.amazon.com/aws-backup/latest/devguide/access-control.html"),
    "cloudtrail": ("AddTags", f"{_REFERENCE}awscloudtrail.html"),
    "cloudwatch": ("TagResource", "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"),
    "application-autoscaling": ("TagResource", f"{_REFERENCE}awsapplicationautoscaling.html"),
    "dynamodb": ("TagResource", "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.Operations.html"),
    "ecr": ("TagResource", f"{_REFERENCE}amazonelasticcontainerregistry.html"),
    "elasticbeanstalk": (
        "AddTags",
        "https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/AWSHowTo.iam.policies.access-tags.html",
    ),
    "elasticloadbalancing": ("AddTags", f"{_REFERENCE}awselasticloadbalancingv2.html"),
    "events": ("TagResource", "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html"),
    "kms": ("TagResource", "https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html"),
    "lambda": ("TagResource", "https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html"),
    "logs": ("TagResource", "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html"),
    "rds": ("AddTagsToResource", f"{_REFERENCE}amazonrds.html"),
    "scheduler": ("TagResource", "https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateScheduleGroup.html"),
    "secretsmanager": ("TagResource", "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html"),
    "sns": ("TagResource", "https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html"),
    "sqs": ("TagQueue", "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html"),
    "ssm": ("AddTagsToResource", "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"),
    "states": ("TagResource", "https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html"),
}
"""Prefix → the action that tags, and where AWS says that a creation with tags needs it.

Not of stacks: the deploying role of the CDK's bootstrap may not tag them, and deploys them with tags.
"""
_IAM = {
    "CreateInstanceProfile": "TagInstanceProfile",
    "CreatePolicy": "TagPolicy",
    "CreateRole": "TagRole",
    "CreateUser": "TagUser",
}
_IAM_SOURCE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html"
_EC2_SOURCE = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html"
_EC2_TYPES = {"elastic-ip": "elastic-ip", "natgateway": "natgateway"}
_MAKING = ("Copy", "Create", "Promote", "Publish", "Purchase", "Put", "Register", "Restore", "Start", "Update")
_TAGGED = {"kms:CreateKey": "key/*"}
"""What AWS names only while it makes it."""
_NOT_MADE = frozenset({"backup:StartBackupJob"})
"""Tags of what comes to be later: by AWS Backup's role, and not by the caller."""


def of(call: Call, own: list[Need]) -> Iterator[Need]:
    if call.prefix == "ec2":
        yield from _of_ec2(call)
        return
    if not call.operation.startswith(_MAKING) or f"{call.prefix}:{call.operation}" in _NOT_MADE:
        return
    tags = tags_of(call)
    action, source = (_IAM.get(call.operation, ""), _IAM_SOURCE) if call.prefix == "iam" else _TAG.get(call.prefix, ("", ""))
    if not tags or not action or not own:
        return
    made = _TAGGED.get(f"{call.prefix}:{call.operation}")
    named = tuple(
        arn for need in own if need.action == own[0].action for arn in need.resources
    )  # one need for each one's own tags
    resources = (call.arn(made),) if made else _tagged(call, named)
    name = f"{call.prefix}:{action}"
    yield Need(name, resources, of_request(call, name), source)


def _tagged(call: Call, resources: tuple[str, ...]) -> tuple[str, ...]:
    """Of RDS, the thing that is made and not what it is made of; of a log group, the ARN that tagging takes."""
    if call.prefix == "rds":
        target = [call.text(member).lower() for member in _RDS_TARGETS.get(call.operation, ()) if call.get(member)]
        found = tuple(arn for arn in resources if any(arn.endswith(f":{name}") for name in target))
        return found or resources[:1]
    if call.prefix == "logs":
        return tuple(arn.removesuffix(":log-stream:") for arn in resources)
    return resources


_RDS_TARGETS = {
    "CopyDBSnapshot": ("TargetDBSnapshotIdentifier",),
    "CreateDBInstance": ("DBInstanceIdentifier",),
    "CreateDBInstanceReadReplica": ("DBInstanceIdentifier",),
    "CreateDBSnapshot": ("DBSnapshotIdentifier",),
    "RestoreDBInstanceFromDBSnapshot": ("DBInstanceIdentifier",),
    "RestoreDBInstanceToPointInTime": ("TargetDBInstanceIdentifier",),
}


def _of_ec2(call: Call) -> Iterator[Need]:
    for specification in call.all("TagSpecifications") + call.all("TagSpecification"):
        tags = {text(tag.get("Key")): text(tag.get("Value", "")) for tag in specification.get("Tags") or []}
        kind = text(specification.get("ResourceType", "*"))
        if tags:
            context: Context = {f"aws:requesttag/{name.lower()}": (value,) for name, value in tags.items()}
            context |= {"aws:tagkeys": tuple(tags), "ec2:createaction": (call.operation,), "ec2:region": (call.region,)}
            yield Need("ec2:CreateTags", (call.arn(f"{_EC2_TYPES.get(kind, kind)}/*"),), context, _EC2_SOURCE)
