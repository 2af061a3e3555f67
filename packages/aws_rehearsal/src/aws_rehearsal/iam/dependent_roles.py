"""`iam:PassRole`, of every call that hands a role to a service of AWS.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aws_rehearsal.iam import service_reference
from aws_rehearsal.iam.call import Call, text
from aws_rehearsal.iam.call_resources import function_arn, role_arn
from aws_rehearsal.iam.need import Need

SOURCE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"
_BACKUP = "backup.amazonaws.com"
_TESTING = "restore-testing.backup.amazonaws.com"
"""https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupFullAccess.html names both."""
_CLOUDFORMATION = "cloudformation.amazonaws.com"
_MONITORING = "monitoring.rds.amazonaws.com"

PASSED: dict[str, tuple[tuple[str, str], ...]] = {
    "application-autoscaling:RegisterScalableTarget": (("RoleARN", "application-autoscaling.amazonaws.com"),),
    "backup:CreateBackupSelection": (("BackupSelection.IamRoleArn", _BACKUP),),
    "backup:CreateRestoreTestingSelection": (("RestoreTestingSelection.IamRoleArn", _TESTING),),
    "backup:StartBackupJob": (("IamRoleArn", _BACKUP),),
    "backup:StartCopyJob": (("IamRoleArn", _BACKUP),),
    "backup:StartRestoreJob": (("IamRoleArn", _BACKUP),),
    "backup:UpdateRestoreTestingSelection": (("RestoreTestingSelection.IamRoleArn", _TESTING),),
    "cloudformation:ContinueUpdateRollback": (("RoleARN", _CLOUDFORMATION),),
    "cloudformation:CreateChangeSet": (("RoleARN", _CLOUDFORMATION),),
    "cloudformation:CreateStack": (("RoleARN", _CLOUDFORMATION),),
    "cloudformation:DeleteStack": (("RoleARN", _CLOUDFORMATION),),
    "cloudformation:RollbackStack": (("RoleARN", _CLOUDFORMATION),),
    "cloudformation:UpdateStack": (("RoleARN", _CLOUDFORMATION),),
    "cloudtrail:CreateTrail": (("CloudWatchLogsRoleArn", "cloudtrail.amazonaws.com"),),
    "cloudtrail:UpdateTrail": (("CloudWatchLogsRoleArn", "cloudtrail.amazonaws.com"),),
    "config:PutConfigurationRecorder": (("ConfigurationRecorder.roleARN", "config.amazonaws.com"),),
    "ec2:CreateFlowLogs": (("DeliverLogsPermissionArn", "vpc-flow-logs.amazonaws.com"),),
    "elasticbeanstalk:CreateEnvironment": (("OperationsRole", "elasticbeanstalk.amazonaws.com"),),
    "elasticbeanstalk:AssociateEnvironmentOperationsRole": (("OperationsRole", "elasticbeanstalk.amazonaws.com"),),
    "events:PutRule": (("RoleArn", "events.amazonaws.com"),),
    "events:PutTargets": (("Targets.RoleArn", "events.amazonaws.com"),),
    "iam:AddRoleToInstanceProfile": (("RoleName", "ec2.amazonaws.com"),),
    "lambda:CreateFunction": (("Role", "lambda.amazonaws.com"),),
    "lambda:UpdateFunctionConfiguration": (("Role", "lambda.amazonaws.com"),),
    "logs:PutDestination": (("roleArn", "logs.amazonaws.com"),),
    "logs:PutSubscriptionFilter": (("roleArn", "logs.amazonaws.com"),),
    "rds:AddRoleToDBInstance": (("RoleArn", "rds.amazonaws.com"),),
    "rds:CreateDBInstance": (("MonitoringRoleArn", _MONITORING), ("DomainIAMRoleName", "rds.amazonaws.com")),
    "rds:CreateDBInstanceReadReplica": (("MonitoringRoleArn", _MONITORING), ("DomainIAMRoleName", "rds.amazonaws.com")),
    "rds:ModifyDBInstance": (("MonitoringRoleArn", _MONITORING), ("DomainIAMRoleName", "rds.amazonaws.com")),
    "rds:RemoveRoleFromDBInstance": (("RoleArn", "rds.amazonaws.com"),),
    "rds:RestoreDBInstanceFromDBSnapshot": (("DomainIAMRoleName", "rds.amazonaws.com"),),
    "rds:RestoreDBInstanceFromS3": (("S3IngestionRoleArn", "rds.amazonaws.com"), ("MonitoringRoleArn", _MONITORING)),
    "rds:RestoreDBInstanceToPointInTime": (("DomainIAMRoleName", "rds.amazonaws.com"),),
    "rds:StartExportTask": (("IamRoleArn", "export.rds.amazonaws.com"),),
    "s3:PutBucketReplication": (("ReplicationConfiguration.Role", "s3.amazonaws.com"),),
    "scheduler:CreateSchedule": (("Target.RoleArn", "scheduler.amazonaws.com"),),
    "scheduler:UpdateSchedule": (("Target.RoleArn", "scheduler.amazonaws.com"),),
    "states:CreateStateMachine": (("roleArn", "states.amazonaws.com"),),
    "states:TestState": (("roleArn", "states.amazonaws.com"),),
    "states:UpdateStateMachine": (("roleArn", "states.amazonaws.com"),),
}
"""Operation → (the member that holds a role's ARN or name, the service that it is passed to)."""
_OPTIONS = {
    ("aws:elasticbeanstalk:environment", "ServiceRole"): "elasticbeanstalk.amazonaws.com",
    ("aws:autoscaling:launchconfiguration", "IamInstanceProfile"): "ec2.amazonaws.com",
}
"""Elastic Beanstalk's option settings that name a role or an instance profile."""


def of(call: Call) -> Iterator[Need]:
    name = f"{call.prefix}:{call.operation}"
    seen = set()
    for member, service in PASSED.get(name, ()):
        for value in call.all(member):
            arn = role_arn(call, text(value))
            seen.add(text(value))
            yield _pass(call, arn, service)
    if call.prefix == "elasticbeanstalk":
        yield from _of_options(call)
    elif name in {"ec2:RunInstances", "ec2:AssociateIamInstanceProfile"}:
        yield from _of_profile(call)
    elif name in {"sns:CreateTopic", "sns:SetTopicAttributes"}:
        yield from _of_feedback(call)
    elif name not in PASSED and "iam:PassRole" in _dependents(call):
        for value in _role_arns(call.parameters):
            if value not in seen:
                yield _pass(call, value, f"{call.prefix}.amazonaws.com")


def _pass(call: Call, arn: str, service: str) -> Need:
    context = {"iam:passedtoservice": (service,)}
    if associated := _associated(call):
        context["iam:associatedresourcearn"] = (associated,)
    return Need("iam:PassRole", (arn,), context, SOURCE)


def _associated(call: Call) -> str:
    """What the role will act for, where the call names it: iam:AssociatedResourceArn."""
    if call.prefix == "lambda" and call.get("FunctionName"):
        return function_arn(call, call.text("FunctionName"))
    if call.prefix == "states":
        return call.text("stateMachineArn") or (call.arn(f"stateMachine:{call.text('name')}") if call.get("name") else "")
    if call.prefix == "rds" and call.get("DBInstanceIdentifier"):
        return call.arn(f"db:{call.text('DBInstanceIdentifier').lower()}")
    return ""


def _of_options(call: Call) -> Iterator[Need]:
    for option in call.all("OptionSettings"):
        service = _OPTIONS.get((text(option.get("Namespace", "")), text(option.get("OptionName", ""))))
        value = text(option.get("Value") or "")
        if service and value:
            profile = service.startswith("ec2")
            arn = call.lookup.arn("instance-profile-role", value, "") if profile else role_arn(call, value)
            yield _pass(call, arn or call.arn("role/*", prefix="iam", region=""), service)


def _of_profile(call: Call) -> Iterator[Need]:
    for name in [*call.all("IamInstanceProfile.Name"), *call.all("IamInstanceProfile.Arn")]:
        arn = call.lookup.arn("instance-profile-role", text(name), "") or call.arn("role/*", prefix="iam", region="")
        yield _pass(call, arn, "ec2.amazonaws.com")


def _of_feedback(call: Call) -> Iterator[Need]:
    attributes = call.parameters.get("Attributes") or {call.text("AttributeName"): call.text("AttributeValue")}
    for name, value in attributes.items():
        if name.endswith("FeedbackRoleArn") and value:
            yield _pass(call, text(value), "sns.amazonaws.com")


def _dependents(call: Call) -> tuple[str, ...]:
    try:
        return service_reference.action(f"{call.prefix}:{call.operation}").dependents
    except service_reference.UnknownActionError:
        return ()


def _role_arns(value: Any) -> Iterator[str]:
    """Of an operation that has no line above, every role's ARN in it."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _role_arns(each)
    elif isinstance(value, list):
        for each in value:
            yield from _role_arns(each)
    elif isinstance(value, str) and value.startswith("arn:") and ":role/" in value and ":iam::" in value:
        yield value
