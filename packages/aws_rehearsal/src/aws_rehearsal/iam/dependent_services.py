"""What the other services do in their caller's name, and what the roles that they are handed must be allowed."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from urllib.parse import unquote, urlsplit

from aws_rehearsal.cloudformation.errors import ValidationError
from aws_rehearsal.cloudformation.parameters import SSM_VALUE
from aws_rehearsal.cloudformation.template import parse
from aws_rehearsal.iam.call import PARTITION, Call, account_of, text
from aws_rehearsal.iam.call_resources import role_arn, stack_arn
from aws_rehearsal.iam.dependent_keys import Rule, via
from aws_rehearsal.iam.need import Need

SCALING = "https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html"
QUOTAS = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_servicequotas.html"
BEANSTALK = "https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/concepts-roles-user.html"
BEANSTALK_ALL = "https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/AWSHowTo.iam.example.resource.html"
STACK_PARAMETERS = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html"
STACK_REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html"
STACK_TEMPLATE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html"
FUNCTION = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html"
FUNCTION_VPC = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html"
REPLICAS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2gt_IAM.html"
RESTORE = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html"
TABLE_POLICY = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html"
COPIES = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html"
COPY_POLICY = "https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html"
ADVANCED = "https://docs.aws.amazon.com/aws-backup/latest/devguide/advanced-ddb-backup.html"
RESTORE_ROLE = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForRestores.html"
KEY = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html"
NESTED = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html"
PUBLISHING = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html"
ZONES = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html"

_ITEM_RIGHTS = ("BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem")


# ----------------------------------------------------------------- scaling, quotas
def _scalable(call: Call) -> Iterator[Need]:
    """Registering reads and writes the table's capacity; a policy puts and deletes alarms."""
    resource = call.text("ResourceId")
    if call.text("ServiceNamespace") == "dynamodb" and call.operation == "RegisterScalableTarget":
        table = call.arn(resource.partition("/index/")[0], prefix="dynamodb")
        for action in ("DescribeTable", "UpdateTable"):
            yield Need(f"dynamodb:{action}", (table,), {}, SCALING)


def _scaling_alarms(*actions: str) -> Rule:
    def rule(call: Call) -> Iterator[Need]:
        alarms = call.arn(f"alarm:TargetTracking-{call.text('ResourceId')}-*", prefix="cloudwatch")
        yield Need("cloudwatch:DescribeAlarms", (call.arn("alarm:*", prefix="cloudwatch"),), {}, SCALING)
        for action in actions:
            yield Need(f"cloudwatch:{action}", (alarms,), {}, SCALING)

    return rule


_QUOTA_ACTIONS = {
    "autoscaling": "autoscaling:DescribeAccountLimits",
    "cloudformation": "cloudformation:DescribeAccountLimits",
    "dynamodb": "dynamodb:DescribeLimits",
    "elasticloadbalancing": "elasticloadbalancing:DescribeAccountLimits",
    "iam": "iam:GetAccountSummary",
    "kinesis": "kinesis:DescribeLimits",
    "rds": "rds:DescribeAccountAttributes",
    "route53": "route53:GetAccountLimit",
}


def _quota(call: Call) -> Iterator[Need]:
    if action := _QUOTA_ACTIONS.get(call.text("ServiceCode")):
        yield Need(action, ("*",), {}, QUOTAS)


# --------------------------------------------------------------- Elastic Beanstalk
def _reads_of_environment(call: Call) -> Iterator[Need]:
    """The services that AWS names; of each, the actions that find an environment's instances and tell its state.

    AWS publishes no list by operation: its own minimum, `AWSElasticBeanstalkReadOnly`, holds all of these.
    """
    stacks = call.arn("stack/awseb-*", prefix="cloudformation")
    yield Need("cloudformation:DescribeStackResources", (stacks,), {}, BEANSTALK)
    yield Need("autoscaling:DescribeAutoScalingGroups", ("*",), {}, BEANSTALK)
    yield Need("ec2:DescribeInstances", ("*",), {"ec2:region": (call.region,)}, BEANSTALK)


def _name_of_environment(call: Call) -> Iterator[Need]:  # noqa: ARG001  a rule takes its call
    yield Need("elasticbeanstalk:CheckDNSAvailability", ("*",), {}, BEANSTALK_ALL)
    yield Need("elasticbeanstalk:CreateStorageLocation", ("*",), {}, BEANSTALK_ALL)


def _storage(call: Call) -> Iterator[Need]:  # noqa: ARG001  a rule takes its call
    yield Need("elasticbeanstalk:CreateStorageLocation", ("*",), {}, BEANSTALK_ALL)


def _bundle(call: Call) -> Iterator[Need]:
    bucket, key = call.text("SourceBundle.S3Bucket"), call.text("SourceBundle.S3Key")
    if bucket:
        yield Need("s3:GetObject", (f"arn:{PARTITION}:s3:::{bucket}/{key}",), {}, BEANSTALK)


# ------------------------------------------------------------------ CloudFormation
def _stack_template(call: Call) -> Iterator[Need]:
    """A template at a URL is read by the caller."""
    if found := _object_of(call.text("TemplateURL")):
        bucket, key = found
        yield Need("s3:GetObject", (f"arn:{PARTITION}:s3:::{bucket}/{key}",), {}, STACK_TEMPLATE)
        yield from via(call, ("Decrypt",), call.lookup.key(f"arn:{PARTITION}:s3:::{bucket}/{key}"), STACK_TEMPLATE, service="s3")


def _stack_parameters(call: Call) -> Iterator[Need]:
    """Read by the caller, unless a role is given: CloudFormation makes all its calls with that one's credentials."""
    if not call.text("RoleARN"):
        yield from _parameters_read(call)


def _stack_of_role(call: Call) -> Iterator[tuple[str, Need]]:
    """So stacks with parameters of SSM's are deployed by the roles of the CDK's bootstrap, whose deploying role may read only the
    bootstrap's version.
    """
    if role := call.text("RoleARN"):
        yield from ((role, need) for need in _parameters_read(call))


def _parameters_read(call: Call) -> Iterator[Need]:
    """Each parameter whose type names one of SSM's is read again with each change."""
    arn = stack_arn(call, call.text("StackName"))
    facts = call.lookup.facts(arn)
    body = call.text("TemplateBody")
    if not body and (found := _object_of(call.text("TemplateURL"))):
        body = call.lookup.facts(f"arn:{PARTITION}:s3:::{found[0]}/{found[1]}").get("text", "")
    body = body or facts.get("template", "")
    given = {text(each.get("ParameterKey")): each for each in call.all("Parameters")}
    names = []
    for name, default in _ssm_parameters(body):
        value = text(given.get(name, {}).get("ParameterValue") or "")
        names.append(value or facts.get(f"parameter/{name}", "") or default)
    if arns := tuple(call.arn(f"parameter/{name.removeprefix('/').partition(':')[0]}", prefix="ssm") for name in names if name):
        yield Need("ssm:GetParameters", tuple(dict.fromkeys(arns)), {}, STACK_PARAMETERS)


@functools.lru_cache(maxsize=64)
def _ssm_parameters(body: str) -> tuple[tuple[str, str], ...]:
    """Name and default of a template's parameters that name one of SSM's; of a template that is none, nothing."""
    try:
        document = json.loads(body) if body.lstrip().startswith("{") else parse(body).document if body else {}
    except (ValueError, ValidationError):
        return ()
    parameters = document.get("Parameters") or {}
    return tuple(
        (name, text(definition.get("Default", "")))
        for name, definition in parameters.items()
        if str(definition.get("Type", "")).startswith(SSM_VALUE)
    )


def _all_stacks(call: Call) -> Iterator[Need]:
    if not call.get("StackName"):
        yield Need("cloudformation:ListStacks", ("*",), {}, STACK_REFERENCE)


def _object_of(url: str) -> tuple[str, str] | None:
    """Bucket and key of S3's URLs: in the path, or with the bucket in the host."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", unquote(parts.path.lstrip("/"))
    if not host:
        return None
    if ".s3." in host or ".s3-" in host:
        return host.split(".s3", 1)[0], path
    bucket, _, key = path.partition("/")
    return (bucket, key) if bucket and key else None


# -------------------------------------------------------------------------- Lambda
def _function_network(call: Call) -> Iterator[Need]:
    if call.get("VpcConfig.SubnetIds"):
        for action in ("DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs"):
            yield Need(f"ec2:{action}", ("*",), {"ec2:region": (call.region,)}, FUNCTION_VPC)


def _function_code(call: Call) -> Iterator[Need]:
    """Code in S3 and layers are read by the caller."""
    bucket = call.text("Code.S3Bucket") or call.text("S3Bucket")
    key = call.text("Code.S3Key") or call.text("S3Key")
    if bucket:
        version = call.get("Code.S3ObjectVersion") or call.get("S3ObjectVersion")
        action = "s3:GetObjectVersion" if version else "s3:GetObject"
        arn = f"arn:{PARTITION}:s3:::{bucket}/{key}"
        yield Need(action, (arn,), {}, FUNCTION)
        yield from via(call, ("Decrypt",), call.lookup.key(arn), FUNCTION, service="s3")
    for layer in call.all("Layers"):
        yield Need("lambda:GetLayerVersion", (text(layer),), {}, FUNCTION)


def _network_of_role(call: Call) -> Iterator[tuple[str, Need]]:
    """Lambda makes and deletes the function's network interfaces as the execution role."""
    if not call.get("VpcConfig.SubnetIds"):
        return
    role = role_arn(call, call.text("Role")) if call.get("Role") else call.lookup.facts(_function_arn(call)).get("role", "")
    where = {"ec2:region": (call.region,)}
    interfaces = (call.arn("network-interface/*", prefix="ec2"),)
    subnets = tuple(call.arn(f"subnet/{text(name)}", prefix="ec2") for name in call.all("VpcConfig.SubnetIds"))
    groups = tuple(call.arn(f"security-group/{text(name)}", prefix="ec2") for name in call.all("VpcConfig.SecurityGroupIds"))
    if role:
        yield role, Need("ec2:CreateNetworkInterface", interfaces + subnets + groups, where, FUNCTION_VPC)
        yield role, Need("ec2:DescribeNetworkInterfaces", ("*",), where, FUNCTION_VPC)
        yield role, Need("ec2:DescribeSubnets", ("*",), where, FUNCTION_VPC)
        for action in ("DeleteNetworkInterface", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"):
            yield role, Need(f"ec2:{action}", interfaces, where, FUNCTION_VPC)


def _function_arn(call: Call) -> str:
    name = call.text("FunctionName")
    return name if name.startswith("arn:") else call.arn(f"function:{name}")


# ------------------------------------------------------------------------ DynamoDB
def _restored_table(call: Call) -> Iterator[Need]:
    """The caller reads and writes the new table: AWS writes its items in the caller's name."""
    name = call.text("TargetTableName")
    table = name if name.startswith("arn:") else call.arn(f"table/{name}")
    for action in _ITEM_RIGHTS:
        yield Need(f"dynamodb:{action}", (table,), {}, RESTORE)


def _replicas(call: Call) -> Iterator[Need]:
    """In the replica's region: what makes it and fills it, or what deletes it."""
    name = call.text("TableName")
    name = name.rsplit("/", 1)[-1]
    for update in call.all("ReplicaUpdates"):
        for kind, actions in (
            ("Create", ("CreateTable", "CreateTableReplica", *_ITEM_RIGHTS)),
            ("Delete", ("DeleteTable", "DeleteTableReplica")),
        ):
            if region := text((update.get(kind) or {}).get("RegionName") or ""):
                for action in actions:
                    yield Need(f"dynamodb:{action}", (call.arn(f"table/{name}", region=region),), {}, REPLICAS)


def _table_policy(call: Call) -> Iterator[Need]:
    if call.get("ResourcePolicy"):
        yield Need("dynamodb:PutResourcePolicy", (call.arn(f"table/{call.text('TableName')}"),), {}, TABLE_POLICY)


# ---------------------------------------------------------------------- AWS Backup
def _into_other_account(call: Call) -> Iterator[Need]:
    """Only another account's vault asks its policy for the one who copies."""
    vault = call.text("DestinationBackupVaultArn")
    if account_of(vault) not in {"", call.account}:
        yield Need("backup:CopyIntoBackupVault", (vault,), {}, COPY_POLICY)


def _copy_of_role(call: Call) -> Iterator[tuple[str, Need]]:
    """Both ends of the copy, of the role that AWS Backup copies as."""
    role, vault = call.text("IamRoleArn"), call.text("DestinationBackupVaultArn")
    if role and vault:
        point = (call.text("RecoveryPointArn"),)
        yield role, Need("backup:CopyFromBackupVault", point, {"backup:copytargets": (vault,)}, COPIES)
        yield role, Need("backup:CopyIntoBackupVault", (vault,), {}, COPIES)
        yield role, Need("backup:DescribeBackupVault", (vault,), {}, COPIES)
        key = call.lookup.key(vault)
        for need in via(call, ("DescribeKey", "CreateGrant"), key, COPIES, service="backup"):
            yield role, need


def _backup_of_role(call: Call) -> Iterator[tuple[str, Need]]:
    """A table with AWS Backup's advanced features is backed up by an action that only policies know."""
    role, arn = call.text("IamRoleArn"), call.text("ResourceArn")
    if role and ":dynamodb:" in arn:
        yield role, Need("dynamodb:StartAwsBackupJob", (arn,), {}, ADVANCED)


def _restore_of_role(call: Call) -> Iterator[tuple[str, Need]]:
    """Both ends: what is restored from, and the table that is made and filled."""
    role, point = call.text("IamRoleArn"), call.text("RecoveryPointArn")
    name = text((call.parameters.get("Metadata") or {}).get("targetTableName", ""))
    if role and name:
        table = (call.arn(f"table/{name}", prefix="dynamodb"),)
        advanced = ":dynamodb:" not in point
        yield (
            role,
            Need("dynamodb:RestoreTableFromAwsBackup" if advanced else "dynamodb:RestoreTableFromBackup", table, {}, ADVANCED),
        )
        for action in ("DescribeTable", *_ITEM_RIGHTS):
            yield role, Need(f"dynamodb:{action}", table, {}, RESTORE_ROLE)


# ------------------------------------------------------------------------- the rest
def _key_policy(call: Call) -> Iterator[Need]:
    if call.get("Policy"):
        yield Need("kms:PutKeyPolicy", (call.arn("key/*"),), {"kms:calleraccount": (call.account,)}, KEY)


def _published_version(call: Call) -> Iterator[Need]:
    if call.get("publish"):
        arn = call.text("stateMachineArn") or call.arn(f"stateMachine:{call.text('name')}")
        yield Need("states:PublishStateMachineVersion", (arn,), {}, PUBLISHING)


def _nested_of_role(call: Call) -> Iterator[tuple[str, Need]]:
    """A state machine that waits for another one hears of its end by a rule of AWS's, which its role must be able to make."""
    role, definition = call.text("roleArn"), call.text("definition")
    if role and "states:startExecution.sync" in definition:
        rule = (call.arn("rule/StepFunctionsGetEventsForStepFunctionsExecutionRule", prefix="events"),)
        managed = {"events:managedby": ("states.amazonaws.com",)}
        for action in ("PutTargets", "PutRule", "DescribeRule"):
            yield role, Need(f"events:{action}", rule, managed if action != "DescribeRule" else {}, NESTED)


def _private_zone(call: Call) -> Iterator[Need]:
    if call.get("VPC.VPCId"):
        yield Need("ec2:DescribeVpcs", ("*",), {"ec2:region": (call.text("VPC.VPCRegion") or call.region,)}, ZONES)


_STACK: tuple[Rule, ...] = (_stack_template, _stack_parameters)

RULES: dict[str, tuple[Rule, ...]] = {
    "application-autoscaling:DeleteScalingPolicy": (_scaling_alarms("DeleteAlarms"),),
    "application-autoscaling:DeregisterScalableTarget": (_scaling_alarms("DeleteAlarms"),),
    "application-autoscaling:PutScalingPolicy": (_scaling_alarms("PutMetricAlarm", "DeleteAlarms"),),
    "application-autoscaling:RegisterScalableTarget": (_scalable,),
    "backup:StartCopyJob": (_into_other_account,),
    "cloudformation:CreateChangeSet": _STACK,
    "cloudformation:CreateStack": _STACK,
    "cloudformation:DescribeStacks": (_all_stacks,),
    "cloudformation:UpdateStack": _STACK,
    "dynamodb:CreateTable": (_table_policy,),
    "dynamodb:RestoreTableFromBackup": (_restored_table,),
    "dynamodb:RestoreTableToPointInTime": (_restored_table,),
    "dynamodb:UpdateTable": (_replicas,),
    "elasticbeanstalk:CreateApplication": (_storage,),
    "elasticbeanstalk:CreateApplicationVersion": (_bundle,),
    "elasticbeanstalk:CreateEnvironment": (_name_of_environment, _reads_of_environment),
    "elasticbeanstalk:RestartAppServer": (_reads_of_environment,),
    "elasticbeanstalk:TerminateEnvironment": (_reads_of_environment,),
    "elasticbeanstalk:UpdateEnvironment": (_reads_of_environment,),
    "kms:CreateKey": (_key_policy,),
    "kms:ReplicateKey": (_key_policy,),
    "lambda:CreateFunction": (_function_network, _function_code),
    "lambda:UpdateFunctionCode": (_function_code,),
    "lambda:UpdateFunctionConfiguration": (_function_network, _function_code),
    "route53:AssociateVPCWithHostedZone": (_private_zone,),
    "route53:CreateHostedZone": (_private_zone,),
    "servicequotas:GetServiceQuota": (_quota,),
    "servicequotas:ListServiceQuotas": (_quota,),
    "states:CreateStateMachine": (_published_version,),
    "states:UpdateStateMachine": (_published_version,),
}
"""Operation → the rules that say what its caller needs besides."""

RULES_OF_ROLES: dict[str, tuple[Callable[[Call], Iterator[tuple[str, Need]]], ...]] = {
    "backup:StartBackupJob": (_backup_of_role,),
    "backup:StartRestoreJob": (_restore_of_role,),
    "backup:StartCopyJob": (_copy_of_role,),
    **dict.fromkeys((f"cloudformation:{each}" for each in ("CreateChangeSet", "CreateStack", "UpdateStack")), (_stack_of_role,)),
    "lambda:CreateFunction": (_network_of_role,),
    "lambda:UpdateFunctionConfiguration": (_network_of_role,),
    "states:CreateStateMachine": (_nested_of_role,),
    "states:UpdateStateMachine": (_nested_of_role,),
}
"""Operation → the rules that say what the role it hands over needs."""
